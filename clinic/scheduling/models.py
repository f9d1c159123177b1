"""Resources, the sessions that hold them, and patients' places in those sessions.

A session is a stretch of time in which resources are held; a booking is one patient's place in
it. A therapist's hour has one place, a group twelve.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.append_only import AppendOnly
from clinic.data.columns import (
    Attributed,
    Id,
    Instant,
    Json,
    OfSite,
    OnServiceDay,
    ShortName,
    Versioned,
    Word,
)
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.data.walls import no_overlap, says
from clinic.scheduling.facts import (
    HOLDS_PLACE,
    BookingStatus,
    Disposition,
    ResourceKind,
    SessionStatus,
    Setting,
)

_HOLDS_PLACE_SQL = "status IN ({})".format(
    ", ".join(f"'{status.value}'" for status in sorted(HOLDS_PLACE))
)
RESOURCE_TAKEN = "ex_session_resource_resource"
PATIENT_BUSY = "ex_booking_patient"
PLACE_TAKEN = says("uq_booking_place", "That place in the session was taken a moment ago.")
ARRIVED_ALREADY = says("uq_arrival_once", "The patient was checked in a moment ago.")
says("uq_resource_site_id_name", "There is a resource of that name at this site.")


class Resource(OfSite, Versioned, Model):
    """Somebody or something a session needs: a counselor, a room, a TMS coil, a bed."""

    __tablename__ = "resource"
    __table_args__ = (sa.UniqueConstraint("site_id", "name"),)

    id: Mapped[Id]
    kind: Mapped[ResourceKind] = mapped_column(EnumText(ResourceKind))
    name: Mapped[ShortName]
    skills: Mapped[list[str]] = mapped_column(sa.JSON)
    user_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    is_active: Mapped[bool] = mapped_column(default=True)


class Series(OfSite, Attributed, Model):
    """The pattern a run of sessions was booked from, kept as it was asked for."""

    __tablename__ = "series"

    id: Mapped[Id]
    patient_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("patient.id"))
    modality: Mapped[Word]
    pattern: Mapped[Json]


class Session(OfSite, Attributed, Versioned, Model):
    """A stretch of time for one treatment: its resources, its places. Source: FHIR Slot."""

    __tablename__ = "session"
    __table_args__ = (
        sa.Index("ix_session_service_date", "site_id", "service_date"),
        sa.UniqueConstraint("id", "capacity", name="uq_session_capacity"),
        sa.CheckConstraint("starts_at < ends_at", "order"),
        sa.CheckConstraint("capacity >= 1", "capacity"),
    )

    id: Mapped[Id]
    modality: Mapped[Word]
    title: Mapped[ShortName]
    setting: Mapped[Setting] = mapped_column(EnumText(Setting))
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    service_date: Mapped[date]
    time_zone: Mapped[str] = mapped_column(sa.String(64))
    capacity: Mapped[int]
    status: Mapped[SessionStatus] = mapped_column(EnumText(SessionStatus))
    series_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("series.id"))


class SessionResource(OfSite, Model):
    """A resource held for a session. Released when the session is cancelled."""

    __tablename__ = "session_resource"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "session_id", "resource_id"),
        sa.Index("ix_session_resource_time", "resource_id", "starts_at", "ends_at"),
        no_overlap(
            RESOURCE_TAKEN,
            key="resource_id",
            start="starts_at",
            end="ends_at",
            where="is_held",
            kind="tstzrange",
            sentence="One of the resources is taken at that time.",
        ),
    )

    id: Mapped[Id]
    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("session.id"), index=True)
    resource_id: Mapped[UUID] = mapped_column(sa.ForeignKey("resource.id"))
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    is_held: Mapped[bool] = mapped_column(default=True)


class Booking(OfSite, Attributed, Versioned, Model):
    """One patient's place in a session. Source: FHIR Appointment.

    ``place`` numbers the seats: the wall on it keeps a group within its capacity.
    """

    __tablename__ = "booking"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["session_id", "capacity"],
            ["session.id", "session.capacity"],
            name="fk_booking_session_capacity",
        ),
        sa.CheckConstraint("place between 1 and capacity", "place_within_capacity"),
        sa.Index(
            PLACE_TAKEN,
            "site_id",
            "session_id",
            "place",
            unique=True,
            sqlite_where=sa.text(_HOLDS_PLACE_SQL),
            postgresql_where=sa.text(_HOLDS_PLACE_SQL),
        ),
        sa.Index("ix_booking_patient", "patient_id", "starts_at"),
        sa.Index("ix_booking_service_date", "site_id", "service_date"),
        no_overlap(
            PATIENT_BUSY,
            key="patient_id",
            start="starts_at",
            end="ends_at",
            where=_HOLDS_PLACE_SQL,
            kind="tstzrange",
            sentence="The patient has another booking at that time.",
        ),
    )

    id: Mapped[Id]
    session_id: Mapped[UUID] = mapped_column(sa.Uuid, index=True)
    capacity: Mapped[int]
    place: Mapped[int]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    course_id: Mapped[UUID | None] = mapped_column(sa.Uuid, index=True)
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    service_date: Mapped[date]
    status: Mapped[BookingStatus] = mapped_column(EnumText(BookingStatus))


class AttendanceEvent(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """What became of a booking, step by step. The booking's status repeats the last step."""

    __tablename__ = "attendance_event"
    __table_args__ = (sa.UniqueConstraint("site_id", "booking_id", "sequence"),)

    id: Mapped[Id]
    booking_id: Mapped[UUID] = mapped_column(sa.ForeignKey("booking.id"))
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    sequence: Mapped[int]
    status: Mapped[BookingStatus] = mapped_column(EnumText(BookingStatus))
    reason: Mapped[ShortName] = mapped_column(default="")


class Arrival(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """A patient came through the door, booked or not: what puts them in line for a dose.

    ``sequence`` counts the day's arrivals: somebody with a split dose comes twice.
    """

    __tablename__ = "arrival"
    __table_args__ = (
        sa.UniqueConstraint(
            "site_id", "patient_id", "service_date", "sequence", name=ARRIVED_ALREADY
        ),
        sa.Index("ix_arrival_service_date", "site_id", "service_date"),
        sa.CheckConstraint("sequence >= 1", "numbered"),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    sequence: Mapped[int]


class PastVisit(OfSite, Attributed, AppendOnly, Model):
    """A planned visit of an imported attendance list; many have no day and some share one."""

    __tablename__ = "past_visit"
    __table_args__ = (sa.UniqueConstraint("site_id", "source_system", "source_id"),)

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    service_date: Mapped[date | None]
    disposition: Mapped[Disposition] = mapped_column(EnumText(Disposition))
    source_system: Mapped[ShortName]
    source_id: Mapped[ShortName]
