"""What people read when something goes wrong, and what they never read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from clinic.data.db import db
from clinic.data.work import Work
from clinic.sites import services as sites
from tests import cast
from tests.conftest import Clock, SignIn

CLOSED = {"closed_on": "2026-12-24", "kind": "planned", "reason": "Stock count"}
UNKNOWN = "Saved or not: unknown"
NOT_SAVED = "Nothing you sent was saved."


@pytest.fixture
def without_table(sign_in: SignIn) -> FlaskClient:
    """A browser of the administrator; the table of closed days has gone from the database."""
    client = sign_in(cast.ADA)
    with db.engine.connect().execution_options(writes=True) as connection:
        connection.execute(sa.text("DROP TABLE closure"))
        connection.commit()
    return client


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_database_that_fails_is_503_and_says_when_to_come_back(
    without_table: FlaskClient, method: str
) -> None:
    path = "/site" if method == "GET" else "/site/closures"
    answer = without_table.open(path, method=method, data=CLOSED)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert NOT_SAVED in answer.text
    assert UNKNOWN not in answer.text
    assert "closure" not in answer.text
    assert "DROP" not in answer.text


def test_a_database_that_is_gone_is_503_even_while_asking_who_is_there(
    app: Flask, sign_in: SignIn
) -> None:
    client = sign_in(cast.ADA)
    with db.engine.connect().execution_options(writes=True) as connection:
        connection.execute(sa.text("ALTER TABLE sign_in_session RENAME TO gone"))
        connection.commit()
    answer = client.get("/account")
    assert answer.status_code == 503
    assert NOT_SAVED in answer.text
    assert app.test_client().get("/healthz").status_code == 503


def close_connections() -> None:
    """Have the server hang up on everybody at the clinic, as when it restarts."""
    with psycopg.connect(
        host=str(db.engine.url.query["host"]), user="postgres", dbname="postgres", autocommit=True
    ) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [db.engine.url.database],
        )


def test_a_connection_the_server_closed_is_503_and_the_next_request_works(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(cast.ADA)

    def cut(work: Work, **_asked: object) -> None:
        if work.session.get_bind().dialect.name == "postgresql":
            close_connections()
            work.session.execute(sa.text("SELECT 1"))
        raise OperationalError("INSERT", {}, OSError("disk I/O error"))

    monkeypatch.setattr(sites, "close_day", cut)
    answer = client.post("/site/closures", data=CLOSED)
    monkeypatch.undo()

    assert answer.status_code == 503
    assert NOT_SAVED in answer.text
    assert client.post("/site/closures", data=CLOSED).status_code == 303


def test_a_lost_answer_to_the_commit_says_that_nobody_knows(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(cast.ADA)
    commit = Session.commit

    def commit_and_cut_off(session: Session) -> None:
        commit(session)
        raise OperationalError("COMMIT", {}, OSError("connection reset"))

    monkeypatch.setattr(Session, "commit", commit_and_cut_off)
    answer = client.post("/site/closures", data=CLOSED)
    monkeypatch.undo()

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert UNKNOWN in answer.text
    assert "may or may not" in answer.text
    assert "Do not send it a second time." in answer.text
    assert NOT_SAVED not in answer.text
    assert client.post("/site/closures", data=CLOSED).status_code == 409


@pytest.fixture
def strict(app: Flask) -> Iterator[Flask]:
    """As people meet it: a bug is a page, not an exception in the test."""
    app.testing = False
    yield app
    app.testing = True


@pytest.mark.usefixtures("strict")
def test_a_bug_is_a_page_with_a_number_and_nothing_of_the_inside(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_asked: object, **_named: object) -> None:
        raise LookupError("secret detail of patient 4711")

    client = sign_in(cast.ADA)
    monkeypatch.setattr(sites, "close_day", broken)
    answer = client.post("/site/closures", data=CLOSED)

    assert answer.status_code == 500
    assert "4711" not in answer.text
    assert "Traceback" not in answer.text
    assert "LookupError" not in answer.text


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/nowhere", 404, "Nothing was changed"),
        ("/staff", 403, "Your role does not include this"),
    ],
)
def test_each_refusal_has_its_page(sign_in: SignIn, path: str, status: int, said: str) -> None:
    answer = sign_in(cast.NORA).get(path)
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert status == 404 or said in answer.text


def test_a_thing_of_another_site_and_a_thing_of_nobody_look_the_same(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)
    theirs = client.post(f"/staff/{cast.OLGA.id}/disable")
    nobody_s = client.post(f"/staff/{UUID(int=5)}/disable")
    assert (theirs.status_code, nobody_s.status_code) == (404, 404)
    assert theirs.text == nobody_s.text


def test_a_stale_form_is_a_clash(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)
    assert client.post("/site/details", data={"name": "First", "version": "1"}).status_code == 303
    answer = client.post("/site/details", data={"name": "Second", "version": "1"})
    assert answer.status_code == 409
    assert "Somebody changed this while you had it open." in answer.text
    assert "Second" not in client.get("/site").text


@pytest.mark.parametrize("version", ["", "one", "1.5", "0"])
def test_a_version_that_is_none_is_refused_not_broken(sign_in: SignIn, version: str) -> None:
    sent = {"name": "Changed", "version": version}
    answer = sign_in(cast.ADA).post("/site/details", data=sent)
    assert answer.status_code == 422


def test_a_body_too_large_is_refused_before_it_is_read(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)
    too_much = client.post("/site/closures", data=CLOSED | {"reason": "x" * 1_100_000})
    too_many = client.post(
        "/site/closures",
        data={f"field{number}": "x" for number in range(1001)},
        content_type="multipart/form-data",
    )
    assert (too_much.status_code, too_many.status_code) == (413, 413)


def test_the_clock_of_a_request_is_read_once(app: Flask, clock: Clock, sign_in: SignIn) -> None:
    reads: list[object] = []

    def ticking() -> object:
        reads.append(1)
        return clock.now + timedelta(seconds=len(reads))

    client = sign_in(cast.ADA)
    app.extensions["clock"] = ticking
    try:
        client.post("/site/closures", data=CLOSED)
    finally:
        app.extensions["clock"] = clock
    assert len(reads) == 1
