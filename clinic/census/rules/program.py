"""How the program stands: patient-days, occupancy, length of stay, retention, capacity.

A stay is a run of dates from admission until discharge, as ``Days``: the day of discharge is not
a day in care, unless it is also the day of admission.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from clinic.census.facts import (
    CapacityNotice,
    CapacityTerms,
    LengthOfStay,
    PeriodCensus,
    Retention,
)
from clinic.core.periods import Days
from clinic.core.rates import percent, rounded
from clinic.core.service_dates import ONE_DAY

CENSUS_SOURCE = (
    "site policy: a patient-day counts if admit <= day < discharge; a same-day stay counts 1"
    " (Medicare convention)"
)
LENGTH_OF_STAY_SOURCE = "TEDS-D codebook, variable LOS; at least one day is site policy"
RETENTION_SOURCE = (
    "site policy: still enrolled on day N (admission + N) / admissions followed for N days"
)

_TEDS_SINGLE_DAYS = 30
_TEDS_BANDS_UNTIL = (
    (45, "31-45"),
    (60, "46-60"),
    (90, "61-90"),
    (120, "91-120"),
    (180, "121-180"),
    (365, "181-365"),
)
_CAPACITY_TERMS = CapacityTerms()


def patient_days(stays: Iterable[Days], *, first_day: date, last_day: date) -> int:
    """Days of care given from the first to the last day, both included.

    Invariant: the patient-days of two adjacent periods add up to those of both together.
    Source: site policy.
    """
    return sum(_days_within(stay, first_day=first_day, last_day=last_day) for stay in stays)


def _days_within(stay: Days, *, first_day: date, last_day: date) -> int:
    if stay.until is None:
        last = last_day
    elif stay.until == stay.first:
        last = min(last_day, stay.first)
    else:
        last = min(last_day, stay.until - ONE_DAY)
    return max(0, (last - max(first_day, stay.first)).days + 1)


def period_census(
    stays: Iterable[Days], *, first_day: date, last_day: date, beds: int | None = None
) -> PeriodCensus:
    """Patient-days, average daily census and occupancy from the first to the last day included.

    Shape: the average has two decimals, the occupancy one; None without beds.
    Source: site policy.
    """
    days = patient_days(stays, first_day=first_day, last_day=last_day)
    calendar_days = (last_day - first_day).days + 1
    return PeriodCensus(
        patient_days=days,
        calendar_days=calendar_days,
        average_daily_census=rounded(Fraction(days, calendar_days), places=2),
        occupancy_percent=None if beds is None else percent(days, of=beds * calendar_days),
    )


def length_of_stay(admit_date: date, *, discharge_date: date) -> LengthOfStay:
    """How long a stay lasted, at least one day, and the band it is reported in.

    Source: TEDS-D codebook, variable LOS; at least one day is site policy.
    """
    los_days = max(1, (discharge_date - admit_date).days)
    if los_days <= _TEDS_SINGLE_DAYS:
        return LengthOfStay(los_days, str(los_days))
    band = next((name for until, name in _TEDS_BANDS_UNTIL if los_days <= until), ">365")
    return LengthOfStay(los_days, band)


def retention_rate(with_follow_up: int, *, enrolled_on_day: int) -> Decimal | None:
    """The crude share still enrolled; deaths, transfers and jail are not taken out.

    Shape: percent with one decimal; None without follow-up.
    Source: site policy.
    """
    return percent(enrolled_on_day, of=with_follow_up)


def retention_from_episodes(episodes: Iterable[Days], *, day: int, as_of_date: date) -> Retention:
    """Count who was still enrolled on a day of treatment, of those followed that long.

    A discharge on that very day is no longer enrolled.

    Units: day N is admission + N.
    Source: site policy.
    """
    admitted = tuple(episodes)
    followed = [episode for episode in admitted if (as_of_date - episode.first).days >= day]
    enrolled = sum(
        episode.until is None or (episode.until - episode.first).days > day for episode in followed
    )
    return Retention(
        admissions=len(admitted),
        with_follow_up=len(followed),
        enrolled_on_day=enrolled,
        rate_percent=retention_rate(len(followed), enrolled_on_day=enrolled),
    )


def capacity_notice(
    capacity: int, *, census: int, as_of_date: date, terms: CapacityTerms = _CAPACITY_TERMS
) -> CapacityNotice:
    """Whether the state must hear that the program is nearly full, and by when.

    Invariant: the exact share decides, not the rounded one.
    Raises: OverflowError beyond the calendar.
    Source: 45 CFR 96.126(a).
    """
    required = 100 * census >= terms.notice_from_percent * capacity
    return CapacityNotice(
        occupancy_percent=rounded(Fraction(100 * census, capacity), places=1),
        notice_required=required,
        notify_by=as_of_date + timedelta(days=terms.notify_within_days) if required else None,
    )
