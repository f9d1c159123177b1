"""How the program has done up to a day: stays, retention, attendance, capacity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import takewhile
from statistics import median

import sqlalchemy as sa

from clinic.census import rules
from clinic.census.facts import (
    RETENTION_DAYS,
    CapacityNotice,
    CensusSeries,
    Measure,
    MeasureTerms,
)
from clinic.census.facts.measures import Span
from clinic.census.queries.evidence import visits
from clinic.census.queries.standing import enters_care, leaves_care
from clinic.core.periods import Days
from clinic.core.rates import rounded
from clinic.data.work import Work
from clinic.programs.models import CareTransition, Episode
from clinic.scheduling.facts import BookingStatus
from clinic.scheduling.rules.attendance import NO_SHOW_SOURCE, no_show_rate
from clinic.sites.queries import policy


def stays(work: Work, *, since: date, day: date) -> list[Days]:
    """Every stay not over before ``since``, as it was known to run on ``day``; one statement.

    Shape: a stay that ended after ``day`` is still open.
    """
    admitted = sa.func.min(sa.case((enters_care(), CareTransition.service_date)))
    discharged = sa.func.max(sa.case((leaves_care(), CareTransition.service_date)))
    rows = work.session.execute(
        sa.select(admitted, discharged)
        .join(Episode, Episode.id == CareTransition.episode_id)
        .where(
            CareTransition.site_id == work.site.id,
            CareTransition.service_date <= day,
            sa.or_(Episode.closed_on.is_(None), Episode.closed_on >= since),
        )
        .group_by(CareTransition.episode_id)
        .having(admitted.is_not(None), sa.or_(discharged.is_(None), discharged >= since))
    )
    return [Days(first, until) for first, until in rows]


def measures(work: Work, *, day: date) -> list[Measure]:
    """The history measures as they stood on a day, each with its definition; three statements."""
    terms = policy(work, MeasureTerms(), of="census", on=day)
    longest = max(terms.cohort_days, terms.stay_days, terms.census_days)
    known = stays(work, since=day - timedelta(days=longest), day=day)
    return [
        _average_daily_census(known, day=day, terms=terms),
        *_lengths_of_stay(known, day=day, terms=terms),
        *_retention(known, day=day, terms=terms),
        _no_shows(work, day=day, terms=terms),
    ]


def capacity_notice(
    history: CensusSeries, *, capacity: int | None
) -> tuple[CapacityNotice, date] | None:
    """Whether the state must hear that the program is nearly full, and since when it has been.

    Shape: None without a capacity. The date begins the present run of days that ask for the
    notice, or is the first of ``history`` when it has lasted longer.
    Source: 45 CFR 96.126(a).
    """
    if not capacity or not history.days:
        return None
    notices = [
        (rules.capacity_notice(capacity, census=total, as_of_date=day), day)
        for day, total in zip(history.days, history.totals, strict=True)
    ]
    run = list(takewhile(lambda each: each[0].notice_required, reversed(notices)))
    if not run:
        return notices[-1]
    reached, since = run[-1]
    return replace(notices[-1][0], notify_by=reached.notify_by), since


def _average_daily_census(known: Sequence[Days], *, day: date, terms: MeasureTerms) -> Measure:
    first = day - timedelta(days=terms.census_days - 1)
    found = rules.period_census(known, first_day=first, last_day=day)
    return Measure(
        name="Average daily census",
        value=found.average_daily_census,
        unit="patients",
        basis=f"{found.patient_days} patient-days in {found.calendar_days} days",
        definition=(
            "Patient-days divided by calendar days. A day counts from admission until the day"
            " before discharge; a stay that begins and ends on one day counts one."
        ),
        source=rules.CENSUS_SOURCE,
    )


def _lengths_of_stay(
    known: Sequence[Days], *, day: date, terms: MeasureTerms
) -> tuple[Measure, Measure]:
    since = day - timedelta(days=terms.stay_days - 1)
    lengths = [
        rules.length_of_stay(stay.first, discharge_date=stay.until).los_days
        for stay in known
        if stay.until is not None and stay.until >= since
    ]
    basis = f"{len(lengths)} discharges in {terms.stay_days} days"
    definition = "Days from admission to discharge, at least one, of those discharged."
    average = rounded(Fraction(sum(lengths), len(lengths)), places=1) if lengths else None
    middle = rounded(Fraction(median(lengths)), places=1) if lengths else None
    return (
        Measure(
            name="Average length of stay",
            value=average,
            unit="days",
            basis=basis,
            definition=definition,
            source=rules.LENGTH_OF_STAY_SOURCE,
        ),
        Measure(
            name="Median length of stay",
            value=middle,
            unit="days",
            basis=basis,
            definition="The stay in the middle when they are put in order of length.",
            source=rules.LENGTH_OF_STAY_SOURCE,
        ),
    )


def _retention(known: Sequence[Days], *, day: date, terms: MeasureTerms) -> list[Measure]:
    since = day - timedelta(days=terms.cohort_days)
    cohort = [stay for stay in known if stay.first >= since]
    found = [
        (on, rules.retention_from_episodes(cohort, day=on, as_of_date=day)) for on in RETENTION_DAYS
    ]
    return [
        Measure(
            name=f"Retention at {on} days",
            value=retention.rate_percent,
            unit="%",
            basis=f"{retention.enrolled_on_day} of {retention.with_follow_up} admissions",
            definition=(
                f"Still enrolled on day {on}, of those admitted in the last {terms.cohort_days}"
                f" days and at least {on} days ago. Deaths, transfers and jail are not taken out."
            ),
            source=rules.RETENTION_SOURCE,
        )
        for on, retention in found
    ]


def _no_shows(work: Work, *, day: date, terms: MeasureTerms) -> Measure:
    found = visits(work, Span.of_days(terms.attendance_days, last=day))
    rows = work.session.execute(sa.select(found.c.status, sa.func.count()).group_by(found.c.status))
    count: Counter[BookingStatus] = Counter({row[0]: row[1] for row in rows})
    completed, no_show, late = (
        count[BookingStatus.ATTENDED],
        count[BookingStatus.NO_SHOW],
        count[BookingStatus.LATE_CANCEL],
    )
    return Measure(
        name="No-show rate",
        value=no_show_rate(completed, no_show=no_show, late_cancel=late),
        unit="%",
        basis=f"{no_show + late} of {completed + no_show + late} visits"
        f" in {terms.attendance_days} days",
        definition=(
            "Visits not kept or cancelled less than 24 hours ahead, of those that were neither"
            " cancelled in time nor cancelled by the clinic, as was known that day."
        ),
        source=NO_SHOW_SOURCE,
    )
