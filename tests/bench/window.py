"""What the window's pages cost in a big clinic, in terms of a trivial page of the same nurse.

Both run in turn in one process, so that a busy machine slows both: only the ratio is a result.
The milliseconds are printed beside it for whoever knows the machine.
"""

from __future__ import annotations

import gc
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from time import process_time
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from clinic.core.actors import Actor
from clinic.data.db import db
from clinic.data.work import unit_of_work
from clinic.demo import seeding
from clinic.dosing.models import DosingCard
from clinic.staff import services as staff
from clinic.staff.models import UserAccount
from clinic.staff.queries import account
from tests.conftest import Clock, make_app

PATIENTS, DAYS, SEED = 1000, 730, 7
WARM_UP, REQUESTS = 3, 40
MILLISECONDS_MAX = 100
EMPTY = "/account"


@dataclass(frozen=True, slots=True)
class PageCost:
    """CPU of one page: its middle and its slow end, each also as a ratio to an empty page."""

    page: str
    p50_ms: float
    p95_ms: float
    p50_ratio: float
    p95_ratio: float

    @property
    def is_met(self) -> bool:
        """The slow end of a page a nurse waits on stays below the limit."""
        return self.p95_ms < MILLISECONDS_MAX


def window_pages(*, patients: int = PATIENTS, days: int = DAYS) -> list[PageCost]:
    """The queue, the window, the pace, in a demo clinic of a thousand patients and two years."""
    with tempfile.TemporaryDirectory() as folder:
        app = make_app(f"sqlite:///{folder}/window.db", Path(folder), Clock())
        with app.app_context():
            upgrade()
            seeding.seed_if_empty(patients=patients, days=days, seed=SEED)
            nurse = _signed_in(app)
            people = list(db.session.scalars(sa.select(DosingCard.patient_id).limit(REQUESTS)))
            gc.freeze()  # as the server does
            costs = _measured(nurse, people)
            db.session.remove()
            db.engine.dispose()
    return costs


def _measured(nurse: FlaskClient, people: list[UUID]) -> list[PageCost]:
    paths = {
        "queue": ["/dosing"] * REQUESTS,
        "queue, done": ["/dosing?show=done"] * REQUESTS,
        "window": [f"/dosing/{people[n % len(people)]}" for n in range(REQUESTS)],
        "pace": ["/dosing/pace"] * REQUESTS,
    }
    costs = []
    for name, asked in paths.items():
        for path in asked[:WARM_UP]:
            _spent_ms(nurse, path)
            _spent_ms(nurse, EMPTY)
        spent = [(_spent_ms(nurse, path), _spent_ms(nurse, EMPTY)) for path in asked]
        pages, empties = zip(*spent, strict=True)
        p50, p95 = median(pages), quantiles(pages, n=20)[-1]
        costs.append(
            PageCost(name, p50, p95, p50 / median(empties), p95 / quantiles(empties, n=20)[-1])
        )
    return costs


def _spent_ms(nurse: FlaskClient, path: str) -> float:
    begun = process_time()
    answer = nurse.get(path)
    if answer.status_code != 200:
        raise LookupError(f"{path} answered {answer.status_code}")
    return (process_time() - begun) * 1000


def _signed_in(app: Flask) -> FlaskClient:
    known = account(db.session(), username="nurse")
    if known is None or known.site is None:
        raise LookupError("nurse")
    db.session.rollback()
    person = db.session.get_one(UserAccount, known.user_id)
    with unit_of_work(
        actor=Actor(person.id, person.display_name, frozenset()),
        now=app.extensions["clock"](),
        site=known.site,
        reactions={},
    ) as work:
        ticket = staff.sign_in(work, user_id=known.user_id)
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = str(ticket)
    return client
