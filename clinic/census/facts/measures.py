"""Measures of a period: what each counts, of how many, and whose names stand behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from clinic.core.service_dates import ONE_DAY
from clinic.programs.facts import CareState, DischargeReason

SITE_POLICY = "site policy"


@dataclass(frozen=True, slots=True)
class Span:
    """The days a measure looks at, the first and the last included.

    ``as_of`` is the day by whose end it was known, the last one unless said otherwise.
    """

    first: date
    last: date
    as_of: date | None = None

    @classmethod
    def of_days(cls, days: int, *, last: date) -> Span:
        return cls(last - timedelta(days=days - 1), last)

    @property
    def until(self) -> date:
        return self.last + ONE_DAY

    @property
    def known_on(self) -> date:
        return self.as_of or self.last

    @property
    def days(self) -> int:
        return (self.until - self.first).days

    @property
    def every_day(self) -> tuple[date, ...]:
        return tuple(self.first + timedelta(days=offset) for offset in range(self.days))

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


class Topic(StrEnum):
    """The parts of the page of measures."""

    CENSUS = "census"
    ACCESS = "access"
    STAY = "stay"
    ATTENDANCE = "attendance"
    DOSING = "dosing"
    STAFF = "staff"
    REWARDS = "rewards"
    OUTCOME = "outcome"

    @property
    def label(self) -> str:
        return {
            Topic.CENSUS: "How full",
            Topic.ACCESS: "Request to admission",
            Topic.STAY: "Staying and leaving",
            Topic.ATTENDANCE: "Visits and urine tests",
            Topic.DOSING: "Doses and take-homes",
            Topic.STAFF: "Caseloads and deadlines",
            Topic.REWARDS: "Contingency management",
            Topic.OUTCOME: "Outcome",
        }[self]


class Gauge(StrEnum):
    """One measure; its value names it in addresses."""

    AVERAGE_CENSUS = "average_census"
    OCCUPANCY = "occupancy"
    BED_OCCUPANCY = "bed_occupancy"
    CAPACITY = "capacity"
    ADMISSIONS = "admissions"
    WAITED = "waited"
    WITHIN_14_DAYS = "within_14_days"
    WITHIN_120_DAYS = "within_120_days"
    STILL_WAITING = "still_waiting"
    LENGTH_OF_STAY = "length_of_stay"
    MEDIAN_STAY = "median_stay"
    RETENTION_30 = "retention_30"
    RETENTION_90 = "retention_90"
    RETENTION_180 = "retention_180"
    RETENTION_365 = "retention_365"
    DISCHARGES = "discharges"
    READMITTED_30 = "readmitted_30"
    NO_SHOW = "no_show"
    URINE_OBSERVED = "urine_observed"
    URINE_STRICT = "urine_strict"
    TESTS_UNDER_8 = "tests_under_8"
    TAKE_HOMES = "take_homes"
    MISSED_DOSE_HOLDS = "missed_dose_holds"
    CASELOAD = "caseload"
    REVIEWS_OVERDUE = "reviews_overdue"
    UNASSESSED = "unassessed"
    CM_EARNED = "cm_earned"
    CM_LIABILITY = "cm_liability"
    CRAVING = "craving"


RETENTION_GAUGES: Mapping[Gauge, int] = MappingProxyType(
    {
        Gauge.RETENTION_30: 30,
        Gauge.RETENTION_90: 90,
        Gauge.RETENTION_180: 180,
        Gauge.RETENTION_365: 365,
    }
)


class Definition(NamedTuple):
    """What a measure means, word for word as the page says it."""

    topic: Topic
    name: str
    numerator: str
    denominator: str
    meaning: str
    source: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Stay:
    """One request for treatment and the stay it led to, as they stood on a day.

    ``admitted_on`` None: not yet. ``closed_on`` without an admission: taken off the waitlist.
    """

    episode_id: UUID
    patient_id: UUID
    requested_on: date
    admitted_on: date | None
    discharged_on: date | None
    reason: DischargeReason | None
    injects: bool
    counselor_id: UUID | None
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One of those a measure looks at; ``counts`` puts it in the numerator."""

    patient_id: UUID
    on: date
    counts: bool = True
    note: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which the true figure may lie, with the confidence said beside it."""

    low: Decimal
    high: Decimal

    @property
    def text(self) -> str:
        return f"{self.low} to {self.high}"


@dataclass(frozen=True, slots=True)
class Part:
    """One bar of a distribution. ``kind`` marks one that needs a look, ``note`` says why."""

    key: str
    label: str
    count: int
    kind: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure of a period. ``value`` is text: a number as it is printed, or None.

    ``numerator`` and ``denominator`` are what was counted; None where a measure has none.
    """

    gauge: Gauge
    value: str | None
    numerator: int | Decimal | None = None
    denominator: int | Decimal | None = None
    bounds: Bounds | None = None
    parts: tuple[Part, ...] = ()
    kind: str | None = None
    note: str = ""


