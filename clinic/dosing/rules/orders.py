"""May this order be written? Who may write one at all is a permission, not a rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial

from clinic.core.decision import Decision, Effect, Reason
from clinic.core.units import micrograms, plain
from clinic.dosing.facts import (
    LABEL_STRENGTHS_MG,
    RATIONALE_LENGTH_MIN,
    Exposure,
    OpioidClass,
    OrderHistory,
    OrderPolicy,
    OrderProposal,
    StartEvidence,
)
from clinic.dosing.rules.starts import buprenorphine_reasons, naltrexone_reasons
from clinic.stock.facts import FORMS_OF, Form, Medication

EPISODE_SOURCE = "42 CFR 8.12(e): admission comes before medication"
FORM_SOURCE = "42 CFR 8.12(h)(3)(i): methadone by mouth only; labels of the other products"
RECORD_SOURCE = "site policy: an order is never written for a day that has passed"
GUEST_SOURCE = "42 CFR 8.12(g)(2): one program, another only for the stay"
PORTION_SOURCE = "42 CFR 8.2, split dosing: one day's dose in separate portions"
EXCLUSION_SOURCE = "Vivitrol label: an opioid agonist and naltrexone exclude each other"
OVERRIDE_SOURCE = "ASAM 2020: low-dose and rapid starts are the prescriber's documented decision"
PRODUCT_SOURCE = "labels of the long-acting products"
RETURN_SOURCE = "site policy: the dose after missed days is the prescriber's decision"
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
    shape = [
        *_standing(proposal, history),
        *_guest(proposal, history),
        *_shape(proposal, policy),
    ]
    if any(reason.effect is Effect.STOP for reason in shape):
        return Decision.of(shape)
    return Decision.of(
        [
            *shape,
            *_replaced(proposal, history),
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
    for words in history.elsewhere:
        yield Reason(
            "ordered_elsewhere",
            f"{words}: one order for a patient and date. That site stops it first.",
            RECORD_SOURCE,
        )


def _guest(proposal: OrderProposal, history: OrderHistory) -> Iterator[Reason]:
    """A guest belongs to another program: no order outlasts the stay."""
    until = history.guest_until
    if until is not None and (proposal.ends_on is None or proposal.ends_on > until):
        last = until - timedelta(days=1)
        yield Reason(
            "guest_stay",
            f"A guest until {last:%d %b %Y}: the order ends with the stay. End the stay first"
            " if the patient transfers here.",
            GUEST_SOURCE,
        )


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
    product = proposal.product
    if product is None:
        return
    if product.medication is not proposal.medication:
        yield Reason(
            "product",
            f"{product.label} is not {proposal.medication.label.lower()}.",
            PRODUCT_SOURCE,
        )
    elif proposal.dose_mg not in LABEL_STRENGTHS_MG[product]:
        strengths = ", ".join(str(dose) for dose in sorted(LABEL_STRENGTHS_MG[product]))
        yield Reason(
            "label_strength",
            f"{product.label} comes as {strengths} mg, not {plain(proposal.dose_mg)} mg.",
            PRODUCT_SOURCE,
        )


def _replaced(proposal: OrderProposal, history: OrderHistory) -> Iterator[Reason]:
    """What the new order ends before it began, what today already holds, how long nothing came."""
    if history.planned:
        said = ", ".join(
            f"order {order.number} from {order.starts_on:%d %b} ({plain(order.dose_mg)} mg)"
            for order in history.planned
        )
        yield _inform("replaces_planned", f"Takes the place of {said}.", RECORD_SOURCE)
    if history.dosed_today and proposal.starts_on == history.today:
        yield _inform(
            "dosed_today",
            "Today's dose has been given: this order gives nothing more before tomorrow.",
            RECORD_SOURCE,
        )
    if history.missed_days:
        yield _inform(
            "returns_after_missed_days",
            f"{history.missed_days} days without a dose: read the tables beside this form;"
            " none is applied by itself.",
            RETURN_SOURCE,
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


def _evidence(history: OrderHistory) -> StartEvidence:
    """What is on record; without findings, at least the last agonist given here."""
    if history.start is not None:
        return history.start
    if history.last_agonist is None or history.last_agonist_on is None:
        return StartEvidence()
    source = f"{history.last_agonist.label} given here {history.last_agonist_on:%d %b}"
    return StartEvidence(
        exposures=(Exposure(history.last_agonist, history.last_agonist_on, source),)
    )


def _buprenorphine(proposal: OrderProposal, history: OrderHistory) -> Iterator[Reason]:
    """The gate of a first dose. A documented reason may override a wait, a tick never does."""
    buprenorphine = {Medication.BUPRENORPHINE, Medication.BUPRENORPHINE_NALOXONE}
    continued = history.last_agonist is OpioidClass.BUPRENORPHINE and not history.is_first_day
    if proposal.medication not in buprenorphine or continued:
        return
    for reason in buprenorphine_reasons(_evidence(history)):
        if reason.effect is Effect.STOP and _has_reason(proposal):
            message = f"{reason.message} The prescriber has documented why not to wait."
            yield _inform(f"{reason.code}_documented", message, OVERRIDE_SOURCE)
        else:
            yield reason


def _naltrexone(proposal: OrderProposal, history: OrderHistory) -> Iterator[Reason]:
    """The gate of a first dose. Nothing overrides it: a challenge not yet recorded is recorded."""
    if proposal.medication is not Medication.NALTREXONE:
        return
    current = history.previous
    if current is not None and current.medication is Medication.NALTREXONE:
        return
    yield from naltrexone_reasons(_evidence(history), on=proposal.starts_on)
