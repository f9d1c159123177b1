"""How many bottles may go home, for which days, and how many a callback should find."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from clinic.core.decision import Decision, Effect, Reason
from clinic.core.service_dates import ONE_DAY
from clinic.dosing.facts import (
    BottleDates,
    CallbackCount,
    LadderLimit,
    TakeHomeAnswer,
    TakeHomeCeilings,
    TakeHomeOutcome,
    TakeHomeReason,
    TakeHomeRequest,
    WeekendDay,
)
from clinic.stock.facts import Medication

CRITERIA_SOURCE = "42 CFR 8.12(i)(2)"
CLOSURE_SOURCE = "42 CFR 8.12(i)(1)"
LADDER_2001_SOURCE = "66 FR 4098 (2001 rule), kept as a state profile"
CALLBACK_SOURCE = "site policy: callback count by the date on each label"

_FEDERAL_CEILINGS = TakeHomeCeilings()

_WEEKDAY = {WeekendDay.SATURDAY: 5, WeekendDay.SUNDAY: 6}

_LADDER_2001_FROM_DAY = (
    (731, LadderLimit.ONE_MONTH_SUPPLY),
    (366, LadderLimit.FOURTEEN_DAY_SUPPLY),
    (271, LadderLimit.SIX_DAY_SUPPLY),
    (181, LadderLimit.THREE_DOSES_PER_WEEK),
    (91, LadderLimit.TWO_DOSES_PER_WEEK),
    (1, LadderLimit.ONE_DOSE_PER_WEEK),
)


def treatment_day(first_dose_date: date, *, on: date) -> int:
    """The day of the episode a date is; the first dose is day 1.

    Source: site policy on 42 CFR 8.12(i)(3), "the first 14 days".
    """
    return (on - first_dose_date).days + 1


def take_home(
    request: TakeHomeRequest, *, ceilings: TakeHomeCeilings = _FEDERAL_CEILINGS
) -> TakeHomeAnswer:
    """May these bottles go home? A ceiling is a maximum, never an entitlement.

    Closure doses never count. A failed criterion bears on regular doses only.

    Shape: ``reason`` is CRITERIA before CEILING; the decision names both.
    Source: 42 CFR 8.12(i)(1)-(3).
    """
    day = treatment_day(request.first_dose_date, on=request.dispense_date)
    ceiling, ceiling_source = _effective_ceiling(request, day=day, ceilings=ceilings)
    criteria = list(_criteria_reasons(request))
    over = list(_ceiling_reasons(request, ceiling=ceiling, source=ceiling_source))
    if criteria:
        reason = TakeHomeReason.CRITERIA
    elif over:
        reason = TakeHomeReason.CEILING
    else:
        reason = TakeHomeReason.OK
    known = Reason(
        code="treatment_day",
        message=f"Treatment day {day}: "
        + ("no ceiling." if ceiling is None else f"at most {ceiling} regular doses in hand."),
        source=ceiling_source,
        effect=Effect.INFORM,
    )
    return TakeHomeAnswer(
        outcome=TakeHomeOutcome.DENY if criteria or over else TakeHomeOutcome.ALLOW,
        reason=reason,
        treatment_day=day,
        ceiling_doses=ceiling,
        decision=Decision.of([*criteria, *over, known]),
    )


def _effective_ceiling(
    request: TakeHomeRequest, *, day: int, ceilings: TakeHomeCeilings
) -> tuple[int | None, str]:
    if request.exception_doses is not None:
        return request.exception_doses, "approved exception on file (SMA-168)"
    limits: list[tuple[int, str]] = []
    if request.medication is Medication.METHADONE:
        limits.append((ceilings.on(day), ceilings.source))
    if request.state_cap_doses is not None:
        limits.append((request.state_cap_doses, "state profile"))
    if request.order_quantity_doses is not None:
        limits.append((request.order_quantity_doses, "quantity on the order"))
    if limits:
        return min(limits, key=lambda limit: limit[0])
    return None, "42 CFR 8.12(i)(3) limits methadone only"


def _criteria_reasons(request: TakeHomeRequest) -> Iterator[Reason]:
    if request.regular_doses:
        for criterion in dict.fromkeys(request.criteria_failed):
            yield Reason(
                code=criterion.value,
                message=f"The take-home criterion was not met: {criterion.label}.",
                source=CRITERIA_SOURCE,
            )


def _ceiling_reasons(
    request: TakeHomeRequest, *, ceiling: int | None, source: str
) -> Iterator[Reason]:
    only_closure_doses = request.closure_doses > 0 and request.regular_doses == 0
    total = request.regular_doses_in_hand + request.regular_doses
    if ceiling is not None and total > ceiling and not only_closure_doses:
        yield Reason(
            code="take_home_ceiling",
            message=f"{total} regular doses would be in hand; at most {ceiling} may be.",
            source=source,
        )


def closure_doses(
    visit_date: date,
    *,
    next_visit_date: date,
    holiday_closures: Collection[date],
    designated_weekend_day: WeekendDay,
) -> BottleDates:
    """Which dates between two visits are covered because the clinic is closed.

    Of a closed weekend only the designated day is one; the other is a regular take-home.

    Source: 42 CFR 8.12(i)(1), "one weekend day" and state and federal holidays.
    """
    between = [
        visit_date + timedelta(days=offset)
        for offset in range(1, (next_visit_date - visit_date).days)
    ]
    holidays = frozenset(holiday_closures)
    weekday = _WEEKDAY.get(designated_weekend_day)
    closed = [day for day in between if day in holidays or day.weekday() == weekday]
    covered = frozenset(closed)
    return BottleDates(
        closure_dates=tuple(closed),
        regular_dates=tuple(day for day in between if day not in covered),
    )


def take_home_ladder_2001(treatment_day: int) -> LadderLimit:
    """The supply beyond closure days that the prior federal rule allowed.

    Units: ``treatment_day`` from 1; a year is 365 days.
    Source: 66 FR 4098.
    """
    return next(limit for from_day, limit in _LADDER_2001_FROM_DAY if treatment_day >= from_day)


def callback_count(
    bottle_dates: Collection[date], *, callback_date: date, callback_day_dose_taken: bool = False
) -> CallbackCount:
    """How many sealed bottles and how many empties a callback should find.

    Shape: ``bottle_dates`` holds the label of every bottle issued, no date twice.
    Source: site policy.
    """
    taken_until = callback_date + ONE_DAY if callback_day_dose_taken else callback_date
    empties = sum(label < taken_until for label in bottle_dates)
    return CallbackCount(
        issued=len(bottle_dates),
        sealed_expected=len(bottle_dates) - empties,
        empties_expected=empties,
    )
