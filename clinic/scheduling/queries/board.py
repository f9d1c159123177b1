"""The day board: everybody who comes today, each once, with everything they come for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.data.work import Work
from clinic.patients.models import Patient
from clinic.scheduling.facts import BookingStatus, DueItem, Setting
from clinic.scheduling.models import (
    AttendanceEvent,
    Booking,
    Resource,
    Session,
    SessionResource,
)
from clinic.scheduling.queries.arrivals import arrived

DueSource = Callable[[Work, date], Sequence[DueItem]]
"""What a domain above adds to the board, in a fixed number of statements."""


@dataclass(frozen=True, slots=True)
class BoardItem:
    """One booking: ``arrived_at`` is its check-in, ``changed_at`` when its last step was taken."""

    booking_id: UUID
    version: int
    session_id: UUID
    course_id: UUID | None
    modality: str
    title: str
    setting: Setting
    starts_at: datetime
    ends_at: datetime
    service_date: date
    status: BookingStatus
    capacity: int
    resources: tuple[str, ...]
    arrived_at: datetime | None
    changed_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One patient's day. ``due`` holds what other domains add."""

    patient_id: UUID
    first_name: str
    last_name: str
    preferred_name: str
    code: str
    date_of_birth: date
    items: tuple[BoardItem, ...]
    due: tuple[DueItem, ...]
    arrived_at: datetime | None = None
    """Their latest arrival, booked or not."""

    @property
    def comes_for_more(self) -> bool:
        """Something besides a booking is still to be done."""
        return any(not due.done for due in self.due)

    @property
    def first_at(self) -> datetime | None:
        """When the first thing of the day with a time is."""
        times = [item.starts_at for item in self.items]
        return min([*times, *(due.at for due in self.due if due.at)], default=None)

    @property
    def waiting_since(self) -> datetime | None:
        """Arrival of a patient nobody has seen yet."""
        arrivals = [
            item.arrived_at
            for item in self.items
            if item.status is BookingStatus.CHECKED_IN and item.arrived_at
        ]
        if self.arrived_at and self.comes_for_more:
            arrivals.append(self.arrived_at)
        return min(arrivals, default=None)

    @property
    def may_check_in(self) -> bool:
        is_expected = self.comes_for_more and self.arrived_at is None
        return is_expected or any(item.status is BookingStatus.BOOKED for item in self.items)


def day_board(work: Work, *, day: date, sources: Iterable[DueSource] = ()) -> list[BoardRow]:
    """Everybody due on a service date, by the time of their first item.

    Shape: five statements and those of the sources, however many come.
    """
    items = _items(work, Booking.service_date == day)
    due: defaultdict[UUID, list[DueItem]] = defaultdict(list)
    for source in sources:
        for item in source(work, day):
            due[item.patient_id].append(item)
    people = _people(work, day, due.keys())
    here = arrived(work, day=day)
    rows = [
        _board_row(person, items.get(person.id, []), due.get(person.id, []), here.get(person.id))
        for person in people
    ]
    return sorted(
        rows,
        key=lambda row: (
            row.first_at is None,
            row.first_at or work.now,
            row.last_name.casefold(),
            row.first_name.casefold(),
        ),
    )


def bookings_of(work: Work, *, patient_id: UUID, first: date, until: date) -> list[BoardItem]:
    """A patient's bookings at this site with a service date in ``[first, until)``, in order."""
    items = _items(
        work,
        Booking.patient_id == patient_id,
        Booking.service_date >= first,
        Booking.service_date < until,
    )
    return items.get(patient_id, [])


def next_booked_day(work: Work, *, modality: str, after: date) -> date | None:
    """The first service date after a day on which anybody is booked for a treatment."""
    return work.session.scalar(
        sa.select(sa.func.min(Booking.service_date))
        .join(Session, Session.id == Booking.session_id)
        .where(
            Booking.site_id == work.site.id,
            Booking.service_date > after,
            Booking.status == BookingStatus.BOOKED,
            Session.modality == modality,
        )
    )


