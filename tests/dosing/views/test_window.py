"""The window in a nurse's hands: known twice, at one window, locked, stale, spilled, carded."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from clinic.data.db import db
from clinic.dosing.models import Dose, DoseVoid, DosingHold
from clinic.stock.models import StockBottle
from tests import cast
from tests.conftest import Clock, SignIn, WorkAs
from tests.dosing.builders import ready_to_dose

GIVE = {"order_number": "1", "portion": "1", "identity": "birth_date", "looks_well": "y"}
PIN = "274951"


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    return ready_to_dose(work_as)


def give(client: FlaskClient, patient_id: UUID, **changes: str) -> Any:
    form = GIVE | {"idempotency_key": "k"} | changes
    return client.post(f"/dosing/{patient_id}/dose", data=form)


def count(model: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_nothing_is_given_before_the_second_identifier_and_the_screen(
    sign_in: SignIn, patient_id: UUID
) -> None:
    nurse = sign_in(cast.NORA)
    page = nurse.get(f"/dosing/{patient_id}").text
    assert "data-autofocus" not in page
    assert 'data-key="d"' in page
    assert "due: day 1 of treatment" in page
    assert give(nurse, patient_id, identity="").status_code == 422
    assert give(nurse, patient_id, looks_well="", idempotency_key="b").status_code == 422
    assert count(Dose) == 0
    assert give(nurse, patient_id, idempotency_key="c").status_code == 303


def test_a_second_window_is_told_and_takes_over_only_knowingly(
    sign_in: SignIn, patient_id: UUID
) -> None:
    nora, nell = sign_in(cast.NORA), sign_in(cast.NELL)
    nell.post("/dosing/at", data={"window": "2"})
    nora.get(f"/dosing/{patient_id}")
    there = nell.get(f"/dosing/{patient_id}").text
    assert "At window 1 with Nora Nurse since 09:00." in there
    assert "Give 40 mg" not in there
    assert give(nell, patient_id).status_code == 409
    assert "Window 1" in nell.get("/dosing").text
    nell.post(f"/dosing/{patient_id}/take-over")
    stale = give(nora, patient_id)
    assert stale.status_code == 409
    assert "At window 2 with Nell Secondnurse" in stale.text
    nell.post(f"/dosing/{patient_id}/leave")
    assert "At window 2" not in nora.get(f"/dosing/{patient_id}").text


def test_a_dose_after_the_lock_wants_the_pin(
    sign_in: SignIn, patient_id: UUID, clock: Clock
) -> None:
    nurse = sign_in(cast.NORA)
    nurse.post("/account/pin", data={"password": cast.PASSWORD, "pin": PIN, "pin_again": PIN})
    nurse.get(f"/dosing/{patient_id}")
    clock.now += timedelta(seconds=121)
    assert give(nurse, patient_id).status_code == 423
    assert count(Dose) == 0
    assert "data-now" in nurse.get(f"/dosing/{patient_id}").text
    assert nurse.post("/unlock", data={"password": PIN}).status_code == 200
    assert give(nurse, patient_id).status_code == 303
    signed = db.session.scalars(sa.select(Dose)).one().decision["attested"]["signed_at"]
    assert signed == clock.now.isoformat()


def test_a_page_from_before_gives_nothing_twice(sign_in: SignIn, patient_id: UUID) -> None:
    """A restored tab sends a new key with the old contents."""
    nurse = sign_in(cast.NORA)
    assert give(nurse, patient_id).status_code == 303
    again = give(nurse, patient_id, idempotency_key="restored")
    assert again.status_code == 409
    assert "40 mg given at 09:00 by Nora Nurse" in again.text
    assert give(nurse, patient_id, order_number="7", idempotency_key="stale").status_code == 409
    assert count(Dose) == 1


def test_signs_of_impairment_hold_from_the_window(sign_in: SignIn, patient_id: UUID) -> None:
    nurse = sign_in(cast.NORA)
    path = f"/dosing/{patient_id}/screen"
    assert nurse.post(path, data={"idempotency_key": "a"}).status_code == 422
    assert nurse.post(path, data={"idempotency_key": "b", "signs": ["mood"]}).status_code == 422
    nurse.post(path, data={"idempotency_key": "c", "signs": ["gait", "speech"]})
    assert count(DosingHold) == 1
    assert give(nurse, patient_id).status_code == 422
    assert "Slurred speech, Unsteady gait" in nurse.get(f"/dosing/{patient_id}").text


@pytest.mark.parametrize("weight", ["", "NaN", "19", "401", "1e9"])
def test_an_impossible_weight_comes_back(sign_in: SignIn, patient_id: UUID, weight: str) -> None:
    form = {"idempotency_key": "w", "weight_kg": weight}
    answer = sign_in(cast.NORA).post(f"/dosing/{patient_id}/weight", data=form)
    assert answer.status_code == 422


def test_a_spill_beside_the_dose_and_a_witness_s_pin(sign_in: SignIn, patient_id: UUID) -> None:
    nell = sign_in(cast.NELL)
    nell.post("/account/pin", data={"password": cast.PASSWORD, "pin": PIN, "pin_again": PIN})
    nurse = sign_in(cast.NORA)
    give(nurse, patient_id)
    page = nurse.get(f"/dosing/{patient_id}").text
    found = re.search(rf"/dosing/{patient_id}/spill/[0-9a-f-]+", page)
    assert found
    spilled = {"idempotency_key": "s", "reason": "spilled", "witness": "nell"}
    wrong = nurse.post(found[0], data=spilled | {"witness_password": "135790"})
    assert wrong.status_code == 422
    as_error = spilled | {"reason": "recorded_in_error", "witness_password": PIN}
    assert nurse.post(found[0], data=as_error).status_code == 422
    assert count(DoseVoid) == 0
    assert nurse.post(found[0], data=spilled | {"witness_password": PIN}).status_code == 303
    assert "Make sure nothing was swallowed" in nurse.get(f"/dosing/{patient_id}").text


def test_a_new_card_opens_and_a_lost_one_says_so(sign_in: SignIn, patient_id: UUID) -> None:
    nurse = sign_in(cast.NORA)
    assert nurse.get(f"/dosing/{patient_id}/card.pdf").status_code == 303
    nurse.post(f"/dosing/{patient_id}/card")
    page = nurse.get(f"/dosing/{patient_id}/card").text
    code = re.search(r"C[0-9A-Z]{10}", page)
    assert code
    assert nurse.get(f"/dosing?code={code[0].lower()}").location == f"/dosing/{patient_id}"
    printed = nurse.get(f"/dosing/{patient_id}/card.pdf")
    assert printed.mimetype == "application/pdf"
    assert b"Testperson" not in printed.data
    nurse.post(f"/dosing/{patient_id}/card/revoke")
    assert nurse.get(f"/dosing?code={code[0]}").location == "/dosing"
    assert "This card was revoked on 03 Mar 2026" in nurse.get("/dosing").text


def test_the_line_from_the_queue(sign_in: SignIn, patient_id: UUID, clock: Clock) -> None:
    nurse = sign_in(cast.NORA)
    assert nurse.post(f"/dosing/{patient_id}/check-in").status_code == 303
    assert nurse.post(f"/dosing/{patient_id}/check-in").status_code == 409
    form = {"priority": "pregnant", "reason": "Second trimester"}
    assert nurse.post(f"/dosing/{patient_id}/priority", data=form).status_code == 303
    clock.now += timedelta(minutes=16)
    shown = sign_in(cast.NORA).get("/dosing?show=line").text
    assert "16 min" in shown
    assert "Second trimester" in shown
    assert sign_in(cast.NORA).get("/dosing?go=next").location == f"/dosing/{patient_id}"
    assert sign_in(cast.NORA).get("/dosing?show=nonsense&page=99").status_code == 200


def test_the_pace_page_and_its_table(sign_in: SignIn, patient_id: UUID) -> None:
    nurse = sign_in(cast.NORA)
    give(nurse, patient_id)
    assert "ordered 40 mg; off by 0 mg" in nurse.get("/dosing/pace").text
    table = nurse.get("/dosing/pace?format=csv").text
    assert table.splitlines()[0] == "From,Dosed,Past days' mean"
    assert "09:00,1,0.0" in table


def test_the_day_board_checks_in_to_a_dose(sign_in: SignIn, patient_id: UUID) -> None:
    desk = sign_in(cast.FRANK)
    assert "Check in" in desk.get("/schedule").text
    assert desk.post(f"/schedule/patients/{patient_id}/check-in").status_code == 303
    assert "In line" in sign_in(cast.NORA).get("/dosing?show=line").text


def test_a_spill_before_the_dose_is_waste_and_the_dose_is_still_given(
    sign_in: SignIn, patient_id: UUID
) -> None:
    nell, nurse = sign_in(cast.NELL), sign_in(cast.NORA)
    nell.post("/account/pin", data={"password": cast.PASSWORD, "pin": PIN, "pin_again": PIN})
    assert "4 mL was poured" in nurse.get(f"/dosing/{patient_id}").text
    spilled = {"idempotency_key": "s", "reason": "Cup dropped.", "witness": "nell"}
    where = f"/dosing/{patient_id}/spill"
    alone = nurse.post(where, data=spilled | {"witness_password": "135790"})
    assert alone.status_code == 422
    for _ in range(2):
        assert nurse.post(where, data=spilled | {"witness_password": PIN}).status_code == 303
    assert give(nurse, patient_id).status_code == 303
    left = db.session.scalars(sa.select(StockBottle.balance)).one()
    assert left == 1_000_000 - 2 * 4000


def test_next_frees_the_window_even_when_nobody_is_next(sign_in: SignIn, patient_id: UUID) -> None:
    nora, nell = sign_in(cast.NORA), sign_in(cast.NELL)
    nell.post("/dosing/at", data={"window": "2"})
    assert "leave?go=next" in nora.get(f"/dosing/{patient_id}").text
    answer = nora.post(f"/dosing/{patient_id}/leave?go=next")
    assert answer.location.startswith("/dosing?go=next")
    assert "At window 1" not in nell.get(f"/dosing/{patient_id}").text


def test_the_queue_says_what_to_do_when_the_clock_had_run_ahead(
    sign_in: SignIn, patient_id: UUID, clock: Clock
) -> None:
    nurse = sign_in(cast.NORA)
    nurse.get(f"/dosing/{patient_id}")
    assert "No dose can be recorded" not in nurse.get("/dosing").text
    clock.now -= timedelta(minutes=5)
    page = nurse.get("/dosing").text
    assert "stands 5 minutes behind" in page
    assert "window.clock_behind_max_minutes" in page
