"""The edge: the one place that reads the clock and the login, and turns them into ``Work``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

from flask import current_app, g
from flask_login import current_user

from clinic.core.actors import Actor
from clinic.core.service_dates import SiteClock
from clinic.data.types import new_id
from clinic.data.work import Reactions, Work, unit_of_reading, unit_of_work


def clock() -> datetime:
    """The instant this request happens at, read once."""
    if "now" not in g:
        g.now = current_app.extensions["clock"]() if "clock" in current_app.extensions else _now()
    now: datetime = g.now
    return now


def _now() -> datetime:
    return datetime.now(UTC)


def request_id() -> str:
    """Names this request in the log, on error pages and in the audit."""
    if "request_id" not in g:
        g.request_id = new_id().hex
    made: str = g.request_id
    return made


def reactions() -> Reactions:
    wired: Reactions = current_app.extensions["reactions"]
    return wired


def actor() -> Actor:
    """Whoever is signed in."""
    someone: Actor = current_user.actor
    return someone


def site() -> SiteClock:
    """The site the signed-in person works at now."""
    place: SiteClock = current_user.site
    return place


def session_id() -> UUID:
    opened: UUID = current_user.session_id
    return opened


@contextmanager
def begin_work() -> Iterator[Work]:
    """A transaction by the signed-in person, at their site, now. Commits when the block ends."""
    with unit_of_work(
        actor=actor(),
        now=clock(),
        site=site(),
        reactions=reactions(),
        request_id=request_id(),
        session_id=session_id(),
    ) as work:
        yield work


@contextmanager
def begin_reading() -> Iterator[Work]:
    """The same, but it can only read: it never waits for a writer and never makes one wait."""
    with unit_of_reading(actor=actor(), now=clock(), site=site()) as work:
        yield work
