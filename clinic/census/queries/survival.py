"""Cohorts by when they were admitted, and how each has stayed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from clinic.census.facts.measures import Span, Stay, SurvivalCurve
from clinic.census.rules.cases import as_days
from clinic.census.rules.survival import survival_curve
from clinic.core.service_dates import ONE_DAY

COHORTS_SHOWN = 4
HALF_MONTHS = 6


def cohort_curve(stays: Sequence[Stay], *, cohort: Span) -> SurvivalCurve:
    """Everybody admitted in the cohort, followed until its last day."""
    return survival_curve(
        as_days(stays), label="All admissions", span=cohort, as_of_date=cohort.last
    )


def half_year_curves(stays: Sequence[Stay], *, last: date) -> tuple[SurvivalCurve, ...]:
    """One curve for each of the latest half-years of admission that had any, oldest first."""
    known = as_days(stays)
    found: list[SurvivalCurve] = []
    until = last + ONE_DAY
    for _ in range(COHORTS_SHOWN):
        first = _half_year_of(until - ONE_DAY)
        span = Span(first, until - ONE_DAY)
        label = f"{first.year}, {'first' if first.month == 1 else 'second'} half"
        found.append(survival_curve(known, label=label, span=span, as_of_date=last))
        until = first
    return tuple(curve for curve in reversed(found) if curve.admissions)


def _half_year_of(day: date) -> date:
    return date(day.year, 1 if day.month <= HALF_MONTHS else HALF_MONTHS + 1, 1)
