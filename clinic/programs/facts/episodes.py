"""An episode as pages and neighbours see it: where it stands, how it got there, who waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from types import MappingProxyType
from uuid import UUID

from clinic.core.events import Fact
from clinic.patients.facts import PersonName
from clinic.programs.facts.states import (
    CareState,
    DischargeReason,
    MedicationState,
    ReferralSource,
)


@dataclass(frozen=True, slots=True)
class Admitted(Fact):
    episode_id: UUID
    patient_id: UUID
    service_date: date


@dataclass(frozen=True, slots=True)
class Discharged(Fact):
    """Care has ended: bookings, orders, courses and new earnings end with it."""

    episode_id: UUID
    patient_id: UUID
    service_date: date
    reason: DischargeReason


@dataclass(frozen=True, slots=True)
class ModalityBegun(Fact):
    """A domain that does a treatment's own work has begun it for a patient: it is under way."""

    modality: str
    episode_id: UUID
    patient_id: UUID
    service_date: date


class Priority(IntEnum):
    """Who is admitted first. Source: 45 CFR 96.131(b)."""

    PREGNANT_INJECTING = 1
    PREGNANT = 2
    INJECTING = 3
    OTHER = 4

    @property
    def label(self) -> str:
        return PRIORITY_LABELS[self]


PRIORITY_LABELS: Mapping[Priority, str] = MappingProxyType(
    {
        Priority.PREGNANT_INJECTING: "Pregnant, injects",
        Priority.PREGNANT: "Pregnant",
        Priority.INJECTING: "Injects",
        Priority.OTHER: "No priority",
    }
)


@dataclass(frozen=True, slots=True)
class EpisodeFacts:
    """One episode and where it stands now.

    Shape: ``since`` is the service date of the last move, ``moved_at`` its instant;
    ``admitted_on`` is the first day in a level of care, None before.
    """

    id: UUID
    patient_id: UUID
    number: int
    requested_at: datetime
    referral_source: ReferralSource
    injects: bool
    pregnant: bool
    counselor_id: UUID | None
    closed_on: date | None
    state: CareState
    came_from: CareState | None
    sequence: int
    since: date
    moved_at: datetime
    planned_days: int | None
    discharge_reason: DischargeReason | None
    admitted_on: date | None
    medication: MedicationState

    @property
    def is_open(self) -> bool:
        return self.closed_on is None


@dataclass(frozen=True, slots=True)
class Particulars:
    """What of an episode changes without a move. ``unit`` is where the patient stays, if named."""

    counselor_id: UUID | None = None
    unit: str = ""
    injects: bool = False
    pregnant: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """One recorded move, with who recorded it and why."""

    episode_id: UUID
    episode_number: int
    sequence: int
    from_state: CareState | None
    to_state: CareState
    occurred_at: datetime
    service_date: date
    planned_days: int | None
    discharge_reason: DischargeReason | None
    note: str
    recorded_by_name: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A run of days on one lane of the pathway; ``until`` is the first day after, None open."""

    label: str
    kind: str
    first: date
    until: date | None
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    label: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    date: date
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Pathway:
    """Care over time: lanes over ``[start, end)``, with admissions and discharges marked."""

    lanes: tuple[Lane, ...]
    start: date
    end: date
    marks: tuple[Mark, ...]
    today: date


@dataclass(frozen=True, slots=True)
class Waiting:
    """One person who waits for admission, and by when the law wants them admitted or served.

    Shape: the three deadlines are None for whoever has no priority; ``overdue`` says that one
    of them has passed.
    """

    episode_id: UUID
    patient_id: UUID
    code: str
    name: PersonName
    state: CareState
    sequence: int
    requested_at: datetime
    days_waiting: int
    priority: Priority
    admit_by: date | None
    interim_services_by: datetime | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Capacity:
    """How full the program is; ``places`` is None when the site has set no limit."""

    in_care: int
    places: int | None

    @property
    def has_room(self) -> bool:
        return self.places is None or self.in_care < self.places


@dataclass(frozen=True, slots=True)
class EncounterFacts:
    encounter_class: str
    text: str
    started_at: datetime | None
    ended_at: datetime | None
