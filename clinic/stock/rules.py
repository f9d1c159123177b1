"""Whether the day's count adds up, and what the law wants counted or reported by when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from clinic.core.calendar_days import MONTHS_A_YEAR, months_after
from clinic.core.decision import Decision, Effect, Reason
from clinic.core.exact import exactly, total
from clinic.core.rates import rounded
from clinic.core.units import micrograms, ml, plain
from clinic.sites.rules import next_business_day
from clinic.stock.facts import (
    CountState,
    Flows,
    LiquidDay,
    LiquidReconciliation,
    LossDeadlines,
    Pack,
    Product,
    SolidDay,
    SolidReconciliation,
    StockDay,
    StockDirection,
    VariancePolicy,
    VarianceTier,
)

LOSS_SOURCE = "21 CFR 1301.76(b) and 1301.74(c)"
CLOSE_SOURCE = "site policy: a day closes when nothing in it is open"
INVENTORY_SOURCE = "21 CFR 1304.11"

_VARIANCE_POLICY = VariancePolicy()
_FORM_106_DAYS = 45
_INVENTORY_YEARS = 2
_PERCENT_PLACES = 3


def reconcile(day: LiquidDay, *, policy: VariancePolicy = _VARIANCE_POLICY) -> LiquidReconciliation:
    """Compare the evening count of a liquid with what should be left; may the day be closed?

    An overage is treated like a shortage. On a day without dispensing any variance is an incident.

    Shape: the tier goes by the exact share, the percent shown has three decimals.
    Source: site policy; 21 CFR names no tolerance.
    """
    with exactly():
        expected_ml = total(day.start_ml, day.received_ml, day.returned_to_stock_ml) - total(
            day.observed_ml, day.take_home_ml, day.witnessed_waste_ml, day.recorded_spill_ml
        )
        variance_ml = day.counted_ml - expected_ml
        variance_mg = variance_ml * day.concentration_mg_per_ml
        dispensed_ml = day.observed_ml + day.take_home_ml
    percent = 100 * Fraction(variance_ml) / Fraction(dispensed_ml) if dispensed_ml else None
    tier = _tier(variance_ml, percent=percent, policy=policy)
    return LiquidReconciliation(
        expected_ml=expected_ml,
        variance_ml=variance_ml,
        variance_mg=variance_mg,
        variance_percent_of_dispensed=(
            None if percent is None else rounded(percent, places=_PERCENT_PLACES)
        ),
        direction=_direction(variance_ml),
        tier=tier,
        decision=_close_of_day(tier, off_by=f"{variance_ml:f} mL", source=policy.source),
    )


def reconcile_solid(
    day: SolidDay, *, policy: VariancePolicy = _VARIANCE_POLICY
) -> SolidReconciliation:
    """Compare the count of tablets or diskettes with what should be left; none may be missing.

    Source: site policy; 21 CFR names no tolerance.
    """
    expected_units = (
        day.start_units
        + day.received_units
        + day.returned_to_stock_units
        - day.observed_units
        - day.take_home_units
        - day.witnessed_waste_units
    )
    variance_units = day.counted_units - expected_units
    tier = VarianceTier.INCIDENT if variance_units else VarianceTier.LOG_ONLY
    return SolidReconciliation(
        expected_units=expected_units,
        variance_units=variance_units,
        direction=_direction(variance_units),
        tier=tier,
        decision=_close_of_day(tier, off_by=f"{variance_units} units", source=policy.source),
    )


def _tier(
    variance_ml: Decimal, *, percent: Fraction | None, policy: VariancePolicy
) -> VarianceTier:
    if not variance_ml:
        return VarianceTier.LOG_ONLY
    if percent is None or abs(percent) > policy.second_count_percent:
        return VarianceTier.INCIDENT
    if abs(percent) > policy.log_only_percent:
        return VarianceTier.SECOND_COUNT
    return VarianceTier.LOG_ONLY


def _direction(variance: Decimal | int) -> StockDirection:
    if variance < 0:
        return StockDirection.SHORTAGE
    return StockDirection.OVERAGE if variance > 0 else StockDirection.NONE


def _close_of_day(tier: VarianceTier, *, off_by: str, source: str) -> Decision:
    effect, follow_up = {
        VarianceTier.LOG_ONLY: (Effect.INFORM, "logged"),
        VarianceTier.SECOND_COUNT: (Effect.ASK, "count again and check the pump's calibration"),
        VarianceTier.INCIDENT: (Effect.STOP, "the day stays open until a supervisor has signed"),
    }[tier]
    return Decision.of(
        [
            Reason(
                code=tier.value.lower(),
                message=f"The count is off by {off_by}: {follow_up}.",
                source=source,
                effect=effect,
            )
        ]
    )


def units_for(dose_mg: Decimal, *, packs: Sequence[Pack]) -> tuple[tuple[Pack, int], ...] | None:
    """The fewest whole units of the open packs that make up a dose; None when none do.

    Nothing is halved. Of equal strengths the pack that comes first is used first.
    """
    wanted_ug = micrograms(dose_mg)
    best: dict[int, tuple[tuple[Pack, int], ...]] = {0: ()}
    for pack in sorted(packs, key=lambda one: -one.product.strength_ug):
        step = pack.product.strength_ug
        reached = dict(best)
        for begun_ug, parts in best.items():
            most = min(pack.units, (wanted_ug - begun_ug) // step)
            for units in range(1, most + 1):
                total_ug = begun_ug + units * step
                made = (*parts, (pack, units))
                if total_ug not in reached or _pieces(made) < _pieces(reached[total_ug]):
                    reached[total_ug] = made
        best = reached
    return best.get(wanted_ug) if wanted_ug > 0 else None


def reconcile_day(
    what: Product,
    *,
    expected: int,
    flows: Flows,
    counted: int,
    policy: VariancePolicy = _VARIANCE_POLICY,
) -> LiquidReconciliation | SolidReconciliation:
    """Compare a count with the book, by the rule of the product's kind.

    Shape: the start of the day is what the book says less what moved since.
    """
    start = expected - flows.net
    if what.is_liquid:
        return reconcile(
            LiquidDay(
                concentration_mg_per_ml=what.strength_mg,
                start_ml=ml(start),
                counted_ml=ml(counted),
                received_ml=ml(flows.received),
                returned_to_stock_ml=ml(flows.returned),
                observed_ml=ml(flows.observed),
                take_home_ml=ml(flows.take_home),
                witnessed_waste_ml=ml(flows.wasted),
                recorded_spill_ml=ml(flows.spilled),
            ),
            policy=policy,
        )
    return reconcile_solid(
        SolidDay(
            start_units=start,
            counted_units=counted,
            received_units=flows.received,
            returned_to_stock_units=flows.returned,
            observed_units=flows.observed,
            take_home_units=flows.take_home,
            witnessed_waste_units=flows.wasted + flows.spilled,
        ),
        policy=policy,
    )


def may_close(day: StockDay) -> Decision:
    """May this day be closed? Everything that is still open, in words.

    Source: site policy: a day with open variance, unsigned log or pending waste cannot close.
    """
    return Decision.of([*_days_own(day), *_uncounted(day), *_unsettled(day)]) + day.others


def _days_own(day: StockDay) -> Iterator[Reason]:
    if day.closed is not None:
        closed = day.closed
        yield _open("closed", f"Closed at {closed.closed_at:%H:%M} by {closed.closed_by}.")
    if day.day > day.today:
        yield _open("not_begun", "This day has not begun.")


def _uncounted(day: StockDay) -> Iterator[Reason]:
    missing: dict[str, list[str]] = {}
    for line in day.lines:
        if line.state is CountState.NOT_COUNTED:
            missing.setdefault(line.spot.label, []).append(line.product.name)
    for place, names in missing.items():
        yield _open("uncounted", f"Not counted at {place.lower()}: {', '.join(names)}.")
    for line in day.lines:
        what = f"{line.product.name}, {line.spot.label.lower()}"
        if line.state is CountState.NEEDS_SECOND:
            yield _open(
                "second_count",
                f"Off by more than a log entry covers: {what}. A second person counts it blind.",
            )
        elif line.state is CountState.DISAGREES:
            yield _open("counts_differ", f"Two people counted differently: {what}. Count it again.")


def _unsettled(day: StockDay) -> Iterator[Reason]:
    for one in day.incidents:
        if not one.is_signed:
            found = f"{one.product.name}, {one.spot.label.lower()}, {one.discovered_on:%d %b}"
            yield _open("incident", f"An incident waits for the supervisor: {found}.")
    for bottle in day.pending_waste:
        yield _open(
            "pending_waste",
            f"Waits to be wasted before two people: {bottle.product.name},"
            f" lot {bottle.lot}, {plain(bottle.held)} {bottle.product.unit}.",
        )


def _open(code: str, message: str) -> Reason:
    return Reason(code, message, CLOSE_SOURCE)


def _pieces(parts: tuple[tuple[Pack, int], ...]) -> int:
    return sum(units for _, units in parts)


def dea_loss_deadlines(discovered_date: date) -> LossDeadlines:
    """When the DEA must hear of a theft or significant loss, and have Form 106.

    Raises: Refused for a year without known holidays; OverflowError beyond the calendar.
    Source: 21 CFR 1301.76(b) and 1301.74(c).
    """
    return LossDeadlines(
        notify_dea_by=next_business_day(discovered_date),
        form_106_by=discovered_date + timedelta(days=_FORM_106_DAYS),
    )


def inventory_due(last_inventory_date: date) -> date:
    """The last date for the next full physical count.

    Raises: OverflowError beyond the calendar.
    Source: 21 CFR 1304.11, "on any date which is within two years".
    """
    return months_after(last_inventory_date, months=_INVENTORY_YEARS * MONTHS_A_YEAR)