def _items(work: Work, *which: sa.ColumnElement[bool]) -> Mapping[UUID, list[BoardItem]]:
    chosen = (Booking.site_id == work.site.id, *which)
    bookings = work.session.execute(
        sa.select(
            Booking.id,
            Booking.version,
            Booking.session_id,
            Booking.course_id,
            Session.modality,
            Session.title,
            Session.setting,
            Booking.starts_at,
            Booking.ends_at,
            Booking.service_date,
            Booking.status,
            Booking.capacity,
            Booking.patient_id,
        )
        .join(Session, Session.id == Booking.session_id)
        .where(*chosen)
        .order_by(Booking.starts_at, Booking.id)
    ).all()
    names = _resource_names(work, chosen)
    steps = _last_steps(work, chosen)
    items: defaultdict[UUID, list[BoardItem]] = defaultdict(list)
    for row in bookings:
        arrived_at, changed_at, reason = steps.get(row.id, (None, None, ""))
        items[row.patient_id].append(
            BoardItem(
                booking_id=row.id,
                version=row.version,
                session_id=row.session_id,
                course_id=row.course_id,
                modality=row.modality,
                title=row.title,
                setting=row.setting,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                service_date=row.service_date,
                status=row.status,
                capacity=row.capacity,
                resources=tuple(names[row.session_id]),
                arrived_at=arrived_at,
                changed_at=changed_at,
                reason=reason,
            )
        )
    return items


def _resource_names(
    work: Work, chosen: Sequence[sa.ColumnElement[bool]]
) -> defaultdict[UUID, list[str]]:
    rows = work.session.execute(
        sa.select(SessionResource.session_id, Resource.name)
        .join(Resource, Resource.id == SessionResource.resource_id)
        .where(SessionResource.session_id.in_(sa.select(Booking.session_id).where(*chosen)))
        .order_by(Resource.name)
    )
    names: defaultdict[UUID, list[str]] = defaultdict(list)
    for session_id, name in rows:
        names[session_id].append(name)
    return names


def _last_steps(
    work: Work, chosen: Sequence[sa.ColumnElement[bool]]
) -> dict[UUID, tuple[datetime | None, datetime, str]]:
    """For each booking: its last check-in, its last step, and the reason given with that."""
    rows = work.session.execute(
        sa.select(
            AttendanceEvent.booking_id,
            AttendanceEvent.status,
            AttendanceEvent.occurred_at,
            AttendanceEvent.reason,
        )
        .join(Booking, Booking.id == AttendanceEvent.booking_id)
        .where(*chosen)
        .order_by(AttendanceEvent.booking_id, AttendanceEvent.sequence)
    )
    steps: dict[UUID, tuple[datetime | None, datetime, str]] = {}
    for booking_id, status, occurred_at, reason in rows:
        arrived_at = steps[booking_id][0] if booking_id in steps else None
        if status is BookingStatus.CHECKED_IN:
            arrived_at = occurred_at
        elif status is BookingStatus.BOOKED:
            arrived_at = None
        steps[booking_id] = (arrived_at, occurred_at, reason)
    return steps


def _people(work: Work, day: date, others: Iterable[UUID]) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    booked = sa.select(Booking.patient_id).where(
        Booking.site_id == work.site.id, Booking.service_date == day
    )
    return work.session.execute(
        sa.select(
            Patient.id,
            Patient.given_names,
            Patient.family_name,
            Patient.preferred_name,
            Patient.code,
            Patient.birth_date,
        ).where(
            Patient.organization_id == work.site.organization_id,
            Patient.id.in_(booked) | Patient.id.in_(list(others)),
        )
    ).all()


def _board_row(
    person: sa.Row[*tuple[Any, ...]],
    items: Sequence[BoardItem],
    due: Sequence[DueItem],
    arrived_at: datetime | None,
) -> BoardRow:
    return BoardRow(
        patient_id=person.id,
        first_name=person.given_names,
        last_name=person.family_name,
        preferred_name=person.preferred_name,
        code=person.code,
        date_of_birth=person.birth_date,
        items=tuple(items),
        due=tuple(due),
        arrived_at=arrived_at,
    )
