"""May this dose be given now? Asked for the queue, for the window, and inside the transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from clinic.core.decision import Decision, Effect, Reason
from clinic.core.service_dates import ONE_DAY
from clinic.core.units import micrograms, ml, plain, volume_ul_of
from clinic.dosing.facts import (
    DoseFacts,
    DoseGate,
    DoseGiven,
    DoseHistory,
    MissedDosePolicy,
    OrderInForce,
)
from clinic.dosing.rules.missed_doses import missed_days, missed_dose
from clinic.dosing.rules.take_homes import treatment_day
from clinic.stock.facts import Form, Pack
from clinic.stock.rules import units_for

ORDER_SOURCE = "42 CFR 8.12(h): doses under a practitioner's order"
ONCE_SOURCE = "42 CFR 8.12(h): the ordered dose, once a day"
HOLD_SOURCE = "site policy: a hold ends with a newer prescriber order"
REDOSE_SOURCE = "site policy: a vomited or partly swallowed dose is the prescriber's to decide"
CLOSED_SOURCE = "site calendar"
STOCK_SOURCE = "21 CFR 1304.21: every amount dispensed comes out of a recorded stock"
INJECTION_SOURCE = "REMS of the injectables: body site, lot and expiry are kept with each dose"
NOTICE_SOURCE = "site policy: administrative flags never block a dose"

CLOCK_SOURCE = "site policy; 21 CFR 1304.24(a): each dose with its true date"
CLAIM_SOURCE = "site policy: a patient is served at one window"

ELSEWHERE = "elsewhere"
ALREADY_GIVEN = "already_given"
ALREADY_COVERED = "already_covered"
ON_ITS_PAGE = "injection"
EXPIRY_NOTICE = timedelta(days=3)

_ask = partial(Reason, effect=Effect.ASK)
_inform = partial(Reason, effect=Effect.INFORM)


def may_dose(facts: DoseFacts) -> Decision:
    """May the ordered dose be given on this day, at this window?

    Invariant: a day already covered is never dosed again, whatever else is true.
    """
    if facts.clock_behind is not None:
        return Decision.of([_clock_behind(facts.clock_behind)])
    order = facts.order
    if order is None:
        given = [_under_another_order(dose) for dose in _live(facts)]
        return Decision.of([*given, *_covered(facts), *_hold(facts), _no_order(facts)])
    given = [*_already(facts, order), *_covered(facts)]
    if given:
        return Decision.of(given)
    return Decision.of(
        [
            *_elsewhere(facts),
            *_hold(facts),
            *_missed(facts, order),
            *_redose(facts, order),
            *_closed(facts),
            *_needle(facts, order),
            *_stock(facts, order),
            *_notices(facts, order),
        ]
    )


def next_portion(facts: DoseFacts) -> int:
    """The first portion of the day that is not yet given; the last one when all are."""
    portions = facts.order.portions if facts.order else 1
    given = {dose.portion for dose in _live(facts)} | {one.portion for one in facts.covered}
    return next((p for p in range(1, portions + 1) if p not in given), portions)


def next_series(facts: DoseFacts) -> tuple[int, DoseGiven | None]:
    """Which series a dose of this portion belongs to, and the voided dose it comes after."""
    tries = [dose for dose in facts.doses if dose.portion == facts.portion]
    last = max(tries, key=lambda dose: dose.series, default=None)
    return (1, None) if last is None else (last.series + 1, last)


def day_of_treatment(
    history: DoseHistory, *, on: date, policy: MissedDosePolicy | None = None
) -> int:
    """The treatment day of a date, exact during induction and one more than that after it.

    Source: site policy: a gap without doses of ``restart_gap_days`` begins anew at day 1.
    """
    policy = policy or MissedDosePolicy()
    gap = timedelta(days=policy.restart_gap_days)
    after_induction = policy.induction_days + 1
    last, first, before = history.last_covered, history.first_recent, history.last_before_recent
    if last is None or on - last >= gap:
        return 1
    if first is None or (before is not None and first - before < gap):
        return after_induction
    return treatment_day(first, on=on)


def _live(facts: DoseFacts) -> list[DoseGiven]:
    return [dose for dose in facts.doses if dose.voided is None]


def _said(dose: DoseGiven) -> str:
    return f"{plain(dose.dose_mg)} mg given at {dose.given_at:%H:%M} by {dose.given_by}"


def _no_order(facts: DoseFacts) -> Reason:
    return Reason("no_order", f"No order covers {facts.day:%d %b %Y}.", ORDER_SOURCE)


def _under_another_order(dose: DoseGiven) -> Reason:
    number = "" if dose.order_number is None else f" under order {dose.order_number}"
    return Reason(ALREADY_GIVEN, f"Already dosed today: {_said(dose)}{number}.", ONCE_SOURCE)


def _already(facts: DoseFacts, order: OrderInForce) -> Iterator[Reason]:
    if facts.portion > order.portions:
        yield Reason("portion", f"The order has {order.portions} portions a day.", ORDER_SOURCE)
    for dose in _live(facts):
        if dose.order_number != order.number or dose.portion == facts.portion:
            yield _under_another_order(dose)
    injection = facts.last_injection
    if order.form is Form.INJECTION and injection is not None:
        yield Reason(
            ALREADY_GIVEN,
            f"This injection was given on {injection.service_date:%d %b %Y}"
            f" by {injection.given_by}.",
            ONCE_SOURCE,
        )


def _covered(facts: DoseFacts) -> Iterator[Reason]:
    """Of a split dose only the portion at home is covered; of any other the whole day."""
    is_split = facts.order is not None and facts.order.portions > 1
    for one in facts.covered:
        if not is_split or one.portion in {None, facts.portion}:
            yield Reason(ALREADY_COVERED, one.what, ONCE_SOURCE)


def _hold(facts: DoseFacts) -> Iterator[Reason]:
    hold = facts.hold
    if hold is not None:
        note = f" ({hold.note})" if hold.note else ""
        yield Reason(
            "hold",
            f"On hold since {hold.held_on:%d %b} by {hold.held_by}: {hold.reason.label.lower()}"
            f"{note}. A newer order by the prescriber ends it.",
            HOLD_SOURCE,
        )


def missed_of(facts: DoseFacts) -> int:
    """Days without a dose before this one; before the first dose, days since the order began."""
    if facts.order is None:
        return 0
    return missed_days(_last_covered(facts.history, facts.order), present_date=facts.day)


def _last_covered(history: DoseHistory, order: OrderInForce) -> date:
    return history.last_covered or order.starts_on - ONE_DAY


def _missed(facts: DoseFacts, order: OrderInForce) -> Iterator[Reason]:
    """The gate, and whether the prescriber has already answered it with a newer order."""
    if order.form is Form.INJECTION:
        return
    policy = facts.missed_dose_policy
    day = day_of_treatment(facts.history, on=facts.day, policy=policy)
    missed = missed_of(facts)
    answer = missed_dose(missed, treatment_day=day, policy=policy)
    if answer.gate is DoseGate.HOLD and _written_knowing(facts, order):
        since = max(0, (facts.day - max(order.ordered_on, order.starts_on)).days)
        yield _inform(
            "missed_doses_answered",
            f"{missed} missed; order {order.number} was written after that.",
            policy.source,
        )
        answer = missed_dose(since, treatment_day=day, policy=policy)
    yield from answer.decision.reasons


def _written_knowing(facts: DoseFacts, order: OrderInForce) -> bool:
    """Whether the order was written on a day on which the gate was already shut."""
    policy = facts.missed_dose_policy
    missed_then = missed_days(
        _last_covered(facts.history, order), present_date=min(order.ordered_on, facts.day)
    )
    day = day_of_treatment(facts.history, on=order.ordered_on, policy=policy)
    return missed_dose(missed_then, treatment_day=day, policy=policy).gate is DoseGate.HOLD


def _redose(facts: DoseFacts, order: OrderInForce) -> Iterator[Reason]:
    _, last = next_series(facts)
    if last is None or last.voided is None:
        return
    what = f"{_said(last)} was voided: {last.voided.reason.label.lower()}"
    if not last.voided.reason.may_have_been_absorbed:
        yield _ask("redose", f"{what}. Make sure nothing was swallowed.", REDOSE_SOURCE)
    elif last.order_number == order.number:
        yield Reason("redose", f"{what}. Another dose needs a newer order.", REDOSE_SOURCE)
    else:
        yield _inform("redose", f"{what}. Order {order.number} was written after.", REDOSE_SOURCE)


def _closed(facts: DoseFacts) -> Iterator[Reason]:
    if facts.closed_because is not None:
        yield _ask("closed_day", f"The site is closed: {facts.closed_because}.", CLOSED_SOURCE)


def volume_of(facts: DoseFacts) -> Decimal | None:
    """What the pump pours for this portion; None for what is not liquid or cannot be measured."""
    order, bottle = facts.order, facts.bottle
    if order is None or bottle is None or order.form is not Form.ORAL_CONCENTRATE:
        return None
    try:
        volume_ul = volume_ul_of(
            micrograms(order.portion_mg), concentration_mg_per_ml=bottle.concentration_mg_per_ml
        )
    except ValueError:
        return None
    return ml(volume_ul)


def _clock_behind(by: timedelta) -> Reason:
    minutes = max(1, round(by / timedelta(minutes=1)))
    return Reason(
        "clock_behind",
        f"This computer's clock stands {minutes} minutes behind the site's last record."
        " Set it right: a dose must not land on the wrong day.",
        CLOCK_SOURCE,
    )


def _elsewhere(facts: DoseFacts) -> Iterator[Reason]:
    claim = facts.claim
    if claim is not None and facts.window is not None and claim.window != facts.window:
        yield Reason(
            ELSEWHERE,
            f"At window {claim.window} with {claim.by} since {claim.since:%H:%M}.",
            CLAIM_SOURCE,
        )


def _stock(facts: DoseFacts, order: OrderInForce) -> Iterator[Reason]:
    if facts.window is None:
        return
    if order.form is not Form.ORAL_CONCENTRATE:
        yield from _units(facts, order)
        return
    bottle, needed_ml = facts.bottle, volume_of(facts)
    if bottle is None:
        yield Reason(
            "no_bottle",
            f"No bottle of {order.medication.label.lower()} is open at window {facts.window}.",
            STOCK_SOURCE,
        )
    elif needed_ml is None:
        yield Reason(
            "not_measurable",
            f"{plain(order.portion_mg)} mg cannot be measured from"
            f" {plain(bottle.concentration_mg_per_ml)} mg/mL.",
            STOCK_SOURCE,
        )
    elif needed_ml > bottle.balance_ml:
        yield Reason(
            "bottle_short",
            f"The open bottle holds {plain(bottle.balance_ml)} mL; this dose takes {needed_ml} mL.",
            STOCK_SOURCE,
        )


def packs_of(facts: DoseFacts) -> tuple[tuple[Pack, int], ...] | None:
    """Which packs at the window this portion comes out of, and how many units of each.

    None when the open packs do not make up the dose, or it is liquid.
    """
    order = facts.order
    if order is None or order.form is Form.ORAL_CONCENTRATE:
        return None
    packs = _fitting(facts, order)
    if order.form is Form.INJECTION:
        return _one_kit(order.portion_mg, packs)
    return units_for(order.portion_mg, packs=packs)


def _one_kit(dose_mg: Decimal, packs: tuple[Pack, ...]) -> tuple[tuple[Pack, int], ...] | None:
    """The one syringe or kit of this strength: no other ones add up to a long-acting injection."""
    return next(
        (((pack, 1),) for pack in packs if pack.product.strength_mg == dose_mg and pack.units), None
    )


def _fitting(facts: DoseFacts, order: OrderInForce) -> tuple[Pack, ...]:
    return tuple(
        pack
        for pack in facts.packs
        if (pack.product.medication, pack.product.form) == (order.medication, order.form)
    )


def _units(facts: DoseFacts, order: OrderInForce) -> Iterator[Reason]:
    """A controlled dose comes out of the clinic's stock; naltrexone may be the patient's own."""
    if packs_of(facts) is not None:
        return
    packs = _fitting(facts, order)
    what = f"{order.medication.label.lower()}, {order.form.label.lower()},"
    if not packs:
        said = f"No {what} is open at window {facts.window}."
    else:
        open_here = ", ".join(
            f"{pack.product.said(pack.units)} of {plain(pack.product.strength_mg)} mg"
            for pack in packs
        )
        said = (
            f"{plain(order.portion_mg)} mg cannot be made up of what is open at window"
            f" {facts.window}: {open_here}."
        )
    is_own = not order.medication.is_agonist
    yield Reason(
        "no_units" if packs else "no_pack",
        f"{said} Go on only with the patient's own supply." if is_own else said,
        STOCK_SOURCE,
        Effect.ASK if is_own else Effect.STOP,
    )


def _needle(facts: DoseFacts, order: OrderInForce) -> Iterator[Reason]:
    if facts.window is not None and order.form is Form.INJECTION:
        yield _ask(ON_ITS_PAGE, "Record it on the injection page.", INJECTION_SOURCE)


def _notices(facts: DoseFacts, order: OrderInForce) -> Iterator[Reason]:
    if order.ends_on is not None and order.ends_on - facts.day <= EXPIRY_NOTICE:
        last = order.ends_on - ONE_DAY
        yield _inform("order_ends", f"The order ends after {last:%d %b}.", ORDER_SOURCE)
    for flag in facts.flags:
        yield _inform("flag", flag, NOTICE_SOURCE)
