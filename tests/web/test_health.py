from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from clinic.data import jobs
from clinic.data.db import db
from clinic.data.work import writing
from tests.conftest import Clock


def beat(clock: Clock) -> None:
    session = db.session()
    with writing(session):
        jobs.hold_lease(session, holder="tests", now=clock.now, ttl=timedelta(seconds=60))


def test_all_is_well(app: Flask, clock: Clock) -> None:
    beat(clock)
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["faults"] == []
    assert answer.json["database"] in {"sqlite", "postgresql"}
    assert answer.json["migration"]
    assert answer.json["scheduler"] == "2026-03-03T14:00:00+00:00"


def test_a_silent_scheduler_is_named(app: Flask, clock: Clock) -> None:
    assert app.test_client().get("/healthz").status_code == 503
    beat(clock)
    clock.now += timedelta(seconds=90)
    assert app.test_client().get("/healthz").status_code == 200
    clock.now += timedelta(seconds=1)
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["faults"] == ["the scheduler is silent: start `python -m tasks`"]


def test_another_schema_is_named(app: Flask, clock: Clock) -> None:
    beat(clock)
    with db.engine.connect().execution_options(writes=True) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
        connection.commit()
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert "run `clinic migrate`" in answer.json["faults"][0]


def test_health_tells_nothing_of_a_patient_or_a_path(app: Flask) -> None:
    assert app.test_client().get("/healthz").json is not None
    keys = app.test_client().get("/healthz").json or {}
    assert keys.keys() == {"database", "migration", "scheduler", "faults"}
