"""The import pages: look first, then import; refusals and odd people in plain sight."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from clinic.core.errors import NotFound
from clinic.data.db import db
from clinic.dosing.models import Dose, DoseQuestion
from clinic.exchange import queries
from clinic.exchange.models import ImportRun, ImportUpload
from clinic.exchange.readers import trial_history
from clinic.exchange.services import import_trial
from clinic.patients.models import Patient
from tests import cast
from tests.conftest import Clock, SignIn, WorkAs
from tests.exchange.builders import a_patient, a_trial, an_order, bundle, everything, naltrexone

BROKEN = bundle(a_patient("p-2", gender="woman"))


@pytest.fixture
def ada(sign_in: SignIn) -> FlaskClient:
    return sign_in(cast.ADA)


def send(client: FlaskClient, **files: bytes) -> TestResponse:
    named = [
        (io.BytesIO(content), name.replace("_json", ".json")) for name, content in files.items()
    ]
    return client.post("/import", data={"files": named}, content_type="multipart/form-data")


def rows(model: type[object]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_files_are_looked_at_before_anything_is_saved(ada: FlaskClient) -> None:
    sent = send(ada, good_json=bundle(*everything()), bad_json=BROKEN)
    shown = ada.get(sent.location)

    assert (sent.status_code, shown.status_code) == (303, 200)
    assert "nothing is saved yet" in shown.text
    assert "Import 4 rows" in shown.text
    assert "bad.json" in shown.text
    assert "/entry/0/resource/gender" in shown.text
    assert rows(Patient) == 0


def test_the_import_shows_what_came_of_it(ada: FlaskClient) -> None:
    sent = send(ada, good_json=bundle(*everything(), naltrexone()), bad_json=BROKEN)
    done = ada.post(sent.location)
    shown = ada.get(done.location)

    patient_id = db.session.scalars(sa.select(Patient.id)).one()
    assert done.status_code == 303
    assert f'href="/patients/{patient_id}"' in shown.text
    assert "exclude each other" in shown.text
    assert "bad.json" in shown.text
    assert rows(ImportUpload) == 0
    assert "FHIR records" in ada.get("/import").text


def test_pressed_twice_it_imports_once(ada: FlaskClient) -> None:
    sent = send(ada, good_json=bundle(*everything()))
    first, second = ada.post(sent.location), ada.post(sent.location)

    assert first.location == second.location
    assert (rows(ImportRun), rows(Patient)) == (1, 1)


def test_files_nobody_wants_are_deleted(ada: FlaskClient) -> None:
    sent = send(ada, good_json=bundle(*everything()))
    ada.post(f"{sent.location}/discard")

    assert rows(ImportUpload) == 0
    assert ada.get(sent.location).status_code == 404
    assert ada.post(sent.location).status_code == 404


def test_files_nobody_imported_are_gone_the_next_day(sign_in: SignIn, clock: Clock) -> None:
    send(sign_in(cast.ADA), old_json=bundle(*everything()))
    clock.now += timedelta(hours=25)
    send(sign_in(cast.ADA), new_json=bundle(*everything()))

    assert rows(ImportUpload) == 1


def test_the_list_of_imports_exports(ada: FlaskClient) -> None:
    ada.post(send(ada, good_json=bundle(*everything())).location)
    exported = ada.get("/import?format=csv").text.splitlines()

    assert exported[0] == "When,What,By,Files,Rows added,Rows changed,Refused"
    assert exported[1].endswith("FHIR records,Ada Administrator,1,4,0,0")


def test_everything_known_already_leaves_nothing_to_import(ada: FlaskClient) -> None:
    ada.post(send(ada, good_json=bundle(*everything())).location)
    again = ada.get(send(ada, good_json=bundle(*everything())).location)

    assert "There is nothing to import" in again.text


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("letter.pdf", "letter.pdf: the name must end in"), ("", "Choose at least one file.")],
)
def test_other_files_are_not_taken(ada: FlaskClient, name: str, sentence: str) -> None:
    answer = ada.post(
        "/import",
        data={"files": [(io.BytesIO(b"%PDF"), name)]},
        content_type="multipart/form-data",
    )

    assert answer.status_code == 422
    assert sentence in answer.text
    assert rows(ImportUpload) == 0


def test_a_file_name_is_shown_as_text_and_leads_nowhere(ada: FlaskClient) -> None:
    named = [(io.BytesIO(b"{"), "../../<img src=x>.json")]
    sent = ada.post("/import", data={"files": named}, content_type="multipart/form-data")
    shown = ada.get(sent.location).text

    assert "&lt;img src=x&gt;" in shown
    assert "<img src=x>" not in shown


@pytest.mark.parametrize("member", [cast.FRANK, cast.NORA, cast.PIA, cast.PAT])
def test_only_the_administrator_imports(sign_in: SignIn, member: cast.Member) -> None:
    assert sign_in(member).get("/import").status_code == 403


def test_another_site_sees_neither_files_nor_runs(ada: FlaskClient, work_as: WorkAs) -> None:
    sent = send(ada, good_json=bundle(a_patient(), an_order()))
    done = ada.post(sent.location)
    run_id = db.session.scalars(sa.select(ImportRun.id)).one()

    assert urlsplit(done.location).path == f"/import/runs/{run_id}"
    with pytest.raises(NotFound), work_as(cast.OLGA) as work:
        queries.run(work, run_id=run_id)


def test_a_prescriber_settles_a_doubled_day(
    sign_in: SignIn, work_as: WorkAs, tmp_path: Path
) -> None:
    history = trial_history.read_folder(a_trial(tmp_path / "trial"), day_zero=date(2024, 1, 1))
    with work_as(cast.ADA) as work:
        import_trial(work, history=history)
    question = db.session.scalars(sa.select(DoseQuestion)).one()
    pia, nora = sign_in(cast.PIA), sign_in(cast.NORA)

    assert "16 mg, a split dose" in pia.get("/import/questions").text
    assert "A prescriber decides" in nora.get("/import/questions").text
    answer = {"dose": "16000", "version": question.version, "idempotency_key": "decided"}
    assert nora.post(f"/import/questions/{question.id}", data=answer).status_code == 403
    assert pia.post(f"/import/questions/{question.id}", data=answer).status_code == 303
    assert "No imported dose waits" in pia.get("/import/questions").text

    again = pia.post(f"/import/questions/{question.id}", data=answer)
    pia.get("/import/questions")
    other = answer | {"dose": "none", "idempotency_key": "decided otherwise"}
    too_late = pia.post(f"/import/questions/{question.id}", data=other)
    assert (again.status_code, too_late.status_code) == (303, 409)
    assert "Settled:" not in too_late.text + pia.get("/import/questions").text
    given = sa.select(Dose.dose_ug).where(Dose.service_date == question.service_date)
    assert db.session.scalars(given).all() == [16000]


def test_a_run_of_histories_shows_its_figures(
    ada: FlaskClient, work_as: WorkAs, tmp_path: Path
) -> None:
    history = trial_history.read_folder(a_trial(tmp_path / "trial"), day_zero=date(2024, 1, 1))
    with work_as(cast.ADA) as work:
        outcome = import_trial(work, history=history)
    shown = ada.get(f"/import/runs/{outcome.run_id}").text

    assert "Days with contradicting doses" in shown
    assert "Participant 17, Trial" in shown
