"""The entry screen as the nurse types it."""

from __future__ import annotations

import re

import sqlalchemy as sa

from clinic.data.db import db
from clinic.dosing.models import Dose, DowntimeLine
from tests import cast
from tests.conftest import SignIn, WorkAs
from tests.dosing.builders import ready_to_dose


def test_a_sheet_typed_in_is_recorded_with_its_conflicts_on_top(
    work_as: WorkAs, sign_in: SignIn
) -> None:
    ready_to_dose(work_as)
    nurse = sign_in(cast.NORA)
    shown = nurse.get("/dosing/downtime/back-entry").text
    code = re.search(r'name="lines-0-code"[^>]*value="([^"]+)"', shown)
    assert code is not None
    typed = {
        "idempotency_key": "s1",
        "day": "2026-03-03",
        "serial": "D-20260303-1",
        "window": "1",
        "lines-0-code": code[1],
        "lines-0-dose_mg": "40",
        "lines-0-given_at": "0712",
        "lines-0-initials": "NN",
        "lines-1-code": code[1],
        "lines-1-dose_mg": "40",
        "lines-1-given_at": "07:50",
        "lines-1-initials": "NN",
        "lines-2-code": "",
    }
    assert nurse.post("/dosing/downtime/back-entry", data=typed).status_code == 303
    assert nurse.post("/dosing/downtime/back-entry", data=typed).status_code == 303
    assert len(db.session.scalars(sa.select(Dose)).all()) == 1
    page = nurse.get("/dosing/downtime").text
    assert page.index("Conflict") < page.index("Recorded</")
    line = db.session.scalars(sa.select(DowntimeLine).where(DowntimeLine.dose_id.is_(None))).one()
    settled = nurse.post(
        f"/dosing/downtime/lines/{line.id}",
        data={"idempotency_key": "x1", "outcome": "not_given", "note": "written twice"},
    )
    assert settled.status_code == 303
    assert "written twice" in nurse.get("/dosing/downtime").text


def test_half_a_line_is_shown_again_with_what_was_typed(work_as: WorkAs, sign_in: SignIn) -> None:
    ready_to_dose(work_as)
    typed = {
        "idempotency_key": "s1",
        "day": "2026-03-03",
        "serial": "D-1",
        "window": "1",
        "lines-0-code": "N-000001",
        "lines-0-dose_mg": "47.5",
        "lines-0-given_at": "",
        "lines-0-initials": "NN",
    }
    answer = sign_in(cast.NORA).post("/dosing/downtime/back-entry", data=typed)
    assert answer.status_code == 422
    assert "47.5" in answer.text
    assert "A line needs the patient" in answer.text


def test_a_pack_is_written_on_demand_and_opens(sign_in: SignIn) -> None:
    nurse = sign_in(cast.NORA)
    written = nurse.post("/dosing/downtime")
    assert written.status_code == 303
    taken = nurse.get(written.location)
    assert taken.data.startswith(b"%PDF")
    assert taken.headers["Cache-Control"] == "no-store"
    assert sign_in(cast.CARL).get(written.location).status_code == 403
