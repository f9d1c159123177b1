"""Figures over a run of days: census, occupancy, stay, retention, capacity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PeriodCensus:
    """How full the program was over a run of days."""

    patient_days: int
    calendar_days: int
    average_daily_census: Decimal
    occupancy_percent: Decimal | None


@dataclass(frozen=True, slots=True)
class LengthOfStay:
    """``teds_los`` is the band the national discharge data set files it under."""

    los_days: int
    teds_los: str


@dataclass(frozen=True, slots=True)
class Retention:
    """Who was still enrolled on a day of treatment, of those followed that long.

    ``rate_percent`` is None while nobody has been followed that long.
    """

    admissions: int
    with_follow_up: int
    enrolled_on_day: int
    rate_percent: Decimal | None


@dataclass(frozen=True, slots=True)
class CapacityTerms:
    """From which share of capacity on the state is told, and how soon."""

    notice_from_percent: int = 90
    notify_within_days: int = 7
    source: str = "45 CFR 96.126(a)"


@dataclass(frozen=True, slots=True)
class CapacityNotice:
    occupancy_percent: Decimal
    notice_required: bool
    notify_by: date | None


@dataclass(frozen=True, slots=True)
class MeasureTerms:
    """Over which days each measure looks back from the day shown."""

    census_days: int = 28
    stay_days: int = 90
    cohort_days: int = 730
    attendance_days: int = 28
    source: str = "site policy: periods of the census measures"


RETENTION_DAYS = (30, 90, 180, 365)


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure with what it means and what it counts; ``value`` None while nothing can be said."""

    name: str
    value: Decimal | None
    unit: str
    basis: str
    definition: str
    source: str
