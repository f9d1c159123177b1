"""Around the code: what the database refuses of take-homes; two windows and one bag of bottles."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import Clash, Declined
from clinic.data.db import db
from clinic.data.types import new_id
from clinic.data.work import Work, unit_of_work
from clinic.dosing.models import (
    TakeHomeBottle,
    TakeHomeDecision,
    TakeHomeEvent,
    TakeHomeSchedule,
)
from clinic.dosing.services.take_home_bottles import hand_out, prepare
from tests import cast
from tests.conftest import Clinic, Clock, WorkAs, make_app
from tests.dosing.take_home_builders import all_handed_out, coming_on_tuesdays
from tests.engines.processes import FRESH

THREADS = 4


def copied(work: Work, table: type[Any], **changes: Any) -> None:
    """A second row like the first one there is, written past every rule."""
    row = work.session.execute(sa.select(table.__table__)).mappings().first()
    assert row is not None
    values = dict(row) | {"id": new_id()} | changes
    work.session.execute(sa.insert(table.__table__).values(values))


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    return coming_on_tuesdays(work_as)


def test_a_date_has_one_live_bottle_and_an_event_happens_once(
    work_as: WorkAs, patient_id: UUID
) -> None:
    all_handed_out(work_as, patient_id)
    with pytest.raises(Clash, match="this date is already there"), work_as() as work:
        copied(work, TakeHomeBottle, code="TH-OTHER")
    with work_as() as work:  # one whose date is free again does not count
        copied(work, TakeHomeBottle, code="TH-GONE", covers=False, state="destroyed")
    with pytest.raises(Clash), work_as() as work:
        copied(work, TakeHomeBottle, covers=False, state="destroyed")  # a code is one bottle's
    with pytest.raises(Clash, match="a moment ago"), work_as() as work:
        copied(work, TakeHomeEvent)


@pytest.mark.parametrize("table", [TakeHomeDecision, TakeHomeSchedule, TakeHomeEvent])
def test_what_is_recorded_stays(work_as: WorkAs, patient_id: UUID, table: type[Any]) -> None:
    with work_as(cast.NORA) as work:
        prepare(work, patient_id=patient_id, window=1)
    with pytest.raises(Clash, match="cannot be changed"), work_as() as work:
        work.session.execute(sa.update(table.__table__).values(recorded_by_name="x"))
    with pytest.raises(Clash, match="cannot be changed"), work_as() as work:
        work.session.execute(sa.delete(table.__table__))


@pytest.mark.parametrize(
    ("table", "change", "wall"),
    [
        (TakeHomeDecision, {"number": 2, "regular_attendance": False}, "granted_when_all_met"),
        (TakeHomeDecision, {"number": 2, "ceiling_doses": 0}, "ceiling"),
        (TakeHomeDecision, {"number": 2, "rationale": "yes"}, "reasoned"),
        (TakeHomeSchedule, {"number": 2, "weekdays": 0}, "weekdays"),
        (TakeHomeBottle, {"code": "A", "covers": False, "state": "handed_out"}, "out_covers"),
        (TakeHomeBottle, {"code": "A", "covers": False, "number": 9}, "numbered"),
        (TakeHomeEvent, {"kind": "destroyed"}, "witnessed"),
    ],
)
def test_a_row_that_says_nonsense_is_refused(
    work_as: WorkAs, patient_id: UUID, table: type[Any], change: dict[str, Any], wall: str
) -> None:
    with work_as(cast.NORA) as work:
        prepare(work, patient_id=patient_id, window=1)
    with pytest.raises(sa.exc.IntegrityError, match=wall), work_as() as work:
        copied(work, table, **change)


def test_two_decisions_at_once_are_one(work_as: WorkAs, patient_id: UUID) -> None:
    del patient_id
    with pytest.raises(Clash, match="decided about these take-homes"), work_as() as work:
        copied(work, TakeHomeDecision)


def _hand_out(url: str, folder: Path, bag: tuple[UUID, list[str]], start: Any, out: Any) -> None:
    app = make_app(url, folder, Clock())

    def attempt(number: int) -> str:
        nurse = (cast.NORA, cast.NELL)[number % 2].actor
        with app.app_context():
            try:
                with unit_of_work(actor=nurse, now=cast.NOW, site=cast.NORTH, reactions={}) as work:
                    hand_out(work, patient_id=bag[0], codes=bag[1], window=number)
            except Declined as refusal:
                return type(refusal).__name__
            return "handed out"

    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        start.wait(timeout=60)
        out.put(list(pool.map(attempt, range(THREADS))))


def test_two_windows_hand_out_the_same_dates_and_one_does(
    clinic: Clinic, work_as: WorkAs, patient_id: UUID
) -> None:
    with work_as(cast.NORA) as work:
        made = prepare(work, patient_id=patient_id, window=1)
    start, out = FRESH.Barrier(2), FRESH.Queue()
    url, folder = clinic.app.config["SQLALCHEMY_DATABASE_URI"], clinic.app.config["INSTANCE"]
    bag = (patient_id, list(made.codes))
    windows = [
        FRESH.Process(target=_hand_out, args=(url, folder, bag, start, out)) for _ in range(2)
    ]
    for window in windows:
        window.start()
    outcomes = [line for _ in windows for line in out.get(timeout=90)]
    for window in windows:
        window.join(timeout=90)

    assert sorted(outcomes) == ["Clash"] * (2 * THREADS - 1) + ["handed out"]
    given = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(TakeHomeEvent)
        .where(TakeHomeEvent.kind == "handed_out")
    )
    assert given == 6
