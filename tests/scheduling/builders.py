"""Rooms, counselors and patients for the schedule's tests, in a few words."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time
from uuid import UUID

from clinic.data.types import new_id
from clinic.data.work import Work
from clinic.patients.facts import Sex
from clinic.patients.models import Patient
from clinic.scheduling import services
from clinic.scheduling.facts import BookedSession, ResourceKind, Setting
from tests import cast

TODAY = date(2026, 3, 3)
TOMORROW = date(2026, 3, 4)
NINE = time(9, 0)


def at(on: date, wall: time) -> datetime:
    """A wall time at the north site."""
    return cast.NORTH.instant(on, wall)


def a_patient(work: Work, *, name: str = "Ash") -> UUID:
    patient = Patient(
        id=new_id(),
        organization_id=work.site.organization_id,
        code=f"T-{new_id().hex[-8:]}",
        family_name=name,
        given_names="Test",
        birth_date=date(1985, 5, 17),
        sex=Sex.UNKNOWN,
        search_text=name.lower(),
        recorded_at=work.now,
        recorded_by=work.actor.id,
        recorded_by_name=work.actor.name,
    )
    work.session.add(patient)
    work.session.flush()
    return patient.id


def a_resource(
    work: Work,
    *,
    kind: ResourceKind = ResourceKind.ROOM,
    name: str = "Room 1",
    skills: Collection[str] = ("counseling_room",),
) -> UUID:
    return services.add_resource(work, kind=kind, name=name, skills=skills)


def a_counselor(work: Work, *, name: str = "Carl Counselor") -> UUID:
    return a_resource(work, kind=ResourceKind.STAFF, name=name, skills=["counselor"])


def a_visit(
    work: Work,
    *,
    starts_at: datetime,
    patients: Collection[UUID] = (),
    resources: Collection[UUID] = (),
    minutes: int = 60,
    capacity: int = 1,
    title: str = "Counseling",
    setting: Setting = Setting.IN_PERSON,
) -> BookedSession:
    return services.book_session(
        work,
        modality="counseling",
        title=title,
        starts_at=starts_at,
        minutes=minutes,
        resource_ids=resources,
        patient_ids=patients,
        capacity=capacity,
        setting=setting,
    )
