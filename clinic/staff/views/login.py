"""Flask-Login meets our sessions: a cookie names a session row, and the row decides.

The cookie alone opens nothing: the row must be open, its secret must match, it must have been
used within the idle limit, and the account must be active and hold a role at the site.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app, g
from flask_login import UserMixin

from clinic.core.actors import Actor
from clinic.core.permissions import Permission
from clinic.core.service_dates import SiteClock
from clinic.data.db import db
from clinic.data.work import unit_of_work
from clinic.staff import queries, services
from clinic.staff.queries import OpenSession
from clinic.web.edge import clock
from clinic.web.shell import SiteChoice

TOUCH_EVERY = timedelta(seconds=60)
"""How often a session in use is noted as such: one write a minute, not one a request."""
TOUCH_AT_WINDOW = timedelta(seconds=15)
"""The same for whoever gives doses: their lock is counted in seconds."""


class Person(UserMixin):  # type: ignore[misc]  # flask-login ships no types
    """The signed-in person, as the edge and the page frame need to know them."""

    def __init__(self, opened: OpenSession, ticket: str) -> None:
        self._opened = opened
        self._ticket = ticket

    def get_id(self) -> str:
        return self._ticket

    @property
    def id(self) -> UUID:
        return self._opened.person.user_id

    @property
    def username(self) -> str:
        return self._opened.person.username

    @property
    def name(self) -> str:
        return self._opened.person.display_name

    @property
    def role(self) -> str:
        return ", ".join(role.label for role in sorted(self._opened.person.roles))

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(self._opened.person.roles)

    @property
    def session_id(self) -> UUID:
        return self._opened.person.session_id

    @property
    def actor(self) -> Actor:
        return self._opened.actor

    @property
    def is_locked(self) -> bool:
        """Nobody was there for a while: no dose until this person signs again."""
        return self._opened.locked_at is not None

    @property
    def signed_at(self) -> datetime:
        return self._opened.signed_at

    @property
    def has_pin(self) -> bool:
        return self._opened.has_pin

    @property
    def site(self) -> SiteClock:
        return self._opened.site

    @property
    def site_choice(self) -> SiteChoice:
        return SiteChoice(self.site.id, self._opened.site_name, active=True)

    @property
    def site_choices(self) -> list[SiteChoice]:
        return [
            SiteChoice(site_id, name, active=site_id == self.site.id)
            for site_id, name in queries.sites_of(db.session(), user_id=self.id)
        ]


def load_person(ticket: str) -> Person | None:
    """The person a cookie's ticket stands for, or None; leaves in ``g.expired`` what timed out."""
    opened = opened_by(ticket)
    if opened is None:
        return None
    now = clock()
    if not is_alive(opened, now):
        g.expired = opened
        return None
    return Person(_seen(opened, now), ticket)


def _seen(opened: OpenSession, now: datetime) -> OpenSession:
    """Note that the session is in use, and lock it when a window stood untouched for too long."""
    gives_doses = opened.actor.may(Permission.GIVE_DOSE)
    untouched = now - opened.last_seen_at
    if untouched < (TOUCH_AT_WINDOW if gives_doses else TOUCH_EVERY):
        return opened
    with unit_of_work(actor=opened.actor, now=now, site=opened.site, reactions={}) as work:
        services.touch(work, session_id=opened.person.session_id)
        idle = timedelta(seconds=queries.lock_policy(work).idle_seconds)
        if not gives_doses or opened.locked_at is not None or untouched <= idle:
            return opened
        services.lock(work, session_id=opened.person.session_id)
    return replace(opened, locked_at=now)


def opened_by(ticket: str) -> OpenSession | None:
    """The open session of a ticket, idle or not. The secret is compared in constant time."""
    session_hex, _, secret = ticket.partition(".")
    try:
        session_id = UUID(session_hex)
    except ValueError:
        return None
    session = db.session()
    opened = queries.open_session(session, session_id=session_id)
    session.rollback()
    if opened is None or not hmac.compare_digest(opened.secret_hash, services.hash_secret(secret)):
        return None
    return opened


def is_alive(opened: OpenSession, now: datetime) -> bool:
    """Whether the session was used within the idle limit and is not too old."""
    settings: dict[str, Any] = current_app.config
    idle = timedelta(minutes=settings["IDLE_MINUTES"])
    longest = timedelta(hours=settings["SESSION_HOURS_MAX"])
    return now - opened.last_seen_at <= idle and now - opened.started_at <= longest
