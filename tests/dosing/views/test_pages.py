"""The pages of the window in a browser's hands, as each role."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from clinic.data.db import db
from clinic.dosing.models import Dose, DoseVoid, DosingHold, MedicationOrder
from clinic.patients.models import Patient
from clinic.stock.models import StockBottle
from clinic.web.tables import REDISCLOSURE_NOTICE
from tests import cast
from tests.conftest import Clock, SignIn, WorkAs
from tests.dosing.builders import an_order, ready_to_dose


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    return ready_to_dose(work_as)


def key_on(page: str) -> str:
    found = re.search(r'name="idempotency_key"[^>]*value="([0-9a-f]+)"', page)
    assert found
    return found[1]


def give(client: FlaskClient, patient_id: UUID, **changes: Any) -> Any:
    form = {
        "order_number": "1",
        "portion": "1",
        "idempotency_key": "k",
        "identity": "birth_date",
        "looks_well": "y",
    } | changes
    return client.post(f"/dosing/{patient_id}/dose", data=form)


def count(model: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


PAGES = (
    "/dosing",
    "/dosing/missed",
    "/stock/bottles",
    "/dosing/log/2026-03-03",
    "/dosing/{patient}",
    "/patients/{patient}/dosing",
)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "member",
    [cast.NORA, cast.PIA, cast.PHIL, cast.CARL, cast.INGRID],
    ids=lambda member: member.username,
)
def test_who_may_see_dosing_sees_its_pages(
    sign_in: SignIn, patient_id: UUID, member: cast.Member, path: str
) -> None:
    answer = sign_in(member).get(path.format(patient=patient_id))
    assert answer.status_code == 200
    assert "Testperson" in answer.text or "{patient}" not in path


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "member", [cast.FRANK, cast.ADA, cast.PAT], ids=lambda member: member.username
)
def test_everybody_else_is_turned_away(
    sign_in: SignIn, patient_id: UUID, member: cast.Member, path: str
) -> None:
    assert sign_in(member).get(path.format(patient=patient_id)).status_code == 403


def test_the_window_shows_the_dose_in_mg_and_ml_and_gives_it_once(
    sign_in: SignIn, patient_id: UUID
) -> None:
    nurse = sign_in(cast.NORA)
    page = nurse.get(f"/dosing/{patient_id}").text
    assert re.search(r"data-dose>\s*40 mg", page)
    assert "4 mL</p>" in page
    assert "<b>4 mL</b> of 10 mg/mL" in page
    assert 'data-verdict="go"' in page

    first = give(nurse, patient_id, idempotency_key=key_on(page))
    assert (first.status_code, first.location) == (303, "/dosing")
    assert "Given: 40 mg (4 mL) under order 1." in nurse.get("/dosing").text
    assert count(Dose) == 1


def test_the_same_form_again_gets_the_first_answer(sign_in: SignIn, patient_id: UUID) -> None:
    nurse = sign_in(cast.NORA)
    give(nurse, patient_id)
    again = give(nurse, patient_id)
    assert again.status_code == 303
    assert "Already recorded, once: 40 mg (4 mL) under order 1." in nurse.get("/dosing").text
    assert count(Dose) == 1


def test_a_second_form_is_told_who_gave_the_dose_and_when(
    sign_in: SignIn, patient_id: UUID, clock: Clock
) -> None:
    give(sign_in(cast.NORA), patient_id)
    clock.now += timedelta(minutes=2)
    second = give(sign_in(cast.NELL), patient_id, idempotency_key="another")

    assert second.status_code == 409
    assert "40 mg given at 09:00 by Nora Nurse" in second.text
    assert count(Dose) == 1
    shown = sign_in(cast.NELL).get(f"/dosing/{patient_id}").text
    assert 'data-verdict="stop"' in shown
    assert "Give 40 mg" not in shown


def test_an_order_changed_behind_the_page_is_not_given(
    sign_in: SignIn, work_as: WorkAs, patient_id: UUID
) -> None:
    with work_as(cast.PIA) as work:
        an_order(
            work,
            patient_id=patient_id,
            dose_mg=Decimal(45),
            confirmed_reasons=("increase_too_soon",),
        )
    answer = give(sign_in(cast.NORA), patient_id)
    assert answer.status_code == 409
    assert "The order changed to 45 mg" in answer.text


@pytest.mark.parametrize(
    "member",
    [cast.FRANK, cast.CARL, cast.PIA, cast.ADA, cast.INGRID, cast.PAT],
    ids=lambda member: member.username,
)
def test_nobody_else_gives_a_dose(sign_in: SignIn, patient_id: UUID, member: cast.Member) -> None:
    assert give(sign_in(member), patient_id).status_code == 403
    assert count(Dose) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"identity": ""},
        {"identity": "face"},
        {"order_number": ""},
        {"portion": "9"},
        {"portion": "x"},
        {"idempotency_key": ""},
    ],
    ids=str,
)
def test_a_broken_form_gives_nothing(
    sign_in: SignIn, patient_id: UUID, changes: dict[str, str]
) -> None:
    assert give(sign_in(cast.NORA), patient_id, **changes).status_code == 422
    assert count(Dose) == 0


def test_a_missed_day_asks_for_a_tick_before_the_dose(
    sign_in: SignIn, patient_id: UUID, clock: Clock
) -> None:
    nurse = sign_in(cast.NORA)
    give(nurse, patient_id)
    clock.now += timedelta(days=2)
    nurse = sign_in(cast.NORA)
    page = nurse.get(f"/dosing/{patient_id}").text
    assert 'data-verdict="ask"' in page
    assert 'value="nurse_assessment"' in page

    assert give(nurse, patient_id, idempotency_key="b").status_code == 422
    answered = give(nurse, patient_id, idempotency_key="c", confirmed=["nurse_assessment"])
    assert answered.status_code == 303


def test_a_hold_from_the_window_stops_the_dose(sign_in: SignIn, patient_id: UUID) -> None:
    nurse = sign_in(cast.NORA)
    held = nurse.post(
        f"/dosing/{patient_id}/hold",
        data={"idempotency_key": "h", "reason": "impairment", "note": "unsteady"},
    )
    assert held.status_code == 303
    assert "appears impaired (unsteady)" in nurse.get(f"/dosing/{patient_id}").text
    assert give(nurse, patient_id).status_code == 422
    without = nurse.post(f"/dosing/{patient_id}/hold", data={"idempotency_key": "i"})
    assert without.status_code == 422
    assert count(DosingHold) == 1


def test_a_counselor_cannot_hold(sign_in: SignIn, patient_id: UUID) -> None:
    answer = sign_in(cast.CARL).post(
        f"/dosing/{patient_id}/hold", data={"idempotency_key": "h", "reason": "other"}
    )
    assert answer.status_code == 403


def test_a_scanned_card_opens_its_patient_and_no_other(sign_in: SignIn, patient_id: UUID) -> None:
    nurse = sign_in(cast.NORA)
    code = db.session.scalars(sa.select(Patient.code)).one()
    db.session.rollback()

    assert nurse.get(f"/dosing?code={code}").location == f"/dosing/{patient_id}"
    assert nurse.get("/dosing?code=NOBODY-77").location == "/dosing"
    assert "Nobody has that card or code." in nurse.get("/dosing").text
    assert nurse.get("/dosing?code=").location == "/dosing"
    assert nurse.get("/dosing?go=next").location == "/dosing"
    assert "data-scan" in nurse.get(f"/dosing/{patient_id}").text


ORDER = {
    "medication": "methadone",
    "form": "oral_concentrate",
    "dose_mg": "60",
    "portions": "1",
    "starts_on": "2026-03-04",
}


def test_a_big_step_is_asked_about_and_the_dose_typed_twice(
    sign_in: SignIn, patient_id: UUID
) -> None:
    doctor = sign_in(cast.PIA)
    path = f"/patients/{patient_id}/dosing/orders"
    page = doctor.get(f"{path}/new").text
    form = ORDER | {"idempotency_key": key_on(page), "rationale": "Verified by telephone."}

    first = doctor.post(path, data=form)
    assert first.status_code == 422
    assert "type the dose again" in first.text
    ticked = form | {"confirmed": ["increase_step", "dose_jump", "not_asked"]}
    assert doctor.post(path, data=ticked | {"dose_again_mg": "6"}).status_code == 422
    done = doctor.post(path, data=ticked | {"dose_again_mg": "60.0"})
    assert (done.status_code, done.location) == (303, f"/patients/{patient_id}/dosing")

    second = db.session.scalars(sa.select(MedicationOrder).where(MedicationOrder.number == 2)).one()
    assert second.dose_ug == 60_000
    assert second.decision["confirmed"] == ["dose_jump", "increase_step"]


@pytest.mark.parametrize(
    "changes",
    [
        {"dose_mg": ""},
        {"dose_mg": "NaN"},
        {"dose_mg": "-5"},
        {"dose_mg": "2001"},
        {"dose_mg": "1e400"},
        {"dose_mg": "0"},
        {"dose_mg": "40.00001"},
        {"medication": "other"},
        {"medication": "heroin"},
        {"form": "injection"},
        {"portions": "0"},
        {"starts_on": "yesterday"},
        {"starts_on": "2026-03-01"},
        {"starts_on": "2026-03-05", "ends_on": "2026-03-04"},
    ],
    ids=str,
)
def test_an_order_that_makes_no_sense_comes_back_with_its_page(
    sign_in: SignIn, patient_id: UUID, changes: dict[str, str]
) -> None:
    form = ORDER | {"dose_mg": "40", "idempotency_key": "o"} | changes
    answer = sign_in(cast.PIA).post(f"/patients/{patient_id}/dosing/orders", data=form)
    assert answer.status_code == 422
    assert count(MedicationOrder) == 1


def test_the_last_day_a_prescriber_names_is_still_covered(
    sign_in: SignIn, patient_id: UUID
) -> None:
    form = ORDER | {"dose_mg": "40", "ends_on": "2026-03-10", "idempotency_key": "o"}
    sign_in(cast.PIA).post(f"/patients/{patient_id}/dosing/orders", data=form)
    until = db.session.scalars(
        sa.select(MedicationOrder.ends_on).where(MedicationOrder.number == 2)
    ).one()
    assert f"{until}" == "2026-03-11"


def test_an_order_sent_twice_is_written_once_and_answered_twice(
    sign_in: SignIn, patient_id: UUID
) -> None:
    doctor = sign_in(cast.PIA)
    path = f"/patients/{patient_id}/dosing/orders"
    form = ORDER | {
        "dose_mg": "60",
        "dose_again_mg": "60",
        "idempotency_key": "twice",
        "rationale": "Verified by telephone.",
        "confirmed": ["increase_step", "dose_jump"],
    }
    answers = [doctor.post(path, data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert count(MedicationOrder) == 2  # the one in force before, and the new one


def test_a_nurse_writes_no_order(sign_in: SignIn, patient_id: UUID) -> None:
    nurse = sign_in(cast.NORA)
    path = f"/patients/{patient_id}/dosing/orders"
    assert nurse.get(f"{path}/new").status_code == 403
    assert nurse.post(path, data=ORDER | {"idempotency_key": "o"}).status_code == 403
    assert nurse.post(f"{path}/stop", data={"order_number": "1", "reason": "x"}).status_code == 403
    assert "New order" not in nurse.get(f"/patients/{patient_id}/dosing").text


def test_an_order_is_stopped_with_a_reason(sign_in: SignIn, patient_id: UUID) -> None:
    doctor = sign_in(cast.PIA)
    path = f"/patients/{patient_id}/dosing/orders/stop"
    doctor.post(path, data={"order_number": "1", "idempotency_key": "a", "reason": ""})
    assert "Nothing was stopped: say why." in doctor.get(f"/patients/{patient_id}/dosing").text
    doctor.post(path, data={"order_number": "1", "idempotency_key": "b", "reason": "wishes to"})
    assert "Stopped" in doctor.get(f"/patients/{patient_id}/dosing").text


def void_path(client: FlaskClient) -> str:
    found = re.search(
        r"(/dosing/log/2026-03-03/[0-9a-f-]+)/correct", client.get("/dosing/log/2026-03-03").text
    )
    assert found
    void = f"{found[1]}/void"
    assert void in client.get(found[0]).text
    return void


VOID = {"idempotency_key": "v", "reason": "spilled", "witness": "nell"}


def test_a_dose_is_taken_back_by_two_people(sign_in: SignIn, patient_id: UUID) -> None:
    nurse = sign_in(cast.NORA)
    give(nurse, patient_id)
    path = void_path(nurse)

    wrong = nurse.post(path, data=VOID | {"witness_password": "guessed"})
    assert wrong.status_code == 422
    assert "do not match" in wrong.text
    alone = VOID | {"witness": "nora", "witness_password": cast.PASSWORD}
    assert nurse.post(path, data=alone).status_code == 422
    assert count(DoseVoid) == 0

    done = nurse.post(path, data=VOID | {"witness_password": cast.PASSWORD})
    assert (done.status_code, done.location) == (303, "/dosing/log/2026-03-03")
    log = nurse.get("/dosing/log/2026-03-03").text
    assert "void: spilled 09:00, Nora Nurse, witness Nell Secondnurse" in log
    assert nurse.get(path.replace("2026-03-03", "2026-03-02")).status_code == 404


def test_guessing_a_witness_s_password_locks_the_account(sign_in: SignIn, patient_id: UUID) -> None:
    nurse = sign_in(cast.NORA)
    give(nurse, patient_id)
    path = void_path(nurse)
    for _ in range(5):
        nurse.post(path, data=VOID | {"witness_password": "guessed"})
    assert nurse.post(path, data=VOID | {"witness_password": cast.PASSWORD}).status_code == 422
    assert count(DoseVoid) == 0


def test_a_bottle_is_opened_at_the_window_this_browser_stands_at(
    sign_in: SignIn, patient_id: UUID
) -> None:
    nurse = sign_in(cast.NORA)
    nurse.post("/dosing/at", data={"window": "2"})
    assert "No bottle of methadone is open at window 2." in nurse.get(f"/dosing/{patient_id}").text
    opened = nurse.post(
        "/stock/bottles",
        data={
            "idempotency_key": "b",
            "product": "methadone_concentrate_10",
            "place": "window",
            "number": "2",
            "lot": "LOT-9",
            "amount": "500",
            "witness": cast.NELL.username,
            "witness_password": cast.PASSWORD,
        },
    )
    assert opened.status_code == 303
    assert count(StockBottle) == 2
    assert 'data-verdict="go"' in nurse.get(f"/dosing/{patient_id}").text
    nurse.post("/dosing/at", data={"window": "99"})
    assert "A window has a number from 1 to 20." in nurse.get("/dosing").text


@pytest.mark.parametrize(
    ("path", "header"),
    [
        ("/dosing?format=csv", "Patient,Code,Born,Where,Goes first,Medication,Dose,Since,Look at"),
        ("/dosing/missed?format=csv", "Patient,Code,Missed days,Last covered,Held,Medication"),
        ("/dosing/log/2026-03-03?format=csv", "Time,Patient,Identification,Substance,Strength"),
        ("/stock/bottles?format=csv", "Where,Product,Lot,Expires,State,Received"),
        ("/patients/{patient}/dosing?format=csv", "Date,Time,Medication,Dose mg,Portion"),
    ],
)
def test_every_list_leaves_as_csv_with_the_notice(
    sign_in: SignIn, patient_id: UUID, path: str, header: str
) -> None:
    nurse = sign_in(cast.NORA)
    give(nurse, patient_id)
    answer = nurse.get(path.format(patient=patient_id))
    lines = answer.text.splitlines()
    assert answer.mimetype == "text/csv"
    assert lines[0].startswith(header)
    assert lines[-1] == REDISCLOSURE_NOTICE


@pytest.mark.parametrize(
    "path",
    ["/dosing?on=nonsense", "/dosing/log/nonsense", "/dosing/00000000-0000-7000-8000-00000000dead"],
)
def test_what_does_not_exist_is_not_found(sign_in: SignIn, path: str) -> None:
    assert sign_in(cast.NORA).get(path).status_code == 404
