"""Tests as they are read back: the grid, the year, the program's rates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from clinic.data.work import Work
from clinic.programs import services as programs
from clinic.programs.facts import MedicationState
from clinic.toxicology import queries
from clinic.toxicology.facts import Analyte, CollectionOutcome, Reading
from tests import cast
from tests.conftest import WorkAs
from tests.patients.builders import a_patient
from tests.programs.builders import an_admission
from tests.toxicology.builders import NEGATIVE, a_result

MARCH = (date(2026, 3, 1), date(2026, 4, 1))


def test_history_is_newest_first_in_the_panel_s_order_and_this_site_s_alone(
    work_as: WorkAs,
) -> None:
    with work_as(cast.NORA) as work:
        patient_id, other = a_patient(work), a_patient(work)
        a_result(
            work,
            patient_id=patient_id,
            readings={Analyte.COCAINE: Reading.POSITIVE, Analyte.OPIATES: Reading.NEGATIVE},
            was_random=True,
        )
        a_result(work, patient_id=other)
    with work_as(cast.NORA, now=cast.NOW + timedelta(days=2)) as work:
        a_result(work, patient_id=patient_id, outcome=CollectionOutcome.MISSED, readings={})
    with work_as(cast.OLGA) as work:
        a_result(work, patient_id=patient_id)

    with work_as(cast.NORA) as work:
        tests = queries.history(work, patient_id=patient_id)
        latest = queries.history(work, patient_id=patient_id, latest=1)

    assert [(test.service_date.day, test.outcome.value) for test in tests] == [
        (5, "missed"),
        (3, "collected"),
    ]
    assert list(tests[1].readings.items()) == [
        (Analyte.OPIATES, Reading.NEGATIVE),
        (Analyte.COCAINE, Reading.POSITIVE),
    ]
    assert (tests[1].was_random, tests[1].recorded_by_name) == (True, "Nora Nurse")
    assert latest == tests[:1]


def test_the_year_counts_collected_tests_of_365_days_and_which_were_random(
    work_as: WorkAs,
) -> None:
    with work_as(cast.NORA) as work:
        patient_id = a_patient(work)
    for days_ago, was_random, outcome in (
        (0, True, "collected"),
        (1, True, "missed"),
        (90, False, "collected"),
        (364, True, "collected"),
        (365, True, "collected"),
    ):
        with work_as(cast.NORA, now=cast.NOW - timedelta(days=days_ago)) as work:
            a_result(
                work,
                patient_id=patient_id,
                outcome=CollectionOutcome(outcome),
                readings=NEGATIVE if outcome == "collected" else {},
                was_random=was_random,
            )

    with work_as(cast.NORA) as work:
        year = queries.tests_this_year(work, patient_id=patient_id)

    assert (year.collected, year.random, year.terms.random_tests_per_year) == (3, 2, 8)
    assert year.terms.source == "42 CFR 8.12(f)(6)"


@pytest.fixture
def month(work_as: WorkAs) -> None:
    """Six tests due in March: see ``test_rates``."""
    with work_as(cast.PIA) as work:
        on_methadone, without = a_patient(work), a_patient(work)
        an_admission(work, patient_id=on_methadone)
        programs.set_medication(work, patient_id=on_methadone, to=MedicationState.METHADONE)
        own = NEGATIVE | {Analyte.METHADONE: Reading.POSITIVE, Analyte.EDDP: Reading.POSITIVE}
        a_result(work, patient_id=on_methadone, readings=own)  # expected: negative
        a_result(work, patient_id=without, readings=own)  # somebody else's: positive
        a_result(work, patient_id=on_methadone, readings=own | {Analyte.FENTANYL: "positive"})
        a_result(work, patient_id=without)  # negative
        a_result(work, patient_id=without, readings={Analyte.COCAINE: Reading.INVALID})
        a_result(work, patient_id=without, outcome=CollectionOutcome.REFUSED, readings={})
        a_result(work, patient_id=without, outcome=CollectionOutcome.EXCUSED, readings={})
    with work_as(cast.PIA, now=datetime(2026, 4, 1, 14, 0, tzinfo=UTC)) as work:
        a_result(work, patient_id=without)


@pytest.mark.usefixtures("month")
def test_rates(work: Work) -> None:
    """2 of 5 collected, and 2 of the 6 due: an excused test was not due."""
    rates = queries.negative_rates(work, first=MARCH[0], until=MARCH[1])

    assert rates.observed_negative_percent == Decimal("40.0")
    assert rates.strict_negative_percent == Decimal("33.3")


def test_a_month_without_tests_has_no_rates(work: Work) -> None:
    rates = queries.negative_rates(work, first=MARCH[0], until=MARCH[1])

    assert (rates.observed_negative_percent, rates.strict_negative_percent) == (None, None)
