"""The prescriber's pages, outreach and injections in a browser's hands."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.data.db import db
from clinic.dosing import services
from clinic.dosing.models import Ecg, Injection, MedicationOrder, OrderPlan, StartFinding
from tests import cast
from tests.conftest import Clock, SignIn, WorkAs
from tests.dosing.builders import in_treatment, ready_to_dose
from tests.dosing.services.test_injections import WEEKLY, order
from tests.dosing.services.test_outreach import open_task
from tests.stock.builders import in_hand


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    return ready_to_dose(work_as)


def dosed(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.NORA) as work:
        services.give_dose(work, patient_id=patient_id, order_number=1, window=1)


def count(model: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


ORDER = {
    "idempotency_key": "k",
    "medication": "methadone",
    "form": "oral_concentrate",
    "dose_mg": "55",
    "portions": "1",
    "starts_on": "2026-03-04",
    "rationale": "",
}
PLAN = {
    "idempotency_key": "p",
    "kind": "titration",
    "medication": "methadone",
    "form": "oral_concentrate",
    "first_mg": "45",
    "last_mg": "60",
    "step_mg": "5",
    "every_days": "2",
    "portions": "1",
    "starts_on": "2026-03-04",
}


def test_the_preview_says_what_placing_would_and_writes_nothing(
    sign_in: SignIn, patient_id: UUID
) -> None:
    doctor = sign_in(cast.PIA)
    path = f"/patients/{patient_id}/dosing/orders/preview"
    stopped = doctor.post(path, data=ORDER, headers={"HX-Request": "true"})
    assert 'data-verdict="stop"' in stopped.text
    assert "55 mg on the first day" in stopped.text
    documented = ORDER | {"rationale": "Verified by telephone."}
    fragment = doctor.post(path, data=documented, headers={"HX-Request": "true"})
    whole = doctor.post(path, data=documented)

    assert (fragment.status_code, whole.status_code) == (200, 200)
    assert "<html" not in fragment.text
    assert "<html" in whole.text
    for answer in (fragment.text, whole.text):
        assert 'data-verdict="ask"' in answer
        assert "An increase of 15 mg at once" in answer
    unfinished = doctor.post(path, data=ORDER | {"dose_mg": ""}, headers={"HX-Request": "true"})
    assert "The verdict comes when" in unfinished.text
    assert count(MedicationOrder) == 1
    assert sign_in(cast.NORA).post(path, data=ORDER).status_code == 403


def test_a_plan_is_shown_whole_asked_about_and_accepted_once(
    sign_in: SignIn, patient_id: UUID
) -> None:
    doctor = sign_in(cast.PIA)
    base = f"/patients/{patient_id}/dosing/plan"
    assert doctor.get(base).status_code == 200
    shown = doctor.post(f"{base}/preview", data=PLAN)
    assert all(f"{dose} mg" in shown.text for dose in (45, 50, 55, 60))
    assert 'value="increase_too_soon"' in shown.text

    assert doctor.post(base, data=PLAN).status_code == 422
    answered = PLAN | {"confirmed": ["increase_too_soon"]}
    assert doctor.post(base, data=answered).status_code == 303
    assert doctor.post(base, data=answered).status_code == 303
    assert (count(OrderPlan), count(MedicationOrder)) == (1, 5)
    assert "Steps up" in doctor.get(f"/patients/{patient_id}/dosing").text


@pytest.mark.parametrize(
    "changes",
    [{"step_mg": "0"}, {"every_days": "0"}, {"first_mg": "NaN"}, {"last_mg": "1e9"}, {"kind": "x"}],
)
def test_a_broken_plan_writes_nothing(
    sign_in: SignIn, patient_id: UUID, changes: dict[str, str]
) -> None:
    answer = sign_in(cast.PIA).post(f"/patients/{patient_id}/dosing/plan", data=PLAN | changes)
    assert answer.status_code == 422
    assert count(MedicationOrder) == 1


def test_tables_stand_side_by_side_after_missed_days(
    sign_in: SignIn, work_as: WorkAs, patient_id: UUID, clock: Clock
) -> None:
    dosed(work_as, patient_id)
    clock.now += timedelta(days=5)
    page = sign_in(cast.PIA).get(f"/patients/{patient_id}/dosing/orders/new").text
    assert "After 4 missed days" in page
    assert re.search(r"Australia 2003</b></p>\s*<p[^>]*>20 mg", page)
    assert re.search(r"NSW 2018</b></p>\s*<p[^>]*>40 mg", page)


def test_findings_and_an_ecg_are_put_on_file(sign_in: SignIn, patient_id: UUID) -> None:
    nurse = sign_in(cast.NORA)
    base = f"/patients/{patient_id}/dosing"
    found = {
        "idempotency_key": "f",
        "opioid_class": "short_acting",
        "last_opioid_at": "2026-03-02T20:00",
        "naloxone_challenge": "not_done",
    }
    assert nurse.post(f"{base}/findings", data=found).status_code == 303
    ecg = {
        "idempotency_key": "e",
        "measured_on": "2026-03-01",
        "qtc_ms": "431",
        "method": "bazett",
        "read_by": "Dr. Reader",
    }
    assert nurse.post(f"{base}/ecg", data=ecg).status_code == 303
    assert nurse.post(f"{base}/ecg", data=ecg | {"qtc_ms": "20"}).status_code == 422
    assert nurse.post(f"{base}/findings", data={"idempotency_key": "x"}).status_code == 422
    assert (count(StartFinding), count(Ecg)) == (1, 1)
    page = nurse.get(f"{base}/findings").text
    assert "431 ms" in page
    assert sign_in(cast.INGRID).get(f"{base}/findings").status_code == 403


def test_a_call_is_recorded_from_the_list(
    sign_in: SignIn, work_as: WorkAs, patient_id: UUID, clock: Clock
) -> None:
    dosed(work_as, patient_id)
    task_id = open_task(work_as, days=3)
    clock.now += timedelta(days=3)
    carl = sign_in(cast.CARL)
    assert f"/dosing/outreach/{task_id}" in carl.get("/dosing/outreach").text
    assert "Wednesday 4 March 2026" in carl.get(f"/dosing/outreach/{task_id}").text
    sent = {"idempotency_key": "c", "method": "phone", "outcome": "coming_back"}
    assert carl.post(f"/dosing/outreach/{task_id}", data=sent | {"outcome": ""}).status_code == 422
    assert carl.post(f"/dosing/outreach/{task_id}", data=sent).status_code == 303
    assert "Everybody is accounted for." in carl.get("/dosing/outreach").text
    assert sign_in(cast.OLGA).get(f"/dosing/outreach/{task_id}").status_code == 404
    assert "Patient,Code,What" in carl.get("/dosing/outreach?format=csv").text


def test_an_injection_is_given_from_its_page_once(sign_in: SignIn, work_as: WorkAs) -> None:
    with work_as(cast.FRANK) as work:
        patient_id = in_treatment(work)
    order(work_as, patient_id)
    with work_as(cast.NORA) as work:
        in_hand(work, code="buprenorphine_weekly_24", lot="BX-1", amount=Decimal(2))
    nurse = sign_in(cast.NORA)
    path = f"/dosing/{patient_id}/injection"
    assert path in nurse.get("/dosing/injections").text
    assert WEEKLY.label in nurse.get(path).text
    sent: dict[str, Any] = {
        "idempotency_key": "i",
        "order_number": "1",
        "body_site": "abdomen_left",
        "lot": "BX-1",
        "expires_on": "2026-12-31",
        "rems_note": "Given by staff.",
    }
    assert 'value="BX-1"' in nurse.get(path).text
    assert nurse.post(path, data=sent | {"lot": ""}).status_code == 422
    assert nurse.post(path, data=sent).status_code == 303
    assert nurse.post(path, data=sent).status_code == 303
    assert nurse.post(path, data=sent | {"idempotency_key": "j"}).status_code == 409
    assert count(Injection) == 1
    assert "Patient,Code,Product" in nurse.get("/dosing/injections?format=csv").text
    assert "Next injection" in nurse.get(f"/patients/{patient_id}/dosing").text
