"""Words of the schedule: kinds of resource, what a session needs, what becomes of a booking."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from clinic.core.errors import Clash
from clinic.core.events import Fact
from clinic.core.periods import Period


class ResourceKind(StrEnum):
    STAFF = "staff"
    ROOM = "room"
    DEVICE = "device"
    BED = "bed"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class SessionStatus(StrEnum):
    PLANNED = "planned"
    CANCELLED = "cancelled"


class BookingStatus(StrEnum):
    """FHIR Appointment.status, in the clinic's words. The first three hold the place."""

    BOOKED = "booked"
    CHECKED_IN = "checked_in"
    ATTENDED = "attended"
    NO_SHOW = "no_show"
    LATE_CANCEL = "late_cancel"
    TIMELY_CANCEL = "timely_cancel"
    CLINIC_CANCEL = "clinic_cancel"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


HOLDS_PLACE = frozenset(
    {BookingStatus.BOOKED, BookingStatus.CHECKED_IN, BookingStatus.ATTENDED, BookingStatus.NO_SHOW}
)
"""A no-show held the time; a cancelled booking frees it."""

CANCELLED = frozenset(
    {BookingStatus.LATE_CANCEL, BookingStatus.TIMELY_CANCEL, BookingStatus.CLINIC_CANCEL}
)


class Setting(StrEnum):
    IN_PERSON = "in_person"
    TELEHEALTH = "telehealth"
    HOME = "home"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


class VisitKind(StrEnum):
    """What the front desk books without a course of treatment behind it."""

    COUNSELING = "counseling"
    MEDICAL_VISIT = "medical_visit"
    NURSE_VISIT = "nurse_visit"
    INTAKE = "intake"
    DRUG_TEST = "drug_test"
    CASE_MANAGEMENT = "case_management"
    FAMILY_SESSION = "family_session"
    OTHER = "other"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


class Disposition(StrEnum):
    """What an imported attendance list says of a visit: four states and no fewer."""

    VISIT = "visit"
    NO_VISIT = "no_visit"
    MISSING = "missing"
    BLANK = "blank"
    FINAL = "final"


_ACRONYMS = frozenset({"cows", "ecg", "iv", "phq", "tms", "vr"})


def spoken_code(code: str) -> str:
    """A code as people say it: ``tms_room`` is TMS room, ``craving_0_10`` craving 0-10."""
    words = [word.upper() if word in _ACRONYMS else word for word in code.split("_")]
    return re.sub(r"(?<=\d) (?=\d)", "-", " ".join(words))


class ClashCause(StrEnum):
    """Why a wanted time cannot be had. Each is told for each date, not only the first."""

    PATIENT_BUSY = "patient_busy"
    STAFF_TAKEN = "staff_taken"
    ROOM_TAKEN = "room_taken"
    DEVICE_TAKEN = "device_taken"
    BED_TAKEN = "bed_taken"
    NOBODY_FREE = "nobody_free"
    NOT_IN_USE = "not_in_use"
    CLOSED_DAY = "closed_day"
    OUTSIDE_HOURS = "outside_hours"
    ASKED_TWICE = "asked_twice"
    FULL = "full"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class FoundClash:
    """One cause on one date, as a sentence for people."""

    cause: ClashCause
    on: date
    message: str


class BookingClash(Clash):
    """Nothing was booked. ``found`` lists every date that clashes and every cause of it."""

    def __init__(self, found: Sequence[FoundClash]) -> None:
        self.found = tuple(found)
        super().__init__(" ".join(each.message for each in self.found))


