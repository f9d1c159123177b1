from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from clinic.data.db import db
from tests.conftest import Clock, make_app
from tests.engines.postgres import Postgres


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application as built, with no schema behind it: for asking what there is."""
    folder = tmp_path_factory.mktemp("house")
    return make_app(f"sqlite:///{folder / 'clinic.db'}", folder, Clock())


@contextmanager
def empty_url(engine: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database with nothing in it."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'empty.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    server.create_database("clinic_migrated")
    yield server.url("clinic_migrated")
    server.drop_database("clinic_migrated")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """An application on a database with nothing in it."""
    with (
        empty_url(request.param, tmp_path, request) as url,
        make_app(url, tmp_path, Clock()).app_context(),
    ):
        yield
        db.session.remove()
        db.engine.dispose()
