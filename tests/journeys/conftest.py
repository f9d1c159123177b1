"""A running clinic and a real browser: pages over HTTP, styles, scripts, cookies and all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize
from waitress.server import create_server

from clinic.app import create_app
from clinic.data.db import db
from tests import cast
from tests.conftest import Clock, settings, staff_the_clinic

DESK = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)


class OpenClinic:
    """A clinic with its doors open, and its clock in the test's hand."""

    def __init__(self, app: Flask, url: str, clock: Clock) -> None:
        self.app = app
        self.url = url
        self.clock = clock


@contextmanager
def opened(folder: Path) -> Iterator[OpenClinic]:
    """An empty clinic on SQLite, served on a loopback port of its own."""
    clock = Clock()
    app = create_app(settings(f"sqlite:///{folder / 'clinic.db'}", folder), clock=clock)
    app.testing = False
    with app.app_context():
        upgrade()
        db.session.remove()
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield OpenClinic(app, f"http://127.0.0.1:{server.effective_port}", clock)
    server.close()
    thread.join(timeout=10)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def open_clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenClinic]:
    """The cast's clinic, open."""
    with opened(tmp_path_factory.mktemp("journey")) as clinic:
        with clinic.app.app_context():
            staff_the_clinic(clinic.app)
            db.session.remove()
        yield clinic


SignInAs = Callable[..., Page]


@pytest.fixture
def sign_in_as(open_clinic: OpenClinic, browser: Browser) -> Iterator[SignInAs]:
    """A page in which somebody of the cast has typed their name and password."""
    contexts: list[BrowserContext] = []

    def enter(member: cast.Member, *, viewport: ViewportSize | None = None) -> Page:
        context = browser.new_context(viewport=viewport or DESK, reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto(open_clinic.url)
        page.get_by_label("Username").fill(member.username)
        page.get_by_label("Password").fill(cast.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_load_state("networkidle")
        return page

    yield enter
    for context in contexts:
        context.close()
