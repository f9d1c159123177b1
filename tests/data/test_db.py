from __future__ import annotations

from pathlib import Path

import pysqlite3.dbapi2
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from clinic.data.db import UnsafeStorage, check_storage, db
from clinic.data.work import unit_of_reading
from clinic.sites.models import Site
from tests import cast
from tests.conftest import Clock, WorkAs, make_app


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 2)])
def test_a_library_that_can_lose_commits_is_refused(
    version: tuple[int, int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pysqlite3.dbapi2, "sqlite_version_info", version)
    with pytest.raises(UnsafeStorage, match=r"WAL-reset race.*need 3\.51\.3"):
        make_app(f"sqlite:///{tmp_path / 'clinic.db'}", tmp_path, Clock())


def test_the_first_release_without_the_race_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pysqlite3.dbapi2, "sqlite_version_info", (3, 51, 3))
    app = make_app(f"sqlite:///{tmp_path / 'clinic.db'}", tmp_path, Clock())
    assert app.testing


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Flask:
    return make_app(f"sqlite:///{tmp_path / 'clinic.db'}", tmp_path, Clock())


@pytest.mark.parametrize(
    ("weakening", "found"),
    [
        ("PRAGMA synchronous = normal", "synchronous is 1, must be 2"),
        ("PRAGMA foreign_keys = off", "foreign_keys is 0, must be 1"),
        ("PRAGMA journal_mode = delete", "journal_mode is 'delete', must be 'wal'"),
    ],
)
def test_storage_that_would_lose_commits_is_noticed(
    on_sqlite: Flask, weakening: str, found: str
) -> None:
    with on_sqlite.app_context(), db.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.execute(weakening)
        with pytest.raises(UnsafeStorage, match=found):
            check_storage(connection)
        connection.invalidate()


@pytest.mark.usefixtures("app")
def test_storage_as_opened_is_sound() -> None:
    with db.engine.connect() as connection:
        check_storage(connection)


def begun(work_as: WorkAs, *, writing: bool) -> list[str]:
    """How the transactions of one piece of work began."""
    heard: list[str] = []

    def listen(_c: object, _cur: object, statement: str, *_rest: object) -> None:
        if statement.startswith("BEGIN"):
            heard.append(statement)

    db.session.rollback()
    sa.event.listen(db.engine, "before_cursor_execute", listen)
    try:
        if writing:
            with work_as(cast.ADA) as work:
                work.session.execute(sa.select(Site.id)).all()
        else:
            with unit_of_reading(actor=cast.ADA.actor, now=cast.NOW, site=cast.NORTH) as work:
                work.session.execute(sa.select(Site.id)).all()
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", listen)
    return heard


def test_only_a_unit_of_work_takes_the_writer_s_turn(work_as: WorkAs) -> None:
    on_sqlite = db.engine.dialect.name == "sqlite"
    assert begun(work_as, writing=True) == (["BEGIN IMMEDIATE"] if on_sqlite else [])
    assert begun(work_as, writing=False) == (["BEGIN DEFERRED"] if on_sqlite else [])


def test_a_session_outside_any_unit_of_work_cannot_write_on_sqlite(
    request: pytest.FixtureRequest,
) -> None:
    clinic = request.getfixturevalue("sqlite_clinic")
    with clinic.app.app_context():
        with pytest.raises(DBAPIError, match="readonly"):
            db.session.execute(sa.update(Site).values(name="changed behind everybody's back"))
        db.session.rollback()
