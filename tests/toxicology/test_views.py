"""The page of a patient's tests, as a browser meets it."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from clinic.audit.models import AuditLeaf
from clinic.data.db import db
from clinic.toxicology.models import Specimen
from tests import cast
from tests.conftest import SignIn, WorkAs
from tests.patients.builders import a_patient
from tests.rewards.builders import an_enrolled_patient
from tests.toxicology.builders import a_result

STIMULANTS_NEGATIVE = {
    "reading_cocaine": "negative",
    "reading_amphetamine": "negative",
    "reading_methamphetamine": "negative",
}


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    with work_as(cast.CARL) as work:
        return an_enrolled_patient(work, visits="NNN")


def record(client: FlaskClient, patient_id: UUID, key: str = "k1", **values: str) -> TestResponse:
    form = {"idempotency_key": key, "outcome": "collected"} | values
    return client.post(f"/patients/{patient_id}/tests", data=form, follow_redirects=True)


def specimens(patient_id: UUID) -> int:
    db.session.rollback()
    return (
        db.session.scalar(sa.select(sa.func.count()).where(Specimen.patient_id == patient_id)) or 0
    )


def test_the_page_shows_the_grid_the_form_and_the_year(sign_in: SignIn, work_as: WorkAs) -> None:
    with work_as(cast.NORA) as work:
        patient_id = a_patient(work)
        a_result(work, patient_id=patient_id, was_random=True)

    text = sign_in(cast.NORA).get(f"/patients/{patient_id}/tests").text

    assert "Methamphetamine" in text
    assert "1 of 8" in text
    assert "Record result" in text
    assert 'value="negative" checked' not in text
    leaf = db.session.scalars(sa.select(AuditLeaf).where(AuditLeaf.action == "chart.view")).one()
    assert (leaf.patient_id, leaf.subject) == (patient_id, "drug tests")


def test_saving_says_what_the_result_earned_and_the_new_balance(
    sign_in: SignIn, patient_id: UUID
) -> None:
    answer = record(sign_in(cast.CARL), patient_id, **STIMULANTS_NEGATIVE)

    assert answer.status_code == 200
    assert "Result recorded. 4th negative in a row: $6.25. Balance $27.50." in answer.text


def test_the_same_form_sent_twice_is_one_test_and_one_award(
    sign_in: SignIn, patient_id: UUID
) -> None:
    client = sign_in(cast.CARL)

    for _ in range(2):
        answer = record(client, patient_id, **STIMULANTS_NEGATIVE)
        assert "4th negative in a row: $6.25. Balance $27.50." in answer.text

    assert specimens(patient_id) == 4


def test_all_negative_fills_the_form_without_a_script(sign_in: SignIn, patient_id: UUID) -> None:
    text = sign_in(cast.CARL).get(f"/patients/{patient_id}/tests?fill=negative").text

    assert text.count('checked id="reading_') == 12


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "Read at least one analyte"),
        ({"outcome": "missed"} | STIMULANTS_NEGATIVE, "Without a specimen there is nothing"),
        ({"reading_cocaine": "perhaps"}, "Not a valid choice"),
        ({"outcome": "lost"}, "Not a valid choice"),
    ],
)
def test_what_makes_no_sense_is_not_saved(
    sign_in: SignIn, patient_id: UUID, values: dict[str, str], sentence: str
) -> None:
    answer = record(sign_in(cast.CARL), patient_id, **values)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert specimens(patient_id) == 3


def test_a_refused_test_needs_no_reading(sign_in: SignIn, patient_id: UUID) -> None:
    answer = record(sign_in(cast.CARL), patient_id, outcome="refused")

    assert "A refused test counts as missed." in answer.text
    assert specimens(patient_id) == 4


def test_the_table_is_exported_whole(sign_in: SignIn, patient_id: UUID) -> None:
    lines = sign_in(cast.INGRID).get(f"/patients/{patient_id}/tests?format=csv").text.splitlines()

    assert lines[0].startswith("Date,Outcome,Random,Observed,Opiates,Fentanyl")
    assert lines[1].startswith("2026-03-03,Collected,no,no,,")
    assert len(lines) == 5


def test_who_may_only_look_sees_no_form_and_cannot_post(sign_in: SignIn, patient_id: UUID) -> None:
    inspector = sign_in(cast.INGRID)

    assert "Record result" not in inspector.get(f"/patients/{patient_id}/tests").text
    assert record(inspector, patient_id, **STIMULANTS_NEGATIVE).status_code == 403
    assert sign_in(cast.FRANK).get(f"/patients/{patient_id}/tests").status_code == 403
