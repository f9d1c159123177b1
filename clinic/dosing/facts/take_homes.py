"""Take-homes: criteria, ceilings, closure days, the ladder of 2001, callbacks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from clinic.core.decision import Decision
from clinic.stock.facts import Medication


class TakeHomeCriterion(StrEnum):
    """The six things a practitioner weighs before regular take-homes.

    Source: 42 CFR 8.12(i)(2).
    """

    NO_CONDITION_RAISING_RISK = "no_condition_raising_risk"
    REGULAR_ATTENDANCE = "regular_attendance"
    NO_SERIOUS_BEHAVIOR_PROBLEM = "no_serious_behavior_problem"
    NO_RECENT_DIVERSION = "no_recent_diversion"
    SAFE_TRANSPORT_AND_STORAGE = "safe_transport_and_storage"
    OTHER_PRACTITIONER_CRITERION = "other_practitioner_criterion"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ")


class TakeHomeOutcome(StrEnum):
    ALLOW = "ALLOW"
    DENY = "DENY"


class TakeHomeReason(StrEnum):
    """The one word for the record; the decision holds every reason."""

    OK = "OK"
    CRITERIA = "CRITERIA"
    CEILING = "CEILING"


@dataclass(frozen=True, slots=True)
class TakeHomeCeilings:
    """The largest methadone supply in hand, by treatment day: ``(from day, doses)``, rising."""

    steps: tuple[tuple[int, int], ...] = ((1, 7), (15, 14), (31, 28))
    source: str = "42 CFR 8.12(i)(3)"

    def on(self, treatment_day: int) -> int:
        return max(doses for from_day, doses in self.steps if treatment_day >= from_day)


@dataclass(frozen=True, slots=True)
class TakeHomeRequest:
    """What is asked for at the window, and what bears on it.

    ``regular_doses_in_hand`` are earlier regular bottles not yet due or not returned.
    ``exception_doses`` is an approved SMA-168 exception on file for the date.
    """

    medication: Medication
    first_dose_date: date
    dispense_date: date
    regular_doses: int
    regular_doses_in_hand: int = 0
    closure_doses: int = 0
    criteria_failed: tuple[TakeHomeCriterion, ...] = ()
    state_cap_doses: int | None = None
    order_quantity_doses: int | None = None
    exception_doses: int | None = None


@dataclass(frozen=True, slots=True)
class TakeHomeAnswer:
    outcome: TakeHomeOutcome
    reason: TakeHomeReason
    treatment_day: int
    ceiling_doses: int | None
    decision: Decision


class WeekendDay(StrEnum):
    """The one weekend day that counts as a closure day."""

    SATURDAY = "saturday"
    SUNDAY = "sunday"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class BottleDates:
    """The dates between two visits: those the clinic's closure covers, and the regular rest."""

    closure_dates: tuple[date, ...]
    regular_dates: tuple[date, ...]

    @property
    def total_bottles(self) -> int:
        return len(self.closure_dates) + len(self.regular_dates)

    @property
    def criteria_review_required(self) -> bool:
        return bool(self.regular_dates)


class LadderLimit(StrEnum):
    """Supplies of the 2001 rule, still chosen by some states. Source: 66 FR 4098."""

    ONE_DOSE_PER_WEEK = "one_dose_per_week"
    TWO_DOSES_PER_WEEK = "two_doses_per_week"
    THREE_DOSES_PER_WEEK = "three_doses_per_week"
    SIX_DAY_SUPPLY = "six_day_supply"
    FOURTEEN_DAY_SUPPLY = "fourteen_day_supply"
    ONE_MONTH_SUPPLY = "one_month_supply"


@dataclass(frozen=True, slots=True)
class CallbackCount:
    """What a patient called back should bring."""

    issued: int
    sealed_expected: int
    empties_expected: int


class CriteriaOutcome(StrEnum):
    """What a practitioner decided about regular take-homes."""

    GRANTED = "granted"
    REFUSED = "refused"
    REVOKED = "revoked"


class CeilingProfile(StrEnum):
    """Whose ceilings a site goes by; a state may keep the older federal ladder."""

    FEDERAL_2024 = "federal_2024"
    LADDER_2001 = "ladder_2001"

    @property
    def label(self) -> str:
        return {
            CeilingProfile.FEDERAL_2024: "Federal rule of 2024",
            CeilingProfile.LADDER_2001: "Federal ladder of 2001, kept by the state",
        }[self]


class ExceptionKind(StrEnum):
    """Why more than the ceiling may go home for a while."""

    TRAVEL = "travel"
    ILLNESS = "illness"
    EMERGENCY = "emergency"
    HARDSHIP = "hardship"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class BottleKind(StrEnum):
    """What a bottle counts as."""

    REGULAR = "regular"
    CLOSURE = "closure"
    EMERGENCY = "emergency"
    LATER_PORTION = "later_portion"
    """The unobserved part of a visit day's split dose; it counts against no ceiling.

    Source: 42 CFR 8.2, split dosing; left out of the ceiling by site policy.
    """

    @property
    def label(self) -> str:
        return {
            BottleKind.REGULAR: "Regular",
            BottleKind.CLOSURE: "Closed day",
            BottleKind.EMERGENCY: "Emergency closure",
            BottleKind.LATER_PORTION: "Later portion",
        }[self]


class BottleState(StrEnum):
    """Where a take-home bottle is now."""

    PREPARED = "prepared"
    HANDED_OUT = "handed_out"
    RETURNED_EMPTY = "returned_empty"
    RETURNED_FULL = "returned_full"
    LOST = "lost"
    STOLEN = "stolen"
    DESTROYED = "destroyed"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()

    @property
    def has_left(self) -> bool:
        """The bottle went over the counter and did not come back full."""
        return self in LEFT


LEFT = frozenset(
    {
        BottleState.HANDED_OUT,
        BottleState.RETURNED_EMPTY,
        BottleState.LOST,
        BottleState.STOLEN,
    }
)


class BottleEventKind(StrEnum):
    """What happened to a bottle, each at most once; only a count may happen again."""

    PREPARED = "prepared"
    CHECKED = "checked"
    HANDED_OUT = "handed_out"
    COUNTED = "counted"
    RETURNED_EMPTY = "returned_empty"
    RETURNED_FULL = "returned_full"
    LOST = "lost"
    STOLEN = "stolen"
    RELEASED = "released"
    """The prescriber lets the date be covered again after a loss."""
    NOT_REPLACED = "not_replaced"
    DESTROYED = "destroyed"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


class CallbackChoice(StrEnum):
    """How a patient came to be called back."""

    RANDOM = "random"
    CHOSEN = "chosen"


class CallbackOutcome(StrEnum):
    """What a callback found."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_COME = "not_come"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()
