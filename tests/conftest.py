"""A clinic to test in: the same on SQLite and on a real PostgreSQL, fresh for every test.

Each engine is migrated and staffed once; a test gets a copy of that. Tests that ask for ``app``,
``work`` or ``sign_in`` run on both.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from contextvars import Context
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from flask_migrate import upgrade
from playwright.sync_api import Browser, sync_playwright
from werkzeug.test import TestResponse

from clinic.app import create_app
from clinic.core.actors import Actor
from clinic.core.service_dates import SiteClock
from clinic.data.db import db
from clinic.data.work import Work, unit_of_work
from clinic.sites import services as sites
from clinic.sites.models import Organization, Site
from clinic.staff import services as staff
from clinic.staff.models import SiteRole, UserAccount
from config import Config
from tests import cast
from tests.engines.browser import launch_chromium
from tests.engines.postgres import Postgres

DATABASE = "clinic_test"
TEMPLATE = "clinic_template"


class Clock:
    """The wall clock of a test: stands still until the test moves it."""

    def __init__(self) -> None:
        self.now = cast.NOW

    def __call__(self) -> datetime:
        return self.now


class Visitor(FlaskClient):
    """Each request is a world of its own, whatever context the test itself stands in.

    Otherwise clock, login and session of one request would still be there in the next.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if has_app_context():
            db.session.rollback()  # what the test reads afterwards is read anew
        return Context().run(super().open, *args, **kwargs)


class Clinic:
    """One engine's application and the way back to its first morning."""

    def __init__(self, app: Flask, clock: Clock, restore: Callable[[], None]) -> None:
        self.app = app
        self.clock = clock
        self.restore = restore


def settings(url: str, instance: Path) -> Config:
    return Config(
        SQLALCHEMY_DATABASE_URI=url,
        SECRET_KEY="only for tests, and long enough to be one",
        TESTING=True,
        INSTANCE=instance,
        PASSWORD_HASH_ROUNDS=1,
        PASSWORD_HASH_MEMORY_KIB=64,
    )


def make_app(url: str, instance: Path, clock: Clock) -> Flask:
    app = create_app(settings(url, instance), clock=clock)
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = Visitor
    return app


def staff_the_clinic(app: Flask) -> None:
    """Both sites, open Monday to Saturday, and everybody of the cast."""
    hashed = app.extensions["passwords"].hash(cast.PASSWORD)
    with unit_of_work(
        actor=Actor.system("tests"), now=cast.NOW, site=cast.NORTH, reactions={}
    ) as work:
        session = work.session
        session.add(Organization(id=cast.ORGANIZATION, name="Harbor Program"))
        session.flush()
        for clock, code in ((cast.NORTH, "north"), (cast.SOUTH, "south")):
            session.add(
                Site(
                    id=clock.id,
                    organization_id=cast.ORGANIZATION,
                    code=code,
                    name=f"Harbor {code.capitalize()}",
                    time_zone=clock.time_zone,
                    beds=10,
                    capacity=250,
                )
            )
        session.flush()
        for member in cast.EVERYBODY:
            session.add(
                UserAccount(
                    id=member.id,
                    organization_id=cast.ORGANIZATION,
                    username=member.username,
                    display_name=member.name,
                    password_hash=hashed,
                )
            )
        session.flush()
        session.add_all(
            SiteRole(site_id=member.site.id, user_id=member.id, role=member.role)
            for member in cast.EVERYBODY
        )
        sites.set_hours(work, hours={day: (time(5, 30), time(18, 0)) for day in range(6)})


@pytest.fixture(scope="session")
def sqlite_clinic(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    folder = tmp_path_factory.mktemp("sqlite")
    database, template = folder / "clinic.db", folder / "template.db"
    clock = Clock()
    app = make_app(f"sqlite:///{database}", folder, clock)
    with app.app_context():
        upgrade()
        staff_the_clinic(app)
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
    shutil.copy(database, template)

    def restore() -> None:
        db.session.remove()
        db.engine.dispose()
        for leftover in (f"{database}-wal", f"{database}-shm"):
            with suppress(FileNotFoundError):
                Path(leftover).unlink()
        shutil.copy(template, database)

    return Clinic(app, clock, restore)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real outside inputs, beside the repository and no part of it. Absent: the summary says so."""
    folder = Path(__file__).resolve().parents[1].parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared outside files (../shared/data) are not on this machine")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run: Playwright admits no second driver in a thread."""
    with sync_playwright() as playwright:
        chromium = launch_chromium(playwright)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_clinic(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    folder = tmp_path_factory.mktemp("postgresql")
    clock = Clock()
    postgres.create_database(TEMPLATE)
    maker = make_app(postgres.url(TEMPLATE), folder, clock)
    with maker.app_context():
        upgrade()
        staff_the_clinic(maker)
        db.session.remove()
        db.engine.dispose()
    postgres.create_database(DATABASE, template=TEMPLATE)
    app = make_app(postgres.url(DATABASE), folder, clock)

    def restore() -> None:
        db.session.remove()
        db.engine.dispose()
        postgres.drop_database(DATABASE)
        postgres.create_database(DATABASE, template=TEMPLATE)

    return Clinic(app, clock, restore)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def clinic(request: pytest.FixtureRequest) -> Iterator[Clinic]:
    """The clinic on its first morning, on each engine in turn."""
    name = "sqlite_clinic" if request.param == "sqlite" else "postgres_clinic"
    found: Clinic = request.getfixturevalue(name)
    with found.app.app_context():
        found.clock.now = cast.NOW
        found.restore()
        yield found
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(clinic: Clinic) -> Flask:
    return clinic.app


@pytest.fixture
def clock(clinic: Clinic) -> Clock:
    return clinic.clock


Measured = Callable[[str], None]


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Measured:
    """Say what was measured: a sentence at the end of the run, whichever process measured it."""

    def say(sentence: str) -> None:
        request.node.user_properties.append(("measured", sentence))

    return say


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    said = [
        value
        for report in terminalreporter.getreports("passed")
        for name, value in report.user_properties
        if name == "measured"
    ]
    if said:
        terminalreporter.section("measured")
    for sentence in said:
        terminalreporter.write_line(str(sentence))


WorkAs = Callable[..., AbstractContextManager[Work]]


@pytest.fixture
def work_as(clinic: Clinic) -> WorkAs:
    """A committed piece of work by somebody of the cast: ``with work_as(cast.NORA) as work``."""

    @contextmanager
    def begin(
        member: cast.Member = cast.ADA,
        *,
        now: datetime | None = None,
        site: SiteClock | None = None,
    ) -> Iterator[Work]:
        with unit_of_work(
            actor=member.actor,
            now=now or clinic.clock.now,
            site=site or member.site,
            reactions=clinic.app.extensions["reactions"],
        ) as work:
            yield work

    return begin


@pytest.fixture
def work(work_as: WorkAs) -> Iterator[Work]:
    """One piece of work by the administrator, committed when the test ends."""
    with work_as(cast.ADA) as begun:
        yield begun


SignIn = Callable[[cast.Member], FlaskClient]


@pytest.fixture
def sign_in(clinic: Clinic, work_as: WorkAs) -> SignIn:
    """A browser in which somebody of the cast is signed in."""

    def enter(member: cast.Member) -> FlaskClient:
        with work_as(member) as work:
            ticket = staff.sign_in(work, user_id=member.id)
        client = clinic.app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = str(ticket)
            session["_fresh"] = True
        return client

    return enter
