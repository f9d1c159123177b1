"""A take-home visit: what bears on it, which bottles are due, what is left out and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from clinic.core.decision import Decision, Reason
from clinic.dosing.facts.missed_doses import MissedDosePolicy
from clinic.dosing.facts.orders import OrderInForce
from clinic.dosing.facts.take_homes import (
    BottleKind,
    CeilingProfile,
    CriteriaOutcome,
    ExceptionKind,
    TakeHomeCriterion,
    WeekendDay,
)
from clinic.dosing.facts.window import OpenHold

_MISSED_DOSES = MissedDosePolicy()
EVERY_DAY = (1 << 7) - 1


@dataclass(frozen=True, slots=True)
class TakeHomePolicy:
    """What a site, or its state, goes by; every number may be replaced, with its source.

    Shape: ``state_steps`` are ``(from treatment day, doses)``, rising, and bind all medications.
    """

    profile: str = CeilingProfile.FEDERAL_2024.value
    state_steps: tuple[tuple[int, int], ...] = ()
    state_source: str = "state profile"
    closure_weekend_day: str = WeekendDay.SUNDAY.value
    review_days_early: int = 30
    review_early_until_day: int = 90
    review_days: int = 90
    review_source: str = "site policy: take-homes reviewed after 30 days, then every 90"
    unreturned_count_in_hand: bool = False
    in_hand_source: str = "site policy: bottles not yet due count as in hand"
    lockbox_wanted: bool = True
    lockbox_source: str = "site policy: lockbox seen before the first regular take-home"
    callback_bottles_min: int = 7
    callback_days_between: int = 90
    callback_due_days: int = 2
    callback_source: str = "site policy: callbacks of holders of 7 bottles, due in 24 to 48 hours"
    month_supply_doses: int = 30
    emergency_days_max: int = 7
    emergency_source: str = "site policy: emergency closure by the medical director's order"


@dataclass(frozen=True, slots=True)
class CriterionFinding:
    """What the practitioner found of one criterion, and whether it is met."""

    criterion: TakeHomeCriterion
    met: bool
    finding: str


@dataclass(frozen=True, slots=True)
class CriteriaDecision:
    """A decision about regular take-homes as it was recorded."""

    id: UUID
    number: int
    outcome: CriteriaOutcome
    findings: tuple[CriterionFinding, ...]
    rationale: str
    ceiling_doses: int
    profile: CeilingProfile
    profile_doses: int | None
    treatment_day: int
    valid_from: date
    review_by: date
    decided_on: date
    decided_by: str

    @property
    def failed(self) -> tuple[TakeHomeCriterion, ...]:
        return tuple(one.criterion for one in self.findings if not one.met)


@dataclass(frozen=True, slots=True)
class ExceptionOnFile:
    """An approved exception for the days ``[starts_on, ends_on)``."""

    id: UUID
    kind: ExceptionKind
    doses: int
    starts_on: date
    ends_on: date
    source: str
    reason: str
    approved_by: str
    withdrawn_because: str | None = None

    def holds_on(self, day: date) -> bool:
        return self.withdrawn_because is None and self.starts_on <= day < self.ends_on


@dataclass(frozen=True, slots=True)
class PickupSchedule:
    """The weekdays a patient comes; bit 0 is Monday."""

    number: int
    weekdays: int
    valid_from: date
    storage_taught: bool
    lockbox_seen: bool
    set_by: str
    later_portions_home: bool = False
    """Of a split dose only the first portion is taken here; the rest of the day goes home."""

    def comes_on(self, day: date) -> bool:
        return bool(self.weekdays >> day.weekday() & 1)

    @property
    def days(self) -> tuple[int, ...]:
        return tuple(number for number in range(7) if self.weekdays >> number & 1)


@dataclass(frozen=True, slots=True)
class DatedBottle:
    """A bottle that is already there for a date; ``take_on`` may have passed."""

    take_on: date
    kind: BottleKind
    portion: int = 1
    is_out: bool = False
    is_unreturned: bool = False


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day the site is shut. ``is_holiday``: covered without a criteria decision."""

    day: date
    reason: str
    is_holiday: bool


@dataclass(frozen=True, slots=True)
class PickupFacts:
    """Everything that bears on the bottles of one visit.

    Shape: ``orders`` are those in force on the visit or later; ``closed`` every day the site is
    shut until well after it; ``first_dose_on`` is the first day of the run of doses.
    """

    day: date
    orders: tuple[OrderInForce, ...]
    closed: tuple[ClosedDay, ...] = ()
    schedule: PickupSchedule | None = None
    criteria: CriteriaDecision | None = None
    exceptions: tuple[ExceptionOnFile, ...] = ()
    bottles: tuple[DatedBottle, ...] = ()
    dosed: frozenset[date] = frozenset()
    away: frozenset[date] = frozenset()
    portions_given: frozenset[int] = frozenset()
    """Of the visit day itself."""
    hold: OpenHold | None = None
    first_dose_on: date | None = None
    missed_since_criteria: int = 0
    missed_now: int = 0
    policy: TakeHomePolicy = TakeHomePolicy()
    missed_dose_policy: MissedDosePolicy = _MISSED_DOSES

    @property
    def order_today(self) -> OrderInForce | None:
        return next((order for order in self.orders if order.covers(self.day)), None)


@dataclass(frozen=True, slots=True)
class DueBottle:
    """A bottle due at a visit."""

    take_on: date
    kind: BottleKind
    order: OrderInForce
    portion: int = 1


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A date no bottle may cover, and why: the patient has to come."""

    take_on: date
    reason: Reason


@dataclass(frozen=True, slots=True)
class PickupPlan:
    """The bottles of one visit. ``decision`` stops when nothing at all may go home."""

    day: date
    next_visit: date
    treatment_day: int
    ceiling_doses: int | None
    due: tuple[DueBottle, ...]
    left_out: tuple[LeftOut, ...]
    decision: Decision

    @property
    def closure_dates(self) -> tuple[date, ...]:
        return _dates(self.due, BottleKind.CLOSURE)

    @property
    def regular_dates(self) -> tuple[date, ...]:
        return _dates(self.due, BottleKind.REGULAR)


def _dates(due: tuple[DueBottle, ...], kind: BottleKind) -> tuple[date, ...]:
    return tuple(dict.fromkeys(one.take_on for one in due if one.kind is kind))
