"""Processes with an application each, and many threads in it, that all reach for money."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask

from clinic.core.errors import Declined
from clinic.data.db import db
from clinic.data.idempotency import once
from clinic.data.work import Work, unit_of_work
from clinic.rewards import services
from clinic.rewards.facts import Mark
from clinic.toxicology.facts import STIMULANTS
from tests import cast
from tests.conftest import Clock, make_app
from tests.engines.processes import FRESH
from tests.rewards.stock import SIGNED
from tests.toxicology.builders import a_visit

Act = Callable[[Work, Any], None]
PROCESSES = 3
LAST_OF_FEBRUARY = datetime(2026, 2, 28, 15, 0, tzinfo=UTC)
SECONDS_MAX = 90


@dataclass(frozen=True, slots=True)
class Track:
    """What all racers share: the database, the starting line, and where they come in."""

    url: str
    folder: Path
    barrier: Barrier
    finish: Queue[list[str]]


def redeem(work: Work, wish: tuple[UUID, int, str]) -> None:
    """Redeem by the key of a form; the key is the memo, so that the ledger names it."""
    patient_id, amount_cents, key = wish

    def pay() -> Mapping[str, Any]:
        paid = services.redeem(work, patient_id=patient_id, amount_cents=amount_cents, memo=key)
        return {"balance_cents": paid.balance_cents}

    once(work, key=key, request={"amount_cents": amount_cents}, verb=pay)


def hand_over(work: Work, wish: tuple[UUID, str]) -> None:
    """Hand a card over by its serial number."""
    patient_id, serial = wish
    services.hand_over(work, patient_id=patient_id, serial=serial, signature=SIGNED)


def record_negative(work: Work, wish: UUID) -> None:
    a_visit(work, "N", patient_id=wish)


def post_visit(work: Work, wish: tuple[UUID, int]) -> None:
    """Post a visit from a card of one's own."""
    patient_id, number = wish
    marks = dict.fromkeys(STIMULANTS, Mark.NEGATIVE)
    services.post_visit(work, patient_id=patient_id, number=number, marks=marks)


def draw(work: Work, wish: tuple[UUID, UUID, str]) -> None:
    patient_id, visit_id, choice = wish
    services.draw_prizes(work, patient_id=patient_id, visit_id=visit_id, choice=choice)


def void(work: Work, wish: tuple[UUID, UUID]) -> None:
    patient_id, transfer_id = wish
    services.void_award(
        work,
        patient_id=patient_id,
        transfer_id=transfer_id,
        reason="race",
        approved_by=cast.ADA.id,
    )


def redeem_in_february(work: Work, wish: UUID) -> None:
    """By a clock that went wrong: dated into the month that is being closed."""
    late = replace(work, now=LAST_OF_FEBRUARY)
    services.redeem(late, patient_id=wish, amount_cents=100, memo="late")


def close_february(work: Work, _wish: None) -> None:
    services.close_period(replace(work, actor=cast.ADA.actor), first_on=date(2026, 2, 1))


def race(app: Flask, wishes: Sequence[tuple[Act, Any]]) -> list[str]:
    """Carry out every wish, all at once over the processes; ``done`` or the refusal of each."""
    track = Track(
        url=app.config["SQLALCHEMY_DATABASE_URI"],
        folder=app.config["INSTANCE"],
        barrier=FRESH.Barrier(min(PROCESSES, len(wishes))),
        finish=FRESH.Queue(),
    )
    db.session.remove()
    racers = [
        FRESH.Process(target=_run, args=(track, wishes[number::PROCESSES]))
        for number in range(min(PROCESSES, len(wishes)))
    ]
    for racer in racers:
        racer.start()
    try:
        return [outcome for _ in racers for outcome in track.finish.get(timeout=SECONDS_MAX)]
    finally:
        for racer in racers:
            racer.join(timeout=SECONDS_MAX)
            racer.kill()


def _run(track: Track, wishes: Sequence[tuple[Act, Any]]) -> None:
    app = make_app(track.url, track.folder, Clock())
    outcomes: list[str] = []
    line = threading.Barrier(len(wishes))
    threads = [
        threading.Thread(target=_try, args=(app, line, act, wish, outcomes)) for act, wish in wishes
    ]
    track.barrier.wait(timeout=SECONDS_MAX)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=SECONDS_MAX)
    track.finish.put(outcomes)


def _try(app: Flask, line: threading.Barrier, act: Act, wish: Any, outcomes: list[str]) -> None:
    line.wait(timeout=SECONDS_MAX)
    try:
        with (
            app.app_context(),
            unit_of_work(
                actor=cast.CARL.actor,
                now=cast.NOW,
                site=cast.NORTH,
                reactions=app.extensions["reactions"],
            ) as work,
        ):
            act(work, wish)
    except Declined as declined:
        outcomes.append(str(declined))
    except Exception as error:  # noqa: BLE001  # a racer that breaks must be seen by the test
        outcomes.append(repr(error))
    else:
        outcomes.append("done")
