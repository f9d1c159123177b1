"""Deadlines of admission, interim treatment and prescribing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from clinic.core.calendar_days import months_after
from clinic.core.decision import Decision, Effect, Reason
from clinic.core.service_dates import ONE_DAY
from clinic.programs.facts import (
    CLOCK_TERMS,
    LOOKBACK_LIMITS,
    ClinicalClock,
    IntakeDocument,
    InterimTerms,
    InterimTreatment,
    Lookback,
    PriorityAdmission,
    PriorityTerms,
)

_INTERIM_TERMS = InterimTerms()
_PRIORITY_TERMS = PriorityTerms()


def clinical_clock(clock: ClinicalClock, *, start_date: date) -> date:
    """The last permitted day.

    A term in months ends the day before the same day of the month; a day that month lacks
    counts as its last.

    Raises: OverflowError beyond the calendar.
    Source: the clock's, in ``CLOCK_TERMS``.
    """
    term = CLOCK_TERMS[clock]
    if term.months:
        return months_after(start_date, months=term.months) - ONE_DAY
    return start_date + timedelta(days=term.days)


def intake_lookback(
    document: IntakeDocument, *, performed_date: date, admission_date: date
) -> Lookback:
    """May a finding made before admission still count?

    Source: 42 CFR 8.12(f)(2)(ii) and (iv).
    """
    limit = LOOKBACK_LIMITS[document]
    age_days = (admission_date - performed_date).days
    reason = Reason(
        code="age_of_finding",
        message=f"Made {age_days} days before admission; at most {limit.days} count.",
        source=limit.source,
        effect=Effect.INFORM if age_days <= limit.days else Effect.STOP,
    )
    return Lookback(age_days=age_days, limit_days=limit.days, decision=Decision.of([reason]))


def interim_treatment(
    start_date: date, *, terms: InterimTerms = _INTERIM_TERMS
) -> InterimTreatment:
    """By when interim treatment needs its plan, and the last day it may last.

    Raises: OverflowError beyond the calendar.
    Source: 42 CFR 8.12(j); counting the start as day 1 is site policy.
    """
    return InterimTreatment(
        plan_due_date=start_date + timedelta(days=terms.plan_due_day - 1),
        last_permitted_date=start_date + timedelta(days=terms.last_permitted_day - 1),
        drug_tests_required=terms.drug_tests_required,
    )


def priority_admission(
    requested_at: datetime,
    *,
    zone: ZoneInfo,
    capacity_available: bool,
    terms: PriorityTerms = _PRIORITY_TERMS,
) -> PriorityAdmission:
    """By when a person who injects is to be admitted, or given interim services.

    Shape: ``interim_services_by`` is in the zone, with the offset valid at that instant.
    Units: the interim hours are elapsed hours; the admission days are local calendar days.
    Raises: OverflowError beyond the calendar.
    Source: 45 CFR 96.126.
    """
    requested_on = requested_at.astimezone(zone).date()
    admit_by = requested_on + timedelta(days=terms.admit_days)
    if capacity_available:
        return PriorityAdmission(admit_by, None, None)
    services_by = requested_at.astimezone(UTC) + timedelta(hours=terms.interim_services_hours)
    return PriorityAdmission(
        admit_by=admit_by,
        interim_services_by=services_by.astimezone(zone),
        admit_by_with_interim_services=requested_on
        + timedelta(days=terms.admit_days_with_interim_services),
    )
