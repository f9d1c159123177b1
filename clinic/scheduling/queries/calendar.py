"""What is given away already: diaries of resources and patients, open days, places in groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from clinic.core.periods import Period
from clinic.data.work import Work
from clinic.scheduling.facts import (
    HOLDS_PLACE,
    Diary,
    Engagement,
    OpenDays,
    SessionStatus,
)
from clinic.scheduling.models import Booking, Session, SessionResource
from clinic.sites import queries as sites


@dataclass(frozen=True, slots=True)
class Opening:
    """A planned group session with places left. ``places`` are the free ones, lowest first."""

    session_id: UUID
    starts_at: datetime
    ends_at: datetime
    capacity: int
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GroupOpening:
    """A group a patient could still join."""

    session_id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    taken: int
    capacity: int


def open_days(work: Work, *, first: date, until: date) -> OpenDays:
    """The site's hours, and its closures in ``[first, until)``."""
    hours = sites.opening_hours(work)
    return OpenDays(
        hours={weekday: (each.opens_at, each.closes_at) for weekday, each in hours.items()},
        closures=sites.closures(work, first=first, until=until),
    )


def diaries(
    work: Work,
    *,
    span: Period,
    resource_ids: Collection[UUID] = (),
    patient_ids: Collection[UUID] = (),
) -> dict[UUID, Diary]:
    """What each resource and each patient is held for within the span, by its id.

    A patient's visits at other sites count too: nobody is in two places.
    """
    found: defaultdict[UUID, list[Engagement]] = defaultdict(list)
    if resource_ids:
        held = SessionResource.is_held & SessionResource.resource_id.in_(resource_ids)
        for who, engaged in _engagements(work, SessionResource, held, span):
            found[who].append(engaged)
    if patient_ids:
        busy = Booking.status.in_(HOLDS_PLACE) & Booking.patient_id.in_(patient_ids)
        for who, engaged in _engagements(work, Booking, busy, span):
            found[who].append(engaged)
    return {owner: Diary(tuple(engagements)) for owner, engagements in found.items()}


def openings(
    work: Work, *, modality: str, starts_at: Sequence[datetime]
) -> dict[datetime, Opening]:
    """Planned group sessions of a treatment with a place left, by the instant they start."""
    rows = work.session.execute(
        sa.select(Session.id, Session.starts_at, Session.ends_at, Session.capacity, Booking.place)
        .outerjoin(Booking, (Booking.session_id == Session.id) & Booking.status.in_(HOLDS_PLACE))
        .where(
            Session.site_id == work.site.id,
            Session.modality == modality,
            Session.capacity > 1,
            Session.status == SessionStatus.PLANNED,
            Session.starts_at.in_(starts_at),
        )
        .order_by(Session.starts_at, Session.id)
    )
    used: defaultdict[tuple[UUID, datetime, datetime, int], set[int | None]] = defaultdict(set)
    for session_id, begins, ends, capacity, place in rows:
        used[(session_id, begins, ends, capacity)].add(place)
    found: dict[datetime, Opening] = {}
    for (session_id, begins, ends, capacity), places in used.items():
        free = tuple(place for place in range(1, capacity + 1) if place not in places)
        if free:
            found.setdefault(begins, Opening(session_id, begins, ends, capacity, free))
    return found


def group_openings(work: Work, *, first: date, until: date) -> list[GroupOpening]:
    """Group sessions with a place left and a service date in ``[first, until)``, in order."""
    taken = (
        sa.select(sa.func.count())
        .where(Booking.session_id == Session.id, Booking.status.in_(HOLDS_PLACE))
        .scalar_subquery()
    )
    rows = work.session.execute(
        sa.select(
            Session.id, Session.title, Session.starts_at, Session.ends_at, taken, Session.capacity
        )
        .where(
            Session.site_id == work.site.id,
            Session.service_date >= first,
            Session.service_date < until,
            Session.capacity > 1,
            Session.status == SessionStatus.PLANNED,
            Session.starts_at > work.now,
            taken < Session.capacity,
        )
        .order_by(Session.starts_at, Session.title)
    )
    return [GroupOpening(*row) for row in rows]


def _engagements(
    work: Work,
    table: type[SessionResource | Booking],
    which: sa.ColumnElement[bool],
    span: Period,
) -> Iterator[tuple[UUID, Engagement]]:
    owner = SessionResource.resource_id if table is SessionResource else Booking.patient_id
    rows = work.session.execute(
        sa.select(owner, table.starts_at, table.ends_at, Session.title)
        .join(Session, Session.id == table.session_id)
        .where(which, table.starts_at < span.ends_at, table.ends_at > span.starts_at)
        .order_by(table.starts_at)
    )
    for who, starts_at, ends_at, title in rows:
        yield who, Engagement(Period(starts_at, ends_at), title)
