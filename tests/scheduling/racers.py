"""Processes of their own, each with its own application, that all reach for the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask

from clinic.core.errors import Clash
from clinic.data.work import Work, unit_of_work
from clinic.scheduling import services
from clinic.scheduling.facts import Setting
from tests import cast
from tests.conftest import Clock, make_app
from tests.engines.processes import FRESH

Act = Callable[[Work, Any], None]
START_SECONDS_MAX = 60


@dataclass(frozen=True, slots=True)
class Track:
    """What all racers share: the database, the starting line, and where they come in."""

    url: str
    folder: Path
    barrier: Barrier
    finish: Queue[tuple[int, list[str]]]


def book_slot(work: Work, wish: tuple[UUID, UUID, datetime]) -> None:
    patient, room, starts_at = wish
    services.book_session(
        work,
        modality="counseling",
        title="Counseling",
        starts_at=starts_at,
        minutes=5,
        resource_ids=[room],
        patient_ids=[patient],
        setting=Setting.IN_PERSON,
    )


def join_group(work: Work, wish: tuple[UUID, UUID]) -> None:
    session, patient = wish
    services.join_session(work, session_id=session, patient_id=patient)


def race(app: Flask, act: Act, wishes: Sequence[Sequence[Any]]) -> list[list[str]]:
    """Carry out each racer's wishes, all racers starting every round together.

    Shape: for each racer, ``booked`` or the clash of each round.
    """
    track = Track(
        url=app.config["SQLALCHEMY_DATABASE_URI"],
        folder=app.config["INSTANCE"],
        barrier=FRESH.Barrier(len(wishes)),
        finish=FRESH.Queue(),
    )
    racers = [
        FRESH.Process(target=_run, args=(track, number, act, own))
        for number, own in enumerate(wishes)
    ]
    for racer in racers:
        racer.start()
    try:
        came_in = dict(track.finish.get(timeout=START_SECONDS_MAX) for _ in racers)
    finally:
        for racer in racers:
            racer.join(timeout=START_SECONDS_MAX)
            racer.kill()
    return [came_in[number] for number in range(len(wishes))]


def _run(track: Track, number: int, act: Act, wishes: Sequence[Any]) -> None:
    app = make_app(track.url, track.folder, Clock())
    outcomes = []
    with app.app_context():
        for wish in wishes:
            track.barrier.wait(timeout=START_SECONDS_MAX)
            outcomes.append(_try(act, wish))
    track.finish.put((number, outcomes))


def _try(act: Act, wish: Any) -> str:
    try:
        with unit_of_work(
            actor=cast.FRANK.actor, now=cast.NOW, site=cast.NORTH, reactions={}
        ) as work:
            act(work, wish)
    except Clash as clash:
        return str(clash)
    return "booked"
