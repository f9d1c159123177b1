"""Staff, rooms, devices and beds: the list, one week of one of them, and who is free when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.core.errors import NotFound
from clinic.core.periods import Period
from clinic.core.service_dates import ONE_DAY
from clinic.data.work import Work
from clinic.scheduling.facts import HOLDS_PLACE, ResourceKind, ResourceName
from clinic.scheduling.models import Booking, Resource, Session, SessionResource
from clinic.scheduling.queries.calendar import diaries, open_days

SECONDS_A_MINUTE = 60
DAYS_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """One line of the list. ``booked_minutes`` is its load of the week asked for."""

    id: UUID
    kind: ResourceKind
    name: str
    skills: tuple[str, ...]
    user_id: UUID | None
    is_active: bool
    version: int
    booked_minutes: int = 0


@dataclass(frozen=True, slots=True)
class HeldTime:
    """A session on a resource's calendar."""

    session_id: UUID
    version: int
    starts_at: datetime
    ends_at: datetime
    title: str
    patients: int
    capacity: int


@dataclass(frozen=True, slots=True)
class WeekDay:
    on: date
    closed: str | None
    held: tuple[HeldTime, ...]


@dataclass(frozen=True, slots=True)
class ResourceWeek:
    """Units: minutes; ``open_minutes`` is how long the site is open that week."""

    resource: ResourceRow
    days: tuple[WeekDay, ...]
    booked_minutes: int
    open_minutes: int


def resources(work: Work, *, week_of: date | None = None) -> list[ResourceRow]:
    """Everything of this site that can be held, by kind and name; with the load of a week.

    Shape: two statements however many there are.
    """
    monday = _monday_of(week_of or work.service_date)
    minutes = _booked_minutes(work, _span(work, monday))
    rows = work.session.scalars(sa.select(Resource).where(Resource.site_id == work.site.id))
    order = list(ResourceKind)
    return sorted(
        (_row(each, minutes.get(each.id, 0)) for each in rows),
        key=lambda row: (order.index(row.kind), row.name.casefold()),
    )


def resource_names(work: Work, *, ids: Collection[UUID] | None = None) -> list[ResourceName]:
    """Resources of this site as the schedule speaks of them, by name; all unless ``ids`` is given.

    Raises: NotFound when one of the ids is not of this site.
    """
    query = sa.select(Resource).where(Resource.site_id == work.site.id).order_by(Resource.name)
    if ids is not None:
        query = query.where(Resource.id.in_(ids))
    names = [
        ResourceName(each.id, each.kind, each.name, frozenset(each.skills), each.is_active)
        for each in work.session.scalars(query)
    ]
    if ids is not None and len(names) != len(set(ids)):
        raise NotFound("resource")
    return names


def resource_week(work: Work, *, resource_id: UUID, monday: date) -> ResourceWeek:
    """Seven days of one resource, each with what holds it.

    Raises: NotFound.
    """
    first = _monday_of(monday)
    resource = work.session.scalar(
        sa.select(Resource).where(Resource.site_id == work.site.id, Resource.id == resource_id)
    )
    if resource is None:
        raise NotFound("resource")
    held = _held_times(work, resource_id=resource_id, span=_span(work, first))
    opening = open_days(work, first=first, until=first + timedelta(days=DAYS_A_WEEK))
    days = []
    open_minutes = 0
    for day in (first + timedelta(days=offset) for offset in range(DAYS_A_WEEK)):
        closed = opening.why_closed(day)
        days.append(WeekDay(day, closed, tuple(held[day])))
        if closed is None:
            opens, closes = opening.hours[day.weekday()]
            open_minutes += _minutes(work.site.instant(day, opens), work.site.instant(day, closes))
    booked = sum(_minutes(each.starts_at, each.ends_at) for day in days for each in day.held)
    return ResourceWeek(_row(resource, booked), tuple(days), booked, open_minutes)


def free_resources(
    work: Work, *, period: Period, kind: ResourceKind | None = None, skill: str | None = None
) -> list[ResourceName]:
    """Active resources that nothing holds during the period, by name."""
    fitting = [
        each
        for each in resource_names(work)
        if each.is_active
        and (kind is None or each.kind is kind)
        and (skill is None or skill in each.skills)
    ]
    held = diaries(work, span=period, resource_ids=[each.id for each in fitting])
    return [each for each in fitting if each.id not in held]


def _held_times(
    work: Work, *, resource_id: UUID, span: Period
) -> defaultdict[date, list[HeldTime]]:
    patients = (
        sa.select(sa.func.count())
        .where(Booking.session_id == Session.id, Booking.status.in_(HOLDS_PLACE))
        .scalar_subquery()
    )
    rows = work.session.execute(
        sa.select(
            Session.service_date,
            Session.id,
            Session.version,
            SessionResource.starts_at,
            SessionResource.ends_at,
            Session.title,
            patients,
            Session.capacity,
        )
        .join(Session, Session.id == SessionResource.session_id)
        .where(
            SessionResource.resource_id == resource_id,
            SessionResource.is_held,
            SessionResource.starts_at < span.ends_at,
            SessionResource.ends_at > span.starts_at,
        )
        .order_by(SessionResource.starts_at)
    )
    by_day: defaultdict[date, list[HeldTime]] = defaultdict(list)
    for on, *held in rows:
        by_day[on].append(HeldTime(*held))
    return by_day


def _booked_minutes(work: Work, span: Period) -> dict[UUID, int]:
    rows = work.session.execute(
        sa.select(
            SessionResource.resource_id, SessionResource.starts_at, SessionResource.ends_at
        ).where(
            SessionResource.site_id == work.site.id,
            SessionResource.is_held,
            SessionResource.starts_at < span.ends_at,
            SessionResource.ends_at > span.starts_at,
        )
    )
    minutes: defaultdict[UUID, int] = defaultdict(int)
    for resource_id, starts_at, ends_at in rows:
        minutes[resource_id] += _minutes(starts_at, ends_at)
    return minutes


def _row(resource: Resource, booked_minutes: int) -> ResourceRow:
    return ResourceRow(
        id=resource.id,
        kind=resource.kind,
        name=resource.name,
        skills=tuple(resource.skills),
        user_id=resource.user_id,
        is_active=resource.is_active,
        version=resource.version,
        booked_minutes=booked_minutes,
    )


def _span(work: Work, monday: date) -> Period:
    until = monday + timedelta(days=DAYS_A_WEEK)
    return Period(work.site.day_start(monday), work.site.day_start(until))


def _monday_of(day: date) -> date:
    return day - day.weekday() * ONE_DAY


def _minutes(starts_at: datetime, ends_at: datetime) -> int:
    return int((ends_at - starts_at).total_seconds()) // SECONDS_A_MINUTE
