from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from clinic.programs.facts import ClinicalClock, IntakeDocument, InterimTreatment
from clinic.programs.rules.clocks import (
    clinical_clock,
    intake_lookback,
    interim_treatment,
    priority_admission,
)

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("clock", "start", "due"),
    [
        (ClinicalClock.FULL_PHYSICAL_EXAM, date(2026, 6, 1), date(2026, 6, 15)),
        (ClinicalClock.PSYCHOSOCIAL_ASSESSMENT, date(2026, 6, 1), date(2026, 6, 15)),
        (ClinicalClock.FULL_PHYSICAL_EXAM, date(2028, 2, 20), date(2028, 3, 5)),
        (ClinicalClock.PHARMACY_DELIVERED_BUPRENORPHINE, date(2026, 3, 2), date(2026, 4, 16)),
        (ClinicalClock.TELEMEDICINE_OUD_PRESCRIBING, date(2026, 4, 15), date(2026, 10, 14)),
        (ClinicalClock.TELEMEDICINE_OUD_PRESCRIBING, date(2026, 8, 31), date(2027, 2, 27)),
        (ClinicalClock.TELEMEDICINE_OUD_PRESCRIBING, date(2027, 8, 30), date(2028, 2, 28)),
    ],
)
def test_the_last_permitted_day(clock: ClinicalClock, start: date, due: date) -> None:
    assert clinical_clock(clock, start_date=start) == due


@pytest.mark.parametrize(
    ("document", "performed", "age_days", "valid"),
    [
        (IntakeDocument.OUTSIDE_SCREENING_EXAM, date(2026, 5, 25), 7, True),
        (IntakeDocument.OUTSIDE_SCREENING_EXAM, date(2026, 5, 24), 8, False),
        (IntakeDocument.LAB_OR_SEROLOGY, date(2026, 5, 2), 30, True),
        (IntakeDocument.LAB_OR_SEROLOGY, date(2026, 5, 1), 31, False),
        (IntakeDocument.LAB_OR_SEROLOGY, date(2026, 6, 1), 0, True),
    ],
)
def test_a_finding_counts_while_it_is_recent(
    document: IntakeDocument, performed: date, age_days: int, *, valid: bool
) -> None:
    lookback = intake_lookback(document, performed_date=performed, admission_date=date(2026, 6, 1))
    assert (lookback.age_days, lookback.valid) == (age_days, valid)


def test_a_finding_too_old_says_by_which_section() -> None:
    lookback = intake_lookback(
        IntakeDocument.OUTSIDE_SCREENING_EXAM,
        performed_date=date(2026, 5, 1),
        admission_date=date(2026, 6, 1),
    )
    assert [reason.source for reason in lookback.decision.stops] == ["42 CFR 8.12(f)(2)(ii)"]


@pytest.mark.parametrize(
    ("start", "plan_due", "last"),
    [
        (date(2026, 1, 10), date(2026, 5, 9), date(2026, 7, 8)),
        (date(2027, 9, 15), date(2028, 1, 12), date(2028, 3, 12)),
    ],
)
def test_interim_treatment_counts_its_start_as_day_one(
    start: date, plan_due: date, last: date
) -> None:
    assert interim_treatment(start) == InterimTreatment(
        plan_due_date=plan_due, last_permitted_date=last, drug_tests_required=2
    )


def test_without_room_interim_services_come_within_48_hours() -> None:
    admission = priority_admission(
        datetime.fromisoformat("2026-08-03T09:00:00-04:00"),
        zone=NEW_YORK,
        capacity_available=False,
    )
    assert admission.admit_by == date(2026, 8, 17)
    assert admission.interim_services_by is not None
    assert admission.interim_services_by.isoformat() == "2026-08-05T09:00:00-04:00"
    assert admission.admit_by_with_interim_services == date(2026, 12, 1)


def test_48_hours_are_elapsed_and_written_in_the_offset_then_valid() -> None:
    admission = priority_admission(
        datetime.fromisoformat("2026-03-07T09:00:00-05:00"),
        zone=NEW_YORK,
        capacity_available=False,
    )
    assert admission.interim_services_by is not None
    assert admission.interim_services_by.isoformat() == "2026-03-09T10:00:00-04:00"


def test_a_request_late_in_the_evening_belongs_to_the_local_date() -> None:
    admission = priority_admission(
        datetime.fromisoformat("2026-08-04T03:30:00+00:00"),
        zone=NEW_YORK,
        capacity_available=True,
    )
    assert admission.admit_by == date(2026, 8, 17)
    assert admission.interim_services_by is None
    assert admission.admit_by_with_interim_services is None
