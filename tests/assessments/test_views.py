"""The pages of a patient's measures, as a browser meets them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from clinic.assessments.models import Assessment
from clinic.audit.models import AuditLeaf
from clinic.data.db import db
from tests import cast
from tests.assessments.builders import COWS_OF_NINE, an_assessment, zeros
from tests.conftest import SignIn, WorkAs
from tests.patients.builders import a_patient


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    with work_as(cast.NORA) as work:
        return a_patient(work)


def record(
    client: FlaskClient, patient_id: UUID, instrument: str, answers: dict[str, int]
) -> TestResponse:
    form = {"idempotency_key": "k1", "instrument": instrument}
    form |= {f"answer_{name}": str(score) for name, score in answers.items()}
    return client.post(f"/patients/{patient_id}/measures", data=form, follow_redirects=True)


def kept() -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(Assessment)) or 0


def test_the_page_shows_where_they_stand_how_they_went_and_every_form(
    sign_in: SignIn, work_as: WorkAs, patient_id: UUID
) -> None:
    with work_as(cast.NORA) as work:
        an_assessment(work, patient_id=patient_id)
    with work_as(cast.NORA, now=cast.NOW + timedelta(hours=4)) as work:
        an_assessment(work, patient_id=patient_id, answers=COWS_OF_NINE | {"tremor": 4})

    text = sign_in(cast.NORA).get(f"/patients/{patient_id}/measures").text

    assert "Last 13 of 48, moderate." in text
    assert '"name": "Moderately severe"' in text
    assert "9 of 48" in text
    assert "Record a measure" in text
    leaf = db.session.scalars(sa.select(AuditLeaf).where(AuditLeaf.action == "chart.view")).one()
    assert (leaf.patient_id, leaf.subject) == (patient_id, "measures")


def test_without_measures_the_page_says_so(sign_in: SignIn, patient_id: UUID) -> None:
    text = sign_in(cast.NORA).get(f"/patients/{patient_id}/measures").text

    assert "Nothing has been measured here yet." in text


def test_every_instrument_has_a_form_with_one_row_an_item(
    sign_in: SignIn, patient_id: UUID
) -> None:
    client = sign_in(cast.NORA)
    rows = {
        name: client.get(f"/patients/{patient_id}/measures/new?instrument={name}").text.count(
            '<fieldset class="field"'
        )
        for name in ("cows", "sows", "short_sows", "ciwa_ar", "phq_9", "gad_7", "pain", "dast_10")
    }

    assert rows == {
        "cows": 11,
        "sows": 16,
        "short_sows": 10,
        "ciwa_ar": 10,
        "phq_9": 9,
        "gad_7": 7,
        "pain": 1,
        "dast_10": 10,
    }


def test_the_form_offers_only_scores_the_item_has(sign_in: SignIn, patient_id: UUID) -> None:
    text = sign_in(cast.NORA).get(f"/patients/{patient_id}/measures/new").text
    gooseflesh = text.partition('id="answer_gooseflesh"')[2].partition("</fieldset>")[0]

    assert gooseflesh.count('type="radio"') == 3
    assert "3 felt, or hairs stand" in gooseflesh
    assert "checked" not in gooseflesh


def test_saving_says_the_total_and_how_it_reads(sign_in: SignIn, patient_id: UUID) -> None:
    answer = record(sign_in(cast.NORA), patient_id, "cows", COWS_OF_NINE)

    assert answer.status_code == 200
    assert "COWS recorded: 9, mild." in answer.text


def test_a_gap_is_said_and_kept_without_a_total(sign_in: SignIn, patient_id: UUID) -> None:
    answer = record(sign_in(cast.NORA), patient_id, "cows", {"tremor": 2, "yawning": 0})

    assert "COWS recorded without a total: 9 items are open." in answer.text
    assert "No total: 9 open" in answer.text


def test_the_same_form_sent_twice_is_one_measurement(sign_in: SignIn, patient_id: UUID) -> None:
    client = sign_in(cast.NORA)
    for _ in range(2):
        answer = record(client, patient_id, "craving", {"now": 10})
        assert "Craving recorded: 10." in answer.text

    assert kept() == 1


def test_thoughts_of_self_harm_stay_on_the_page_until_a_later_form_denies_them(
    sign_in: SignIn, work_as: WorkAs, patient_id: UUID
) -> None:
    client = sign_in(cast.CARL)
    asked = record(client, patient_id, "phq_9", zeros("phq_9") | {"self_harm": 1})
    assert "do not leave the patient alone" in asked.text

    with work_as(cast.CARL, now=cast.NOW + timedelta(hours=1)) as work:
        an_assessment(work, patient_id=patient_id, instrument="phq_9", answers={"mood": 0})
    left_open = client.get(f"/patients/{patient_id}/measures").text
    assert "do not leave the patient alone" in left_open

    with work_as(cast.CARL, now=cast.NOW + timedelta(days=1)) as work:
        an_assessment(work, patient_id=patient_id, instrument="phq_9", answers=zeros("phq_9"))
    later = client.get(f"/patients/{patient_id}/measures").text
    assert "do not leave the patient alone" not in later


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({}, "Answer at least one item."),
        (COWS_OF_NINE | {"gooseflesh": 4}, "Gooseflesh: One of 0, 3, 5."),
    ],
)
def test_what_the_form_does_not_have_is_not_saved(
    sign_in: SignIn, patient_id: UUID, answers: dict[str, int], sentence: str
) -> None:
    answer = record(sign_in(cast.NORA), patient_id, "cows", answers)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert kept() == 0


def test_an_instrument_nobody_has_is_not_found(sign_in: SignIn, patient_id: UUID) -> None:
    client = sign_in(cast.NORA)

    assert record(client, patient_id, "cina", {"now": 1}).status_code == 404
    unknown = client.get(f"/patients/{patient_id}/measures/new?instrument=cina")
    assert unknown.status_code == 404


def test_the_table_is_exported_whole(sign_in: SignIn, work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.NORA) as work:
        an_assessment(work, patient_id=patient_id)
        an_assessment(work, patient_id=patient_id, instrument="pain", answers={"now": 3})

    lines = (
        sign_in(cast.INGRID).get(f"/patients/{patient_id}/measures?format=csv").text.splitlines()
    )

    assert lines[0].startswith("Date,Recorded at (UTC),Measure,Edition,Code system,Code,Total")
    assert (
        "2026-03-03,2026-03-03T14:00Z,Pain,1,http://loinc.org,72514-3,3,10,,0,now 3,,Nora Nurse"
        in lines
    )
    assert any(
        line.startswith(
            "2026-03-03,2026-03-03T14:00Z,COWS,2003,urn:clinic:instrument,cows-total,9,48,Mild,0,"
        )
        for line in lines
    )


def test_who_may_only_look_is_offered_no_form(sign_in: SignIn, patient_id: UUID) -> None:
    inspector = sign_in(cast.INGRID)

    assert "Record a measure" not in inspector.get(f"/patients/{patient_id}/measures").text
    assert record(inspector, patient_id, "cows", COWS_OF_NINE).status_code == 403
    assert sign_in(cast.FRANK).get(f"/patients/{patient_id}/measures").status_code == 403
