"""A dose at one window, the bottle for the same date at another: never both."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import Declined
from clinic.data.db import db
from clinic.data.work import unit_of_work
from clinic.dosing import services
from clinic.dosing.facts import BottleState
from clinic.dosing.models import Dose, TakeHomeBottle
from clinic.dosing.services.take_home_bottles import hand_out, prepare
from tests import cast
from tests.conftest import Clinic, Clock, WorkAs, make_app
from tests.dosing.builders import a_bottle
from tests.dosing.take_home_builders import coming_on_tuesdays
from tests.engines.processes import FRESH

SECONDS_MAX = 90
TRIES = 5
THEN = cast.NOW + timedelta(days=1)

pytestmark = pytest.mark.timeout(300)


def _run(at: tuple[str, Path], patient_id: UUID, code: str | None, start: Any, told: Any) -> None:
    """One window: hands the bottle out, or gives the dose, again and again."""
    app = make_app(*at, Clock())
    start.wait(timeout=SECONDS_MAX)
    nurse = cast.NORA if code else cast.NELL
    done = 0
    for _ in range(TRIES):
        with app.app_context():
            try:
                with unit_of_work(
                    actor=nurse.actor, now=THEN, site=cast.NORTH, reactions={}
                ) as work:
                    if code:
                        hand_out(work, patient_id=patient_id, codes=[code], window=2)
                    else:
                        services.give_dose(work, patient_id=patient_id, order_number=1, window=1)
                    done += 1
            except Declined:
                continue
    told.put(done)


def test_a_dose_and_the_bottle_of_its_date_are_never_both_given(
    clinic: Clinic, work_as: WorkAs
) -> None:
    patient_id = coming_on_tuesdays(work_as)
    with work_as(cast.NORA) as work:
        a_bottle(work)
        services.give_dose(work, patient_id=patient_id, order_number=1, window=1)
        made = prepare(work, patient_id=patient_id, window=1)
    day = cast.NORTH.service_date(THEN)
    code = db.session.scalars(
        sa.select(TakeHomeBottle.code).where(TakeHomeBottle.take_on == day)
    ).one()
    assert code in made.codes
    db.session.rollback()

    start, told = FRESH.Barrier(2), FRESH.Queue()
    at = clinic.app.config["SQLALCHEMY_DATABASE_URI"], clinic.app.config["INSTANCE"]
    windows = [
        FRESH.Process(target=_run, args=(at, patient_id, which, start, told))
        for which in (code, None)
    ]
    for window in windows:
        window.start()
    done = sorted(told.get(timeout=SECONDS_MAX) for _ in windows)
    for window in windows:
        window.join(timeout=SECONDS_MAX)

    doses = db.session.scalars(sa.select(Dose).where(Dose.service_date == day)).all()
    out = db.session.scalars(
        sa.select(TakeHomeBottle).where(
            TakeHomeBottle.code == code, TakeHomeBottle.state == BottleState.HANDED_OUT
        )
    ).all()
    assert done == [0, 1]
    assert len(doses) + len(out) == 1
