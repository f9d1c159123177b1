"""Processes that dispense on a disk that breaks. Each is fresh: the disk is the process's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask

from clinic.data.db import db
from clinic.data.idempotency import once
from clinic.data.work import OutcomeUnknown, unit_of_work
from clinic.dosing import services
from tests import cast
from tests.conftest import Clock, make_app
from tests.engines.processes import FRESH
from tests.faults.disk import Disk, Step

SECONDS_MAX = 120


@dataclass(frozen=True, slots=True)
class Shift:
    """What the disk saw, and after how many of its steps each dose was acknowledged."""

    steps: Sequence[Step]
    acknowledged: Sequence[tuple[UUID, int]]


def elsewhere(task: Callable[..., Any], *arguments: Any) -> Any:
    """The answer of ``task`` run in a process of its own."""
    answers = FRESH.Queue()
    runner = FRESH.Process(target=_answer, args=(answers, task, arguments))
    runner.start()
    answer = answers.get(timeout=SECONDS_MAX)
    runner.join(timeout=SECONDS_MAX)
    assert runner.exitcode == 0
    return answer


def _answer(answers: Any, task: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    answers.put(task(*arguments))


def a_shift(url: str, folder: Path, patients: Sequence[UUID], synchronous: str) -> Shift:
    """Dose everybody, one after the other, on a disk that keeps its log."""
    disk, app = _opened(url, folder)
    acknowledged = []
    with app.app_context():
        sa.event.listen(
            db.engine, "connect", lambda raw, _: raw.execute(f"PRAGMA synchronous={synchronous}")
        )
        for patient_id in patients:
            _dose(patient_id, key=str(patient_id))
            acknowledged.append((patient_id, len(disk.steps)))
        _close()
    return Shift(disk.steps, acknowledged)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the nurse was told while the disk was broken, and once it was mended."""

    during: Sequence[str]
    readable: bool
    afterwards: Sequence[str]


def a_full_disk(url: str, folder: Path, patients: Sequence[UUID]) -> Trouble:
    """One dose, then no room for the others, then room again; the same process throughout."""
    disk, app = _opened(url, folder)
    first, *others = patients
    with app.app_context():
        assert _told(first) == "given"
        disk.is_full = True
        during = [_told(one) for one in others]
        readable = _count_of_doses() == 1
        disk.is_full = False
        afterwards = [_told(one) for one in patients]
        _close()
        return Trouble(during, readable, afterwards)


def a_failing_sync(url: str, folder: Path, patients: Sequence[UUID]) -> Trouble:
    """One dose, then a disk that takes everything and promises nothing, then a sound one."""
    disk, app = _opened(url, folder)
    first, *others = patients
    with app.app_context():
        assert _told(first) == "given"
        disk.fails_to_sync = True
        during = [_told(one) for one in others]
        readable = _count_of_doses() >= 1
        disk.fails_to_sync = False
        afterwards = [_told(one) for one in patients]
        _close()
        return Trouble(during, readable, afterwards)


DISK = Disk()
"""Of this process, for as long as it has a database open."""


def _opened(url: str, folder: Path) -> tuple[Disk, Flask]:
    DISK.install()
    return DISK, make_app(url, folder, Clock())


def _close() -> None:
    """Before Python ends: SQLite writes when the last connection closes, through our disk."""
    db.session.remove()
    db.engine.dispose()


def _told(patient_id: UUID) -> str:
    """In a word: given, given before under this key, not saved, or nobody knows."""
    try:
        return "replayed" if _dose(patient_id, key=str(patient_id)) else "given"
    except OutcomeUnknown:
        return "unknown"
    except sa.exc.DBAPIError:
        return "not saved"


def _dose(patient_id: UUID, *, key: str) -> bool:
    with unit_of_work(actor=cast.NORA.actor, now=cast.NOW, site=cast.NORTH, reactions={}) as work:
        answer = once(
            work,
            key=key,
            request={"patient": patient_id},
            verb=lambda: services.give_dose(
                work, patient_id=patient_id, order_number=1, window=1
            ).to_json(),
        )
    return answer.replayed


def _count_of_doses() -> int:
    with suppress(sa.exc.DBAPIError), db.engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM dose")).scalar_one())
    return -1
