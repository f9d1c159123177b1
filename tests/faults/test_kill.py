"""kill -9 of the server while nurses dose: nothing acknowledged is lost, nothing is doubled."""

from __future__ import annotations

import socket
import time
from decimal import Decimal
from random import Random

import pytest
import sqlalchemy as sa

from clinic.data.db import db
from tests import cast
from tests.conftest import Clinic, Measured, SignIn, WorkAs
from tests.dosing.builders import a_bottle, ready_to_dose
from tests.faults.dispensing import Books, many_like, read_books
from tests.faults.servers import Line, mortal_server

ROUNDS = 100
DOSES_A_ROUND_MAX = 5
PATIENTS = 1_000
SEED = 9

pytestmark = pytest.mark.timeout(300)


def a_free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def books() -> Books:
    with db.engine.connect() as connection:
        return read_books(
            lambda sql: connection.execute(sa.text(sql)).all(),
            engine=connection.dialect.name,
        )


def test_a_hundred_kills_lose_no_dose_and_double_none(
    clinic: Clinic, work_as: WorkAs, sign_in: SignIn, measured: Measured
) -> None:
    one = ready_to_dose(work_as)
    with work_as(cast.NORA) as work:
        patients = many_like(work, one, count=PATIENTS)
        a_bottle(work, volume_ml=Decimal(10_000))
    cookie = sign_in(cast.NORA).get_cookie(clinic.app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    random = Random(SEED)  # noqa: S311  moments to kill at
    line = Line(a_free_port(), f"{cookie.key}={cookie.value}", patients)

    with mortal_server(clinic.app, port=line.port) as server, line.served():
        for _ in range(ROUNDS):
            enough = len(line.acknowledged) + random.randint(1, DOSES_A_ROUND_MAX)
            while len(line.acknowledged) < enough:
                assert line.refused == []
                time.sleep(0.001)
            server.kill()
        line.stop()
        answered = books()
        first = next(iter(line.acknowledged))
        assert line.ask(first) == (303, line.acknowledged[first])

    assert line.refused == []
    assert len(line.acknowledged) >= ROUNDS
    assert set(line.acknowledged) == set(answered.doses)
    assert answered.agree
    assert books() == answered  # asking again under the same key gave nothing more
    measured(
        f"{ROUNDS} kills on {db.engine.dialect.name}: {len(answered.doses)} doses acknowledged,"
        f" none lost or doubled, {line.asked_again} answers lost and asked for again"
    )
