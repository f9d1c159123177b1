"""Many people draw from one bottle at its end: real processes, each with its own application."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask

from clinic.core.errors import Declined
from clinic.data.types import new_id
from clinic.data.work import unit_of_work
from clinic.stock import services
from tests import cast
from tests.conftest import Clock, make_app
from tests.engines.processes import FRESH
from tests.stock.builders import METHADONE, WINDOW_ONE

SECONDS_MAX = 90


def race(app: Flask, *, processes: int, attempts: int, quantity: int) -> list[str]:
    """Let every process take ``quantity`` so many times; what became of each attempt."""
    start = FRESH.Barrier(processes)
    answers = FRESH.Queue()
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    runners = [
        FRESH.Process(
            target=_run, args=(url, app.config["INSTANCE"], (attempts, quantity), start, answers)
        )
        for _ in range(processes)
    ]
    for runner in runners:
        runner.start()
    outcomes = [line for _ in runners for line in answers.get(timeout=SECONDS_MAX)]
    for runner in runners:
        runner.join(timeout=SECONDS_MAX)
    assert [runner.exitcode for runner in runners] == [0] * processes
    return outcomes


def _run(url: str, folder: Path, tries: tuple[int, int], start: Any, answers: Any) -> None:
    attempts, quantity = tries
    app = make_app(url, folder, Clock())
    start.wait(timeout=SECONDS_MAX)
    answers.put([_try(app, quantity) for _ in range(attempts)])


def _try(app: Flask, quantity: int) -> str:
    with app.app_context():
        try:
            with unit_of_work(
                actor=cast.NORA.actor, now=cast.NOW, site=cast.NORTH, reactions={}
            ) as work:
                services.take(
                    work,
                    spot=WINDOW_ONE,
                    code=METHADONE,
                    quantity=quantity,
                    subject_id=new_id(),
                )
        except Declined as refusal:
            return type(refusal).__name__
    return "taken"