class SurvivalPoint(NamedTuple):
    """The share of a cohort still enrolled after so many days, in percent, with its interval."""

    day: int
    percent: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """How a cohort stayed. ``left`` of ``admissions`` are gone; the others are still followed."""

    label: str
    span: Span
    admissions: int
    left: int
    points: tuple[SurvivalPoint, ...]

    @property
    def followed_days(self) -> int:
        return self.points[-1].day if self.points else 0

    def at(self, day: int) -> SurvivalPoint | None:
        """The estimate for a day, None beyond the longest stay that was followed."""
        if not self.points or day > self.followed_days:
            return None
        return next(point for point in reversed(self.points) if point.day <= day)


@dataclass(frozen=True, slots=True)
class Change:
    """Pairs of one scale before and after; ``mean`` below zero is less of it."""

    part: str
    courses: int
    pairs: int
    mean: Decimal | None
    bounds: Bounds | None


@dataclass(frozen=True, slots=True)
class CaseloadTerms:
    """How many patients one counselor carries. No federal number: States say 30 to 65."""

    warn_from: int = 50
    stop_from: int = 65
    source: str = "site policy: caseload of a counselor; States set 30 to 65"


@dataclass(frozen=True, slots=True)
class WaitTerms:
    """Within how many days of the request somebody who injects is admitted."""

    admit_days: int = 14
    admit_days_with_interim_services: int = 120
    source: str = "45 CFR 96.126(b)"


@dataclass(frozen=True, slots=True)
class Flow:
    """So many moves from one place to another; None is the door."""

    from_state: CareState | None
    to_state: CareState
    count: int


class Hour(NamedTuple):
    """Visits due at one hour of one weekday (Monday 0), and those of them that were kept."""

    weekday: int
    hour: int
    kept: int
    due: int


class Quarter(NamedTuple):
    """Doses given in one quarter of an hour, over a run of days."""

    minute_of_day: int
    doses: int

    @property
    def label(self) -> str:
        return f"{self.minute_of_day // 60:02d}:{self.minute_of_day % 60:02d}"


@dataclass(frozen=True, slots=True)
class Tally:
    """A week of a control chart: so many, of so many."""

    first: date
    count: int
    of: int


class ControlPoint(NamedTuple):
    """A point with the limits that chance alone seldom crosses. ``is_signal``: it did."""

    label: str
    value: float
    centre: float
    low: float
    high: float

    @property
    def is_signal(self) -> bool:
        return not self.low <= self.value <= self.high


_CENSUS_SOURCE = "site policy: a patient-day counts if admitted <= day < discharged"
_WAIT_SOURCE = "45 CFR 96.126(b)"
_RETENTION_SOURCE = "site policy; interval: Kaplan and Meier 1958, log-log Greenwood 95 %"


def _retention(days: int) -> Definition:
    return Definition(
        Topic.STAY,
        f"Retention at {days} days",
        f"still enrolled on day {days}",
        f"admissions at least {days} days ago",
        "Of those admitted in the two years until the last day. Deaths, transfers and jail are not"
        " taken out. The interval is that of the survival curve, which also uses those admitted"
        " more recently for as long as they have been followed.",
        _RETENTION_SOURCE,
        "%",
    )


