"""The power goes, the disk is full, the disk lies: no acknowledged dose is lost, none doubled."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from uuid import UUID

import pysqlite3.dbapi2
import pytest

from clinic.data.db import db
from tests import cast
from tests.conftest import Clinic, WorkAs
from tests.dosing.builders import ready_to_dose
from tests.faults.dispensers import (
    Shift,
    Trouble,
    a_failing_sync,
    a_full_disk,
    a_shift,
    elsewhere,
)
from tests.faults.dispensing import Books, many_like, read_books
from tests.faults.power import cuts

CUTS = 30
PATIENTS = 200
SEED = 20260303

ON_SQLITE = pytest.mark.parametrize("clinic", ["sqlite"], indirect=True)
pytestmark = [ON_SQLITE, pytest.mark.timeout(300)]  # each process starts an interpreter of its own


@dataclass(frozen=True, slots=True)
class Morning:
    """A clinic on SQLite, closed, with everybody waiting."""

    url: str
    folder: Path
    database: Path
    patients: Sequence[UUID]

    def books(self) -> Books:
        with closing(pysqlite3.dbapi2.connect(self.database)) as connection:
            return read_books(lambda sql: connection.execute(sql).fetchall())


@pytest.fixture
def morning(clinic: Clinic, work_as: WorkAs) -> Morning:
    one = ready_to_dose(work_as)
    with work_as(cast.NORA) as work:
        patients = many_like(work, one, count=PATIENTS)
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.session.remove()
    db.engine.dispose()
    database = Path(str(db.engine.url.database))
    return Morning(str(db.engine.url), Path(clinic.app.config["INSTANCE"]), database, patients)


def lost_and_unsound(morning: Morning, synchronous: str, folder: Path) -> tuple[int, int, int]:
    """Cut the power thirty times into one shift: doses lost, books that disagree, doses kept."""
    before = {morning.database.name: morning.database.read_bytes()}
    shift: Shift = elsewhere(a_shift, morning.url, morning.folder, morning.patients, synchronous)
    random = Random(SEED)  # noqa: S311  a reproducible accident
    lost = unsound = kept = 0
    at = sorted(random.sample(range(len(shift.steps)), CUTS))
    for cut, files in cuts(before, shift.steps, at=at, random=random):
        home = folder / str(cut)
        home.mkdir()
        for name, data in files.items():
            (home / name).write_bytes(data)
        with closing(pysqlite3.dbapi2.connect(home / morning.database.name)) as connection:
            try:
                books = read_books(lambda sql: connection.execute(sql).fetchall())
            except pysqlite3.dbapi2.DatabaseError:
                unsound += 1
                continue
        acknowledged = {patient for patient, after in shift.acknowledged if after <= cut}
        lost += len(acknowledged - books.doses.keys())
        kept += len(acknowledged & books.doses.keys())
        unsound += not (books.agree and len(books.doses) <= len(acknowledged) + 1)
    return lost, unsound, kept


def test_thirty_power_cuts_lose_no_acknowledged_dose(morning: Morning, tmp_path: Path) -> None:
    lost, unsound, kept = lost_and_unsound(morning, "full", tmp_path)

    assert (lost, unsound) == (0, 0)
    assert kept > CUTS * 50  # the cuts fell where there was something to lose


def test_with_a_laxer_promise_the_same_cuts_lose_doses(morning: Morning, tmp_path: Path) -> None:
    lost, _, _ = lost_and_unsound(morning, "normal", tmp_path)

    assert lost > 0


def test_a_full_disk_saves_nothing_by_halves_and_goes_on_when_there_is_room(
    morning: Morning,
) -> None:
    trouble: Trouble = elsewhere(a_full_disk, morning.url, morning.folder, morning.patients[:4])

    assert trouble == Trouble(
        during=["unknown", "unknown", "unknown"],
        readable=True,
        afterwards=["replayed", "given", "given", "given"],
    )
    assert morning.books().agree
    assert len(morning.books().doses) == 4


def test_after_a_failed_sync_nobody_claims_to_know_and_a_retry_settles_it(
    morning: Morning,
) -> None:
    trouble: Trouble = elsewhere(a_failing_sync, morning.url, morning.folder, morning.patients[:3])

    assert trouble.during == ["unknown", "unknown"]
    assert trouble.readable
    assert trouble.afterwards[0] == "replayed"
    assert set(trouble.afterwards[1:]) <= {"given", "replayed"}
    assert morning.books().agree
    assert len(morning.books().doses) == 3
