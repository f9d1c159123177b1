"""Measurements as they are read back."""

from __future__ import annotations

from datetime import timedelta

from clinic.assessments import queries
from tests import cast
from tests.assessments.builders import COWS_OF_NINE, an_assessment
from tests.conftest import WorkAs
from tests.patients.builders import a_patient


def test_history_is_newest_first_and_this_site_s_and_patient_s_alone(work_as: WorkAs) -> None:
    with work_as(cast.NORA) as work:
        patient_id, other = a_patient(work), a_patient(work)
        an_assessment(work, patient_id=patient_id, note="first")
        an_assessment(work, patient_id=other)
    with work_as(cast.CARL, now=cast.NOW + timedelta(days=1)) as work:
        an_assessment(work, patient_id=patient_id, instrument="craving", answers={"now": 7})
    with work_as(cast.NORA, now=cast.NOW + timedelta(days=1, hours=2)) as work:
        an_assessment(work, patient_id=patient_id, answers={"tremor": 1})
    with work_as(cast.OLGA) as work:
        an_assessment(work, patient_id=patient_id)

    with work_as(cast.NORA) as work:
        found = queries.history(work, patient_id=patient_id)

    assert [
        (one.instrument.id, one.service_date.day, one.total, one.band, one.recorded_by_name)
        for one in found
    ] == [
        ("cows", 4, None, None, "Nora Nurse"),
        ("craving", 4, 7, None, "Carl Counselor"),
        ("cows", 3, 9, "mild", "Nora Nurse"),
    ]
    assert found[2].answers == COWS_OF_NINE
    assert found[2].note == "first"