@dataclass(frozen=True, slots=True)
class Visit:
    """One wanted date of a series: how long, and what it holds.

    ``resource_ids`` empty: the series' own. ``at`` None: the series' wall time.
    """

    on: date
    minutes: int
    resource_ids: tuple[UUID, ...] = ()
    at: time | None = None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A visit as instants. ``number`` counts from 1 through the series; ``at`` is the wall time."""

    number: int
    on: date
    period: Period
    at: time | None = None


@dataclass(frozen=True, slots=True)
class Recurrence:
    """The dates a pattern gives, and the closed days it stepped over."""

    dates: tuple[date, ...]
    skipped: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class ResourceName:
    """A resource as the schedule speaks of it. ``skills`` also names what a room or device is."""

    id: UUID
    kind: ResourceKind
    name: str
    skills: frozenset[str] = frozenset()
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Engagement:
    """A stretch of time already given away, and to what."""

    period: Period
    title: str


@dataclass(frozen=True, slots=True)
class Diary:
    """What one resource or one patient is held for.

    Invariant: in order of time and without overlap, as the walls of the tables keep them.
    """

    engagements: tuple[Engagement, ...] = ()

    def during(self, period: Period) -> tuple[Engagement, ...]:
        """Every engagement that overlaps the period."""
        first = bisect_right(
            self.engagements, period.starts_at, key=lambda held: held.period.ends_at
        )
        until = bisect_left(
            self.engagements, period.ends_at, key=lambda held: held.period.starts_at
        )
        return self.engagements[first:until]


@dataclass(frozen=True, slots=True)
class OpenDays:
    """When a site is open: hours by weekday (Monday 0; absent is closed), and closed dates."""

    hours: Mapping[int, tuple[time, time]]
    closures: Mapping[date, str] = field(default_factory=lambda: MappingProxyType({}))

    def why_closed(self, day: date) -> str | None:
        """The reason nothing happens on that day; None when the site opens."""
        if day in self.closures:
            return self.closures[day]
        return None if day.weekday() in self.hours else f"closed on {day:%A}s"


@dataclass(frozen=True, slots=True)
class Wish:
    """One wanted time with everybody and everything it takes."""

    occurrence: Occurrence
    resources: tuple[ResourceName, ...] = ()
    patients: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """So many resources of one kind that can do, or are, ``skill``."""

    kind: ResourceKind
    skill: str
    count: int = 1

    @property
    def label(self) -> str:
        return spoken_code(self.skill)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A resource that could serve, with what it is held for. A wanted one serves when it can."""

    resource: ResourceName
    diary: Diary
    is_wanted: bool = False


@dataclass(frozen=True, slots=True)
class PlacedVisit:
    """A date of a proposal with the resources chosen for it."""

    occurrence: Occurrence
    resources: tuple[ResourceName, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """A proposal: where each date would take place, what was changed and what could not be had."""

    placed: tuple[PlacedVisit, ...]
    exceptions: tuple[str, ...]
    found: tuple[FoundClash, ...]

    @property
    def is_complete(self) -> bool:
        return not self.found


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRequest:
    """A run of sessions at one wall time, asked for together.

    ``patient_id`` None opens group sessions that patients join later. With ``capacity`` above
    one, a planned session of the same treatment at the same time is joined where it has room.
    Units: ``wall_time`` is the site's own clock, before and after a clock change.
    """

    modality: str
    title: str
    visits: tuple[Visit, ...]
    wall_time: time
    resource_ids: tuple[UUID, ...] = ()
    patient_id: UUID | None = None
    capacity: int = 1
    setting: Setting = Setting.IN_PERSON
    course_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class BookedSession:
    """``booking_ids`` in the order of the patients asked for."""

    session_id: UUID
    period: Period
    booking_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class BookedSeries:
    series_id: UUID
    sessions: tuple[BookedSession, ...]


@dataclass(frozen=True, slots=True)
class JoinedSession:
    booking_id: UUID
    session_id: UUID
    place: int


@dataclass(frozen=True, slots=True)
class BookingPolicy:
    """Numbers of the front desk. Source: site policy; peers' boards turn amber and red alike."""

    late_cancel_hours: int = 24
    """A cancellation closer than this to the start counts with the no-shows."""
    undo_minutes: int = 10
    waiting_amber_minutes: int = 15
    waiting_red_minutes: int = 30
    source: str = "Site policy: no-show and waiting definitions"


@dataclass(frozen=True, slots=True)
class AttendanceRecorded(Fact):
    """What became of a booking, at the moment somebody said so."""

    booking_id: UUID
    patient_id: UUID
    modality: str
    status: BookingStatus
    service_date: date


@dataclass(frozen=True, slots=True)
class DueItem:
    """Something besides a booking that a patient comes for today: a dose, a test.

    ``at`` None: any time of the day. ``done`` when nothing is left to do.
    """

    patient_id: UUID
    label: str
    at: datetime | None = None
    href: str | None = None
    kind: str = "neutral"
    done: bool = False
