"""Whom each measure of stays looks at, and which of them it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType

from clinic.census.facts.measures import (
    RETENTION_GAUGES,
    Case,
    Gauge,
    Span,
    Stay,
    WaitTerms,
)
from clinic.census.rules.program import length_of_stay
from clinic.core.periods import Days

READMITTED_WITHIN = timedelta(days=30)
_WAIT = WaitTerms()


def as_days(stays: Iterable[Stay]) -> list[Days]:
    """The stays among the requests, as runs of days."""
    return [Days(stay.admitted_on, stay.discharged_on) for stay in stays if stay.admitted_on]


def in_care(stays: Iterable[Stay], *, on: date) -> list[Stay]:
    """Whose stay runs when that day ends."""
    return [
        stay
        for stay in stays
        if stay.admitted_on is not None and on in Days(stay.admitted_on, stay.discharged_on)
    ]


def cases_of_stays(
    gauge: Gauge, stays: Sequence[Stay], *, span: Span, cohort: Span, wait: WaitTerms = _WAIT
) -> list[Case]:
    """Those a measure looks at among the stays.

    Shape: as many as the denominator says, those that count as many as the numerator; ``cohort``
    is when those were admitted whose retention is asked for.
    Raises: KeyError for a measure that is not made of stays.
    """
    if gauge in RETENTION_GAUGES:
        return _retained(stays, cohort=cohort, day=RETENTION_GAUGES[gauge])
    if gauge is Gauge.WITHIN_14_DAYS:
        return _admitted_within(stays, span, days=wait.admit_days)
    if gauge is Gauge.WITHIN_120_DAYS:
        return _admitted_within(stays, span, days=wait.admit_days_with_interim_services)
    if gauge is Gauge.STILL_WAITING:
        return _waiting(stays, on=span.last, days=wait.admit_days)
    return _OF_STAYS[gauge](stays, span)


def _cared_for(stays: Sequence[Stay], span: Span) -> list[Case]:
    return [
        Case(stay.patient_id, stay.admitted_on, note=_ended(stay))
        for stay in stays
        if stay.admitted_on is not None
        and (
            Days(stay.admitted_on, stay.discharged_on).overlaps(Days(span.first, span.until))
            or (stay.admitted_on == stay.discharged_on and stay.admitted_on in span)
        )
    ]


def _standing(stays: Sequence[Stay], span: Span) -> list[Case]:
    return [
        Case(stay.patient_id, stay.admitted_on, note="In care", part=str(stay.counselor_id or ""))
        for stay in in_care(stays, on=span.last)
        if stay.admitted_on is not None
    ]


def _admissions(stays: Sequence[Stay], span: Span) -> list[Case]:
    return [
        Case(
            stay.patient_id,
            stay.admitted_on,
            note=f"{(stay.admitted_on - stay.requested_on).days} days after the request",
        )
        for stay in stays
        if stay.admitted_on is not None and stay.admitted_on in span
    ]


def _admitted_within(stays: Sequence[Stay], span: Span, *, days: int) -> list[Case]:
    return [
        Case(stay.patient_id, stay.admitted_on, counts=waited <= days, note=f"{waited} days")
        for stay in stays
        if stay.injects
        and stay.admitted_on is not None
        and stay.admitted_on in span
        and (waited := (stay.admitted_on - stay.requested_on).days) >= 0
    ]


def _waiting(stays: Sequence[Stay], *, on: date, days: int) -> list[Case]:
    return [
        Case(
            stay.patient_id,
            stay.requested_on,
            counts=stay.injects and (on - stay.requested_on).days > days,
            note=f"{(on - stay.requested_on).days} days{', injects' if stay.injects else ''}",
        )
        for stay in stays
        if stay.admitted_on is None and stay.closed_on is None and stay.requested_on <= on
    ]


def _discharges(stays: Sequence[Stay], span: Span) -> list[Case]:
    return [
        Case(
            stay.patient_id,
            stay.discharged_on,
            note=_lasted(stay),
            part=stay.reason.value if stay.reason else "",
        )
        for stay in stays
        if stay.discharged_on is not None and stay.discharged_on in span
    ]


def _retained(stays: Sequence[Stay], *, cohort: Span, day: int) -> list[Case]:
    return [
        Case(
            stay.patient_id,
            stay.admitted_on,
            counts=stay.discharged_on is None or (stay.discharged_on - stay.admitted_on).days > day,
            note=_ended(stay),
        )
        for stay in stays
        if stay.admitted_on is not None
        and stay.admitted_on in cohort
        and (cohort.last - stay.admitted_on).days >= day
    ]


def _readmitted(stays: Sequence[Stay], span: Span) -> list[Case]:
    admissions: dict[object, list[date]] = {}
    for stay in stays:
        if stay.admitted_on is not None:
            admissions.setdefault(stay.patient_id, []).append(stay.admitted_on)
    return [
        Case(
            stay.patient_id,
            left,
            counts=any(
                left <= back <= left + READMITTED_WITHIN and back != stay.admitted_on
                for back in admissions[stay.patient_id]
            ),
            note=_lasted(stay),
        )
        for stay in stays
        if (left := stay.discharged_on) is not None
        and left in span
        and left + READMITTED_WITHIN <= span.last
    ]


def _lasted(stay: Stay) -> str:
    if stay.admitted_on is None or stay.discharged_on is None:
        return ""
    lasted = length_of_stay(stay.admitted_on, discharge_date=stay.discharged_on).los_days
    reason = f", {stay.reason.label.lower()}" if stay.reason else ""
    return f"{lasted} days{reason}"


def _ended(stay: Stay) -> str:
    return f"Discharged after {_lasted(stay)}" if stay.discharged_on else "Still in care"


_OF_STAYS: Mapping[Gauge, Callable[[Sequence[Stay], Span], list[Case]]] = MappingProxyType(
    {
        Gauge.AVERAGE_CENSUS: _cared_for,
        Gauge.OCCUPANCY: _cared_for,
        Gauge.CAPACITY: _standing,
        Gauge.CASELOAD: _standing,
        Gauge.ADMISSIONS: _admissions,
        Gauge.WAITED: _admissions,
        Gauge.LENGTH_OF_STAY: _discharges,
        Gauge.MEDIAN_STAY: _discharges,
        Gauge.DISCHARGES: _discharges,
        Gauge.READMITTED_30: _readmitted,
    }
)
STAY_GAUGES = (
    frozenset(_OF_STAYS)
    | frozenset(RETENTION_GAUGES)
    | frozenset({Gauge.WITHIN_14_DAYS, Gauge.WITHIN_120_DAYS, Gauge.STILL_WAITING})
)
