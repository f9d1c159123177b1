"""May this order be written? Who may write one at all is a permission, not a rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial

from clinic.core.decision import Decision, Effect, Reason
from clinic.core.units import micrograms, plain
from clinic.dosing.facts import (
    RATIONALE_LENGTH_MIN,
    NaloxoneChallenge,
    NaltrexoneFindings,
    NaltrexoneGate,
    OpioidClass,
    OrderHistory,
    OrderPolicy,
    OrderProposal,
    UdsOpioid,
)
from clinic.dosing.rules.starts import naltrexone_gate
from clinic.stock.facts import FORMS_OF, Form, Medication

EPISODE_SOURCE = "42 CFR 8.12(e): admission comes before medication"
FORM_SOURCE = "42 CFR 8.12(h)(3)(i): methadone by mouth only; labels of the other products"
RECORD_SOURCE = "site policy: an order is never written for a day that has passed"
PORTION_SOURCE = "42 CFR 8.2, split dosing: one day's dose in separate portions"
EXCLUSION_SOURCE = "Vivitrol label: an opioid agonist and naltrexone exclude each other"
BUPRENORPHINE_SOURCE = "practice guidance for buprenorphine starts: COWS, 12, 24 and 48 hours"
NALTREXONE_SOURCE = "Vivitrol label: opioid-free 7-10 days, up to 2 weeks after longer opioids"
REPORTED_SOURCE = "record of another system, not confirmed here"

_POLICY = OrderPolicy()
_ask = partial(Reason, effect=Effect.ASK)
_inform = partial(Reason, effect=Effect.INFORM)
_HUNDRED = 100


def may_order(
    proposal: OrderProposal, *, history: OrderHistory, policy: OrderPolicy = _POLICY
) -> Decision:
    """May this order be written, and what must the prescriber look at first?

    Shape: a question (ASK) is answered by its code; those in ``TYPED_AGAIN`` by the dose itself.
    Source: the reasons'; the policy's numbers carry their own.
    """
    shape = [*_standing(proposal, history), *_shape(proposal, policy)]
    if any(reason.effect is Effect.STOP for reason in shape):
        return Decision.of(shape)
    return Decision.of(
        [
            *shape,
            *_exclusion(proposal, history),
            *_first_day(proposal, history, policy),
            *_increase(proposal, history, policy),
            *_jump(proposal, history, policy),
            *_taper(proposal, history, policy),
            *_heart(proposal, policy),
            *_buprenorphine(proposal, history),
            *_naltrexone(proposal, history),
        ]
    )


def _standing(proposal: OrderProposal, history: OrderHistory) -> Iterator[Reason]:
    if not history.is_admitted:
        yield Reason(
            "not_admitted",
            "The patient is not in a level of care at this site: admit first.",
            EPISODE_SOURCE,
        )
    if proposal.starts_on < history.today:
        yield Reason("starts_in_the_past", "The first day has already passed.", RECORD_SOURCE)


def _shape(proposal: OrderProposal, policy: OrderPolicy) -> Iterator[Reason]:
    if proposal.form not in FORMS_OF[proposal.medication]:
        yield Reason(
            "form",
            f"{proposal.medication.label} is not given here as {proposal.form.label.lower()}.",
            FORM_SOURCE,
        )
    if proposal.ends_on is not None and proposal.ends_on <= proposal.starts_on:
        yield Reason("no_days", "The order ends before it covers a day.", RECORD_SOURCE)
    if proposal.dose_mg <= 0:
        yield Reason("no_dose", "A dose is more than 0 mg.", PORTION_SOURCE)
    elif not _divides(proposal.dose_mg, proposal.portions):
        yield Reason(
            "portions",
            f"{plain(proposal.dose_mg)} mg do not divide into {proposal.portions} equal portions.",
            PORTION_SOURCE,
        )
    if proposal.form is Form.INJECTION:
        yield from _injection(proposal, policy)


def _divides(dose_mg: Decimal, portions: int) -> bool:
    try:
        return micrograms(dose_mg) % portions == 0
    except ValueError:
        return False


def _injection(proposal: OrderProposal, policy: OrderPolicy) -> Iterator[Reason]:
    longest = timedelta(days=policy.injection_days_max)
    if proposal.portions != 1:
        yield Reason("portions", "An injection has no portions.", policy.injection_source)
    if proposal.ends_on is None or proposal.ends_on - proposal.starts_on > longest:
        yield Reason(
            "injection_days",
            "An injection is ordered for the days on which it may be given:"
            f" at most {policy.injection_days_max}.",
            policy.injection_source,
        )


def _exclusion(proposal: OrderProposal, history: OrderHistory) -> Iterator[Reason]:
    for running in history.in_force:
        if _excludes(running.medication, proposal.medication):
            yield Reason(
                "agonist_and_naltrexone",
                f"Order {running.number} for {running.medication.label.lower()} is running:"
                " stop it first, then decide anew.",
                EXCLUSION_SOURCE,
            )
    for reported in dict.fromkeys(history.reported_active):
        if _excludes(reported, proposal.medication):
            yield _ask(
                "reported_conflict",
                f"Another system lists {reported.label.lower()} as active:"
                " make sure the patient does not take it.",
                REPORTED_SOURCE,
            )


def _excludes(one: Medication, other: Medication) -> bool:
    return (one.is_agonist and other.excludes_agonists) or (
        other.is_agonist and one.excludes_agonists
    )


def _first_day(
    proposal: OrderProposal, history: OrderHistory, policy: OrderPolicy
) -> Iterator[Reason]:
    if (
        proposal.medication is not Medication.METHADONE
        or not history.is_first_day
        or proposal.dose_mg <= policy.first_day_max_mg
    ):
        return
    over = (
        f"{plain(proposal.dose_mg)} mg on the first day;"
        f" the total is at most {plain(policy.first_day_max_mg)} mg"
    )
    if _has_reason(proposal):
        yield _inform(
            "first_day_documented", f"{over}; the reason is documented.", policy.first_day_source
        )
    else:
        yield Reason(
            "first_day_total",
            f"{over} unless the practitioner documents why more is needed.",
            policy.first_day_source,
        )


def _has_reason(proposal: OrderProposal) -> bool:
    return len(proposal.rationale.strip()) >= RATIONALE_LENGTH_MIN


def _increase(
    proposal: OrderProposal, history: OrderHistory, policy: OrderPolicy
) -> Iterator[Reason]:
    current = history.previous
    if (
        current is None
        or current.medication is not proposal.medication
        or proposal.medication is not Medication.METHADONE
        or proposal.dose_mg <= current.dose_mg
    ):
        return
    step_mg = proposal.dose_mg - current.dose_mg
    if step_mg > policy.increase_max_mg:
        yield _ask(
            "increase_step",
            f"An increase of {plain(step_mg)} mg at once;"
            f" usual is at most {plain(policy.increase_max_mg)} mg.",
            policy.increase_source,
        )
    if history.last_increase_on is not None:
        days = (proposal.starts_on - history.last_increase_on).days
        if days < policy.days_between_increases:
            yield _ask(
                "increase_too_soon",
                f"{days} days after the last increase; usual are at least"
                f" {policy.days_between_increases}.",
                policy.increase_source,
            )


def _jump(proposal: OrderProposal, history: OrderHistory, policy: OrderPolicy) -> Iterator[Reason]:
    current = history.previous
    if (
        current is None
        or current.medication is not proposal.medication
        or proposal.form is not current.form
    ):
        return
    before, after = current.dose_mg, proposal.dose_mg
    words = f"From {plain(before)} mg to {plain(after)} mg"
    if max(before, after) >= policy.tenfold * min(before, after):
        yield _ask(
            "dose_tenfold",
            f"{words} is tenfold or more: type the dose again.",
            policy.jump_source,
        )
    elif abs(after - before) * _HUNDRED > policy.jump_percent * before:
        yield _ask(
            "dose_jump",
            f"{words} is more than {policy.jump_percent} %: type the dose again.",
            policy.jump_source,
        )


def _taper(proposal: OrderProposal, history: OrderHistory, policy: OrderPolicy) -> Iterator[Reason]:
    highest = history.highest_dose_mg_this_week
    if highest is None or proposal.dose_mg >= highest or not proposal.medication.is_agonist:
        return
    if (highest - proposal.dose_mg) * _HUNDRED <= policy.taper_percent_a_week * highest:
        return
    over = (
        f"From {plain(highest)} mg to {plain(proposal.dose_mg)} mg within 7 days is more than"
        f" {policy.taper_percent_a_week} % a week"
    )
    if _has_reason(proposal):
        yield _inform("taper_documented", f"{over}; the reason is documented.", policy.taper_source)
    else:
        yield Reason("taper_pace", f"{over}: write down why.", policy.taper_source)


def _heart(proposal: OrderProposal, policy: OrderPolicy) -> Iterator[Reason]:
    if proposal.medication is not Medication.METHADONE:
        return
    qtc_ms = proposal.qtc_ms
    if proposal.dose_mg > policy.review_above_mg:
        yield _ask(
            "dose_above_review",
            f"Above {plain(policy.review_above_mg)} mg"
            + (": there is no ECG on file." if qtc_ms is None else f": last QTc {qtc_ms} ms."),
            policy.heart_source,
        )
    if qtc_ms is not None and qtc_ms > policy.qtc_review_ms:
        yield _ask(
            "qtc_review",
            f"QTc {qtc_ms} ms is above {policy.qtc_review_ms} ms: review whether methadone"
            " should be given at all.",
            policy.heart_source,
        )
    elif qtc_ms is not None and qtc_ms > policy.qtc_caution_ms:
        yield _ask(
            "qtc_caution",
            f"QTc {qtc_ms} ms is above {policy.qtc_caution_ms} ms.",
            policy.heart_source,
        )


def _buprenorphine(proposal: OrderProposal, history: OrderHistory) -> Iterator[Reason]:
    buprenorphine = {Medication.BUPRENORPHINE, Medication.BUPRENORPHINE_NALOXONE}
    continued = history.last_agonist is OpioidClass.BUPRENORPHINE and not history.is_first_day
    if proposal.medication in buprenorphine and not continued:
        yield _ask(
            "buprenorphine_start",
            "A first dose: enough withdrawal on the COWS and enough hours since the last opioid.",
            BUPRENORPHINE_SOURCE,
        )


def _naltrexone(proposal: OrderProposal, history: OrderHistory) -> Iterator[Reason]:
    if proposal.medication is not Medication.NALTREXONE:
        return
    current = history.previous
    if current is not None and current.medication is Medication.NALTREXONE:
        return
    if history.last_agonist is not None and history.last_agonist_on is not None:
        answer = naltrexone_gate(
            NaltrexoneFindings(
                opioid_class=history.last_agonist,
                days_since_last_opioid=(proposal.starts_on - history.last_agonist_on).days,
                uds_opioid=UdsOpioid.NEGATIVE,
                naloxone_challenge=NaloxoneChallenge.NOT_DONE,
            )
        )
        if answer.gate is NaltrexoneGate.BLOCK:
            yield from answer.decision.reasons
        elif answer.gate is NaltrexoneGate.NEED_CHALLENGE:
            for reason in answer.decision.reasons:
                yield _ask(reason.code, reason.message, reason.source)
    yield _ask(
        "naltrexone_start",
        "Urine negative for every opioid, no signs of withdrawal, no opioid for pain,"
        " liver checked.",
        NALTREXONE_SOURCE,
    )
