"""Guest dosing: our patient at another program, another program's patient here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from clinic.stock.facts import Form, Medication


class GuestDirection(StrEnum):
    OUT = "out"
    """Our patient, dosed elsewhere for a while."""
    IN = "in"
    """Another program's patient, dosed here for a while."""

    @property
    def label(self) -> str:
        return {"out": "Away at another program", "in": "Guest from another program"}[self.value]


class GuestReason(StrEnum):
    """Why the patient cannot reach the home program. Source: 42 CFR 8.12(g)(2)."""

    TRAVEL = "travel"
    WORK = "work"
    RELOCATION = "temporary_relocation"
    CLOSURE = "closure"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class GuestPolicy:
    """How long a patient may be a guest."""

    days_max: int = 14
    extended_days_max: int = 30
    source: str = "site policy: guest dosing for 14 days, to 30 by the prescriber"


@dataclass(frozen=True, slots=True)
class OtherProgram:
    """The program at the other end: where, and whom to call."""

    name: str
    address: str
    telephone: str
    contact: str


@dataclass(frozen=True, slots=True)
class LastDose:
    """The last dose before the stay; ``given_at`` is the wall time as it was reported."""

    dose_mg: Decimal
    given_on: date
    given_at: str
    observed: bool


@dataclass(frozen=True, slots=True)
class GuestProposal:
    """A stay as it is asked for, ``[starts_on, ends_on)``."""

    direction: GuestDirection
    other: OtherProgram
    starts_on: date
    ends_on: date
    reason: GuestReason
    justification: str
    consent_on: date | None
    """When the patient signed that the two programs may speak. Source: 42 CFR 2.31."""
    dose_mg: Decimal | None = None
    """What the home program says; None for our own patient, whose order says it."""
    last_dose: LastDose | None = None
    take_homes_in_hand: int = 0
    urine_summary: str = ""
    allergies: str = ""
    id_seen: str = ""
    verified_with: str = ""
    """Whom the last dose was confirmed with by telephone; guests from elsewhere only."""


@dataclass(frozen=True, slots=True)
class ReportedDose:
    """A dose the host program told us of, or that we told the home program of."""

    id: UUID
    given_on: date
    dose_mg: Decimal
    told_by: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class GuestStay:
    """A stay as the chart and the packet show it."""

    id: UUID
    patient_id: UUID
    number: int
    proposal: GuestProposal
    medication: Medication
    form: Form
    dose_mg: Decimal
    order_number: int | None
    recorded_at: datetime
    recorded_by: str
    ended_at: datetime | None
    ended_because: str
    ended_on: date | None
    doses: tuple[ReportedDose, ...] = ()

    def covers(self, day: date) -> bool:
        last = self.proposal.ends_on if self.ended_on is None else self.ended_on
        return self.proposal.starts_on <= day < last
