"""Errands run outside of any transaction, and one that fails stops nobody."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from clinic.data.db import db
from tasks.scheduler import Scheduler
from tasks.timetable import Begin, Errand
from tests.conftest import Clock


def test_an_errand_that_fails_leaves_the_next_its_turn(app: Flask, clock: Clock) -> None:
    seen: list[object] = []

    def fails(_begin: Begin, _folder: Path) -> None:
        raise OSError("the printer burns")

    def runs(begin: Begin, folder: Path) -> None:
        assert not db.session().in_transaction()
        with begin() as work:
            seen.append(work.actor.name)
        assert not db.session().in_transaction()
        seen.append(folder)

    errands = (Errand("fails", fails), Errand("runs", runs))
    Scheduler(app, clock, daily=(), steady=(), errands=errands).tick()
    assert seen == ["system:runs", app.config["INSTANCE"]] * 2  # at both sites