DEFINITIONS: Mapping[Gauge, Definition] = MappingProxyType(
    {
        Gauge.AVERAGE_CENSUS: Definition(
            Topic.CENSUS,
            "Average daily census",
            "patient-days",
            "calendar days",
            "A day counts from admission until the day before discharge; a stay that begins and"
            " ends on one day counts one.",
            _CENSUS_SOURCE,
            "patients",
        ),
        Gauge.OCCUPANCY: Definition(
            Topic.CENSUS,
            "Program occupancy",
            "patient-days",
            "capacity x calendar days",
            "How much of the capacity the site has set was used over the period.",
            _CENSUS_SOURCE,
            "%",
        ),
        Gauge.BED_OCCUPANCY: Definition(
            Topic.CENSUS,
            "Bed occupancy",
            "nights in a level of care that gives a bed",
            "beds x calendar days",
            "Counted when each clinic day ends: whoever came and left within a day had no night.",
            "site policy; levels with a bed: ASAM Criteria 3rd edition, 3.1 to 4",
            "%",
        ),
        Gauge.CAPACITY: Definition(
            Topic.CENSUS,
            "Capacity taken",
            "in care when the last day ended",
            "capacity of the program",
            "At 90 % or more the State is told within 7 days.",
            "45 CFR 96.126(a)",
            "%",
        ),
        Gauge.ADMISSIONS: Definition(
            Topic.ACCESS,
            "Admissions",
            "stays begun in the period",
            "",
            "A patient who left and came back within the period counts twice.",
            SITE_POLICY,
        ),
        Gauge.WAITED: Definition(
            Topic.ACCESS,
            "Median wait",
            "days from the request to admission",
            "those admitted in the period",
            "The wait in the middle when all are put in order of length.",
            _WAIT_SOURCE,
            "days",
        ),
        Gauge.WITHIN_14_DAYS: Definition(
            Topic.ACCESS,
            "Admitted within 14 days",
            "admitted within 14 days of the request",
            "persons who inject, admitted in the period",
            "The limit while the program has room.",
            _WAIT_SOURCE,
            "%",
        ),
        Gauge.WITHIN_120_DAYS: Definition(
            Topic.ACCESS,
            "Admitted within 120 days",
            "admitted within 120 days of the request",
            "persons who inject, admitted in the period",
            "The limit while there is no room, with interim services within 48 hours.",
            _WAIT_SOURCE,
            "%",
        ),
        Gauge.STILL_WAITING: Definition(
            Topic.ACCESS,
            "Waiting beyond 14 days",
            "persons who inject, waiting more than 14 days",
            "everybody waiting when the last day ended",
            "Whoever asked for treatment and was neither admitted nor taken off the list.",
            _WAIT_SOURCE,
        ),
        Gauge.LENGTH_OF_STAY: Definition(
            Topic.STAY,
            "Mean length of stay",
            "days from admission to discharge, at least one",
            "discharges in the period",
            "Of those discharged; who is still here is not in it.",
            "TEDS-D codebook, variable LOS; at least one day is site policy",
            "days",
        ),
        Gauge.MEDIAN_STAY: Definition(
            Topic.STAY,
            "Median length of stay",
            "the stay in the middle",
            "discharges in the period",
            "The stay in the middle when they are put in order of length.",
            "TEDS-D codebook, variable LOS; at least one day is site policy",
            "days",
        ),
        **{gauge: _retention(days) for gauge, days in RETENTION_GAUGES.items()},
        Gauge.DISCHARGES: Definition(
            Topic.STAY,
            "Discharges",
            "discharges in the period, by reason",
            "",
            "Each stay that ended, with the reason recorded at discharge.",
            "TEDS-D codebook, variable REASON",
        ),
        Gauge.READMITTED_30: Definition(
            Topic.STAY,
            "Readmitted within 30 days",
            "admitted again within 30 days",
            "discharges in the period, at least 30 days before its last day",
            "To this site. Discharges too recent to tell are left out; so the period must reach"
            " further back than 30 days.",
            SITE_POLICY,
            "%",
        ),
        Gauge.NO_SHOW: Definition(
            Topic.ATTENDANCE,
            "No-show rate",
            "not kept, or cancelled less than 24 hours ahead",
            "kept, not kept or cancelled less than 24 hours ahead",
            "Timely cancellations and those of the clinic are left out. What was recorded of a"
            " visit after the last day is not counted: a past period reads as it did then.",
            SITE_POLICY,
            "%",
        ),
        Gauge.URINE_OBSERVED: Definition(
            Topic.ATTENDANCE,
            "Urine negative, observed",
            "negative tests",
            "tests collected",
            "A test positive only for the medication the patient was on that day is negative.",
            SITE_POLICY,
            "%",
        ),
        Gauge.URINE_STRICT: Definition(
            Topic.ATTENDANCE,
            "Urine negative, strict",
            "negative tests",
            "tests due",
            "A test that was due and is missing reads as positive; an excused one was not due.",
            SITE_POLICY,
            "%",
        ),
        Gauge.TESTS_UNDER_8: Definition(
            Topic.ATTENDANCE,
            "Under 8 random tests a year",
            "fewer than 8 random tests collected in the last 365 days",
            "in care and on medication for the last 365 days",
            "Tests that were not random do not count, nor those not collected.",
            "42 CFR 8.12(f)(6)",
        ),
        Gauge.TAKE_HOMES: Definition(
            Topic.DOSING,
            "With take-home doses",
            "took doses home at their last pickup",
            "patients with an order in force on the last day, injections apart",
            "By how many bottles were handed out at the latest pickup of the last 28 days: none,"
            " 1-7, 8-14, 15-28 or more.",
            "42 CFR 8.12(i)(3); bands: site policy",
        ),
        Gauge.MISSED_DOSE_HOLDS: Definition(
            Topic.DOSING,
            "Missed-dose holds",
            "still on hold when the last day ended",
            "holds for missed doses put on in the period",
            "A hold ends with a new order by the prescriber.",
            SITE_POLICY,
        ),
        Gauge.CASELOAD: Definition(
            Topic.STAFF,
            "Patients per counselor",
            "in care when the last day ended",
            "counselors named on their episodes",
            "By the counselor named on the episode now; who it was on a past day is not recorded.",
            "site policy: caseload of a counselor; States set 30 to 65",
        ),
        Gauge.REVIEWS_OVERDUE: Definition(
            Topic.STAFF,
            "Take-home reviews overdue",
            "the date by which to review has passed",
            "patients in care whose latest take-home decision is a grant",
            "Physical examinations are not recorded here, so whether one is overdue under"
            " 42 CFR 8.12(f)(2) cannot be counted.",
            "42 CFR 8.12(i)(2)",
        ),
        Gauge.UNASSESSED: Definition(
            Topic.STAFF,
            "No assessment in 14 days",
            "no instrument of any kind filled from the request until 14 days after admission",
            "admitted in the period, at least 14 days before its last day",
            "The psychosocial assessment has no form of its own here; any filled instrument"
            " counts as a sign of it.",
            "42 CFR 8.12(f)(4)(i)",
        ),
        Gauge.CM_EARNED: Definition(
            Topic.REWARDS,
            "Earned",
            "dollars awarded in the period, less those taken back",
            "patients who earned",
            "From the ledger of rewards; the mean per patient is said beside it.",
            SITE_POLICY,
        ),
        Gauge.CM_LIABILITY: Definition(
            Topic.REWARDS,
            "Owed",
            "dollars earned and not redeemed when the last day ended",
            "patients with a balance",
            "What the program would pay if everybody redeemed at once.",
            SITE_POLICY,
        ),
        Gauge.CRAVING: Definition(
            Topic.OUTCOME,
            "Craving before and after",
            "mean change of the 0-10 craving scale, after less before",
            "courses with both recorded",
            "Before: the last score in the 30 days up to the start. After: the last score between"
            " the start and 30 days past the end. Nobody was drawn by lot: a change beside a"
            " treatment is not its effect.",
            "site policy; interval: Student's t for pairs, 95 %",
        ),
    }
)
