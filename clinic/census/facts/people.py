"""The names behind the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from clinic.census.facts.axes import MoveKind
from clinic.patients.facts import PersonName
from clinic.programs.facts import CareState, DischargeReason, MedicationState


@dataclass(frozen=True, slots=True)
class Person:
    """A name behind a number. ``came_from`` and ``reason`` only where the number counts moves."""

    patient_id: UUID
    code: str
    name: PersonName
    birth_date: date
    state: CareState | None
    since: date | None
    medication: MedicationState = MedicationState.NONE
    came_from: CareState | None = None
    reason: DischargeReason | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """One move of one patient. ``recorded_later``: nobody knew of it when its day ended."""

    patient_id: UUID
    code: str
    name: PersonName
    birth_date: date
    service_date: date
    occurred_at: datetime
    from_state: CareState | None
    to_state: CareState
    reason: DischargeReason | None
    returned: bool
    recorded_by_name: str
    recorded_later: bool

    @property
    def kind(self) -> MoveKind:
        return MoveKind.of(self.from_state, to_state=self.to_state)

    @property
    def label(self) -> str:
        if self.kind is MoveKind.ADMISSION:
            return "Readmitted" if self.returned else "Admitted"
        return {
            MoveKind.TRANSFER: "Transferred",
            MoveKind.DISCHARGE: "Discharged",
            MoveKind.OUTSIDE_CARE: "Before admission",
        }[self.kind]
