"""Statements a list page sends to the database: the same for few patients as for many."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import event

from clinic.core.actors import Actor
from clinic.data.db import db
from clinic.data.work import unit_of_work
from clinic.demo import seeding
from clinic.staff import services as staff
from clinic.staff.models import UserAccount
from clinic.staff.queries import account
from tests.conftest import Clock, make_app

FEW, MANY, DAYS, SEED = 25, 150, 30, 7
LIST_PAGES = (
    ("nurse", "/dosing"),
    ("nurse", "/patients?q=a"),
    ("frontdesk", "/schedule"),
    ("frontdesk", "/waitlist"),
    ("counselor", "/rewards"),
    ("admin", "/census"),
    ("admin", "/resources"),
    ("admin", "/staff"),
    ("admin", "/audit"),
)


@dataclass(frozen=True, slots=True)
class Statements:
    """How many statements one page sends with few and with many patients."""

    endpoint: str
    few: int
    many: int


def statements_per_page() -> list[Statements]:
    """Count each list page in a small and in a large demo clinic."""
    few, many = _counted(FEW), _counted(MANY)
    return [Statements(path, few[path], many[path]) for _, path in LIST_PAGES]


def _counted(patients: int) -> dict[str, int]:
    with tempfile.TemporaryDirectory() as folder:
        app = make_app(f"sqlite:///{folder}/pages.db", Path(folder), Clock())
        with app.app_context():
            upgrade()
            seeding.seed_if_empty(patients=patients, days=DAYS, seed=SEED)
            counts = {path: _count(app, username, path) for username, path in LIST_PAGES}
            db.session.remove()
            db.engine.dispose()
    return counts


def _count(app: Flask, username: str, path: str) -> int:
    known = account(db.session(), username=username)
    if known is None or known.site is None:
        raise LookupError(username)
    db.session.rollback()
    person = db.session.get_one(UserAccount, known.user_id)
    now = app.extensions["clock"]()
    with unit_of_work(
        actor=Actor(person.id, person.display_name, frozenset()),
        now=now,
        site=known.site,
        reactions={},
    ) as work:
        ticket = staff.sign_in(work, user_id=known.user_id)
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = str(ticket)
    client.get(path)
    with counting(db.engine) as statements:
        answer = client.get(path)
    if answer.status_code != 200:
        raise LookupError(f"{path} answered {answer.status_code}")
    return len(statements)


@contextmanager
def counting(engine: sa.Engine) -> Iterator[list[str]]:
    """Every statement the engine runs while the block lasts."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
