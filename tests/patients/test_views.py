"""The pages of registration: found from anywhere, warned of twins, closed to whoever may not."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask, url_for

from clinic.audit.models import AuditLeaf
from clinic.data.db import db
from clinic.patients import services
from clinic.patients.facts import AlertSeverity, chart_path, photo_path
from clinic.patients.models import Patient
from tests import cast
from tests.conftest import SignIn, WorkAs
from tests.patients.builders import a_patient
from tests.patients.services.test_registration import somebody_of_another_organization

MARIA: dict[str, Any] = {
    "family_name": "Núñez",
    "given_names": "María Luisa",
    "birth_date": "1984-03-07",
    "sex": "female",
}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def how_many() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Patient)) or 0


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    with work_as(cast.FRANK) as work:
        return a_patient(work, family_name="O'Brien", given_names="<b>Séamus</b>")


def test_the_printed_addresses_are_the_routes(app: Flask) -> None:
    one = uuid4()
    with app.test_request_context():
        assert chart_path(one) == url_for("programs.chart", patient_id=one)
        assert photo_path(one) == url_for("patients.photo", patient_id=one)


def test_a_registration_leads_to_the_chart(sign_in: SignIn) -> None:
    answer = sign_in(cast.FRANK).post("/patients/new", data=MARIA)

    assert answer.status_code == 303
    assert how_many() == 1
    assert answer.location == chart_path(db.session.scalars(sa.select(Patient.id)).one())


def test_a_twin_is_shown_beside_what_was_typed_and_nothing_is_saved(sign_in: SignIn) -> None:
    desk = sign_in(cast.FRANK)
    desk.post("/patients/new", data=MARIA)
    again = MARIA | {"given_names": "Maria", "family_name": "nunez"}

    warned = desk.post("/patients/new", data=again)

    assert warned.status_code == 422
    assert "H-1001" in warned.text
    assert "Has a similar name." in warned.text
    assert "nunez, Maria" in warned.text
    assert how_many() == 1

    assert desk.post("/patients/new", data=again | {"despite_duplicates": "y"}).status_code == 303
    assert how_many() == 2


@pytest.mark.parametrize("missing", ["family_name", "birth_date", "sex"])
def test_what_is_missing_is_named_on_the_page(sign_in: SignIn, missing: str) -> None:
    answer = sign_in(cast.FRANK).post("/patients/new", data=MARIA | {missing: ""})

    assert answer.status_code == 422
    assert "Nothing has been saved" in answer.text
    assert how_many() == 0


def test_a_family_name_of_nothing_that_can_be_seen_is_refused(sign_in: SignIn) -> None:
    answer = sign_in(cast.FRANK).post("/patients/new", data=MARIA | {"family_name": "\u200b"})

    assert answer.status_code == 422
    assert how_many() == 0


def test_the_search_suggests_a_fragment_with_the_name_escaped(
    sign_in: SignIn, patient_id: UUID
) -> None:
    answer = sign_in(cast.NORA).get("/patients/suggest?q=obrien")

    assert f'href="/patients/{patient_id}"' in answer.text
    assert "&lt;b&gt;" in answer.text
    assert "<html" not in answer.text


@pytest.mark.usefixtures("patient_id")
def test_the_list_finds_and_exports_and_is_audited(sign_in: SignIn) -> None:
    desk = sign_in(cast.FRANK)

    assert "O&#39;Brien" in desk.get("/patients?q=o'brien").text
    assert "O&#39;Brien" in desk.get("/patients").text
    assert "Nobody found" in desk.get("/patients?q=zzz").text
    exported = desk.get("/patients?q=obrien&format=csv")
    assert exported.mimetype == "text/csv"
    assert "O'Brien" in exported.text
    actions = set(db.session.scalars(sa.select(AuditLeaf.action)))
    assert {"patients.find", "patients.export"} <= actions


def test_particulars_are_corrected_once_per_version(sign_in: SignIn, patient_id: UUID) -> None:
    desk = sign_in(cast.FRANK)
    address = f"/patients/{patient_id}/edit"
    assert 'value="1"' in desk.get(address).text
    change = MARIA | {"version": "1", "telephone": "555 0100"}

    assert desk.post(address, data=change).status_code == 303
    assert desk.post(address, data=change).status_code == 409
    assert desk.post(address, data=change | {"version": "x"}).status_code == 422
    assert desk.post(address, data=change | {"birth_date": "never"}).status_code == 422
    assert db.session.scalars(sa.select(Patient.telephone)).one() == "555 0100"


def test_the_banner_is_kept_from_the_edit_page(
    sign_in: SignIn, work_as: WorkAs, patient_id: UUID
) -> None:
    nurse = sign_in(cast.NORA)
    base = f"/patients/{patient_id}"

    assert "Allergies not recorded" in nurse.get(f"{base}/edit").text
    assert nurse.post(f"{base}/allergies/none").status_code == 303
    assert "No known allergies" in nurse.get(f"{base}/edit").text
    nurse.post(f"{base}/allergies", data={"allergy-substance": "Latex", "allergy-reaction": "rash"})
    nurse.post(
        f"{base}/alerts", data={"alert-severity": "stop", "alert-text": "See the prescriber"}
    )
    nurse.post(
        f"{base}/identifiers",
        data={"identifier-system": "Medicaid", "identifier-value": "A1"},
    )
    shown = nurse.get(f"{base}/edit").text
    assert "Allergic: Latex" in shown
    assert "See the prescriber" in shown
    assert "Medicaid" in shown

    with work_as(cast.NORA) as work:
        alert_id = services.raise_alert(
            work, patient_id=patient_id, severity=AlertSeverity.INFORM, text="Interpreter"
        )
    assert nurse.post(f"{base}/alerts/{alert_id}/end").status_code == 303
    assert nurse.post(f"{base}/alerts/{alert_id}/end").status_code == 404
    assert "Interpreter" not in nurse.get(f"{base}/edit").text


@pytest.mark.parametrize(
    ("part", "data"),
    [
        ("allergies", {"allergy-substance": ""}),
        ("alerts", {"alert-severity": "deafening", "alert-text": "x"}),
        ("identifiers", {"identifier-system": "", "identifier-value": "A1"}),
        ("photo", {}),
    ],
)
def test_a_form_of_the_edit_page_that_is_not_whole_says_so(
    sign_in: SignIn, patient_id: UUID, part: str, data: dict[str, str]
) -> None:
    nurse = sign_in(cast.NORA)
    answer = nurse.post(f"/patients/{patient_id}/{part}", data=data, follow_redirects=True)

    assert "Not saved." in answer.text


def test_a_photo_is_served_as_what_it_is_and_to_nobody_else(
    sign_in: SignIn, patient_id: UUID
) -> None:
    nurse = sign_in(cast.NORA)
    address = f"/patients/{patient_id}/photo"
    assert nurse.get(address).status_code == 404

    upload = {"photo-photo": (io.BytesIO(PNG), "me.svg")}
    assert nurse.post(address, data=upload).status_code == 303
    shown = nurse.get(address)
    assert (shown.mimetype, shown.data) == ("image/png", PNG)
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Cache-Control"] == "no-store"

    fake = {"photo-photo": (io.BytesIO(b"<svg onload=alert(1)>"), "me.png")}
    assert nurse.post(address, data=fake).status_code == 422
    assert sign_in(cast.PAT).get(address).status_code == 403


@pytest.mark.parametrize("path", ["", "/edit", "/photo", "/refer"])
def test_another_organizations_patient_looks_like_nobody(
    sign_in: SignIn, work_as: WorkAs, path: str
) -> None:
    stranger = somebody_of_another_organization(work_as)
    desk = sign_in(cast.FRANK)

    elsewhere = desk.get(f"/patients/{stranger}{path}")
    never = desk.get(f"/patients/{uuid4()}{path}")

    assert elsewhere.status_code == never.status_code == 404
    assert elsewhere.text == never.text


@pytest.mark.parametrize(
    ("member", "method", "path", "status"),
    [
        (cast.PAT, "get", "/patients", 403),
        (cast.PAT, "get", "/patients/suggest?q=a", 403),
        (cast.NORA, "get", "/patients/new", 403),
        (cast.NORA, "post", "/patients/new", 403),
        (cast.INGRID, "get", "/patients", 200),
        (cast.INGRID, "get", "/patients/new", 403),
        (cast.FRANK, "get", "/patients/new", 200),
    ],
)
def test_who_may(sign_in: SignIn, member: cast.Member, method: str, path: str, status: int) -> None:
    assert getattr(sign_in(member), method)(path).status_code == status


@pytest.mark.parametrize(
    "path", ["/edit", "/photo", "/allergies", "/allergies/none", "/alerts", "/identifiers"]
)
def test_an_inspector_changes_nothing(sign_in: SignIn, patient_id: UUID, path: str) -> None:
    assert sign_in(cast.INGRID).post(f"/patients/{patient_id}{path}").status_code == 403
