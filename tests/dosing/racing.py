"""Many people reach for the same thing at once: real processes, each with its own application.

Processes are fresh, so nothing is shared with the test but the address of the database. Threads
inside each raise the number of attempts that are under way together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask

from clinic.core.errors import Declined
from clinic.data.db import db
from clinic.data.idempotency import once
from clinic.data.types import new_id
from clinic.data.work import Work, unit_of_work
from clinic.dosing import services
from clinic.dosing.facts import BodySite, DoseOrigin
from clinic.dosing.models import Dose
from clinic.stock.facts import Form, Medication
from tests import cast
from tests.conftest import Clock, make_app
from tests.dosing.builders import an_order
from tests.engines.processes import FRESH

PROCESSES = 3
SECONDS_MAX = 90
NURSES = (cast.NORA, cast.NELL)
PRESCRIBERS = (cast.PIA, cast.MEG)


class Way(StrEnum):
    """How an attempt is made."""

    SERVICE = "service"
    """As the window does it."""
    AROUND_THE_RULE = "around_the_rule"
    """A bare INSERT: no lock, no question, only the database's own wall."""
    ORDER = "order"
    """A prescriber writes an order."""
    INJECTION = "injection"
    """A nurse records an injection."""


@dataclass(frozen=True, slots=True)
class Attempt:
    patient_id: UUID
    order_id: UUID
    nurse: int = 0
    way: Way = Way.SERVICE
    key: str | None = None


def race(app: Flask, attempts: Sequence[Attempt]) -> list[str]:
    """Make every attempt at once; what became of each: ``given ...`` or the refusal's sentence."""
    start = FRESH.Barrier(PROCESSES)
    answers = FRESH.Queue()
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    shares = [list(attempts[number::PROCESSES]) for number in range(PROCESSES)]
    runners = [
        FRESH.Process(target=_run, args=(url, app.config["INSTANCE"], share, start, answers))
        for share in shares
    ]
    for runner in runners:
        runner.start()
    outcomes = [line for _ in runners for line in answers.get(timeout=SECONDS_MAX)]
    for runner in runners:
        runner.join(timeout=SECONDS_MAX)
    assert [runner.exitcode for runner in runners] == [0] * PROCESSES
    return outcomes


def _run(url: str, folder: Path, attempts: list[Attempt], start: Any, answers: Any) -> None:
    app = make_app(url, folder, Clock())
    with ThreadPoolExecutor(max_workers=len(attempts)) as pool:
        start.wait(timeout=SECONDS_MAX)
        answers.put(list(pool.map(lambda attempt: _try(app, attempt), attempts)))


def _try(app: Flask, attempt: Attempt) -> str:
    with app.app_context():
        try:
            people = PRESCRIBERS if attempt.way is Way.ORDER else NURSES
            with unit_of_work(
                actor=people[attempt.nurse].actor, now=cast.NOW, site=cast.NORTH, reactions={}
            ) as work:
                return _attempt(work, attempt)
        except Declined as refusal:
            return f"{type(refusal).__name__}: {refusal}"


def _attempt(work: Work, attempt: Attempt) -> str:
    if attempt.way is Way.AROUND_THE_RULE:
        return _insert(work, attempt)
    if attempt.way is Way.ORDER:
        return f"given {an_order(work, patient_id=attempt.patient_id)}"
    if attempt.way is Way.INJECTION:
        return f"given {_inject(work, attempt)}"

    def verb() -> dict[str, Any]:
        return services.give_dose(
            work, patient_id=attempt.patient_id, order_number=1, window=1
        ).to_json()

    if attempt.key is None:
        return f"given {verb()['dose_id']}"
    answer = once(work, key=attempt.key, request={"patient": attempt.patient_id}, verb=verb)
    return f"given {answer.values['dose_id']}"


def _inject(work: Work, attempt: Attempt) -> UUID:
    return services.give_injection(
        work,
        patient_id=attempt.patient_id,
        order_number=1,
        window=1,
        body_site=BodySite.ABDOMEN_LEFT,
        lot="BX-1",
        expires_on=date(2026, 12, 31),
        rems_note="Given by staff.",
    )


def _insert(work: Work, attempt: Attempt) -> str:
    dose_id = new_id()
    work.session.execute(
        sa.insert(Dose),
        {
            "id": dose_id,
            "site_id": work.site.id,
            "service_date": work.service_date,
            "occurred_at": work.now,
            "time_zone": work.site.time_zone,
            "recorded_at": work.now,
            "recorded_by": work.actor.id,
            "recorded_by_name": work.actor.name,
            "patient_id": attempt.patient_id,
            "origin": DoseOrigin.WINDOW,
            "order_id": attempt.order_id,
            "order_number": 1,
            "medication": Medication.METHADONE,
            "form": Form.ORAL_CONCENTRATE,
            "dose_ug": 40_000,
            "portion": 1,
            "series": 1,
            "decision": {},
        },
    )
    return f"given {dose_id}"


def tear_down_the_wall() -> None:
    """Remove the UNIQUE constraint on a day's dose, to see what it is for."""
    with db.engine.connect().execution_options(writes=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("ALTER TABLE dose DROP CONSTRAINT uq_dose_once"))
        else:
            _rebuild_without_wall(connection)
        connection.commit()


def _rebuild_without_wall(connection: sa.Connection) -> None:
    schema = connection.execute(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'dose'")
    ).scalar_one()
    bare, walls = re.subn(r",\s*CONSTRAINT uq_dose_once UNIQUE \([^)]*\)", "", schema)
    assert walls == 1
    connection.execute(sa.text("DROP TABLE dose"))
    connection.exec_driver_sql(bare)
