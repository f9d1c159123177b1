"""Downtime: the pack on paper before, the doses from paper after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from clinic.dosing.facts.orders import OrderInForce
from clinic.dosing.facts.window import PatientCard


@dataclass(frozen=True, slots=True)
class DowntimePolicy:
    """How fresh the pack is and how long it lies there; how far back paper may be entered."""

    fresh_minutes: int = 15
    before_opening_minutes: int = 60
    kept_days: int = 7
    entered_back_days: int = 14
    telephones: str = ""
    """Whom to call, as the pack prints it: `name number`, one after the other, with semicolons."""
    source: str = "site policy; SAFER contingency guide: pre-printed forms for at least 8 hours"


class PaperOutcome(StrEnum):
    """What became of a line of paper."""

    RECORDED = "recorded"
    CONFLICT = "conflict"
    SETTLED_GIVEN = "settled_given"
    """Recorded after all, by somebody who looked into it."""
    SETTLED_NOT_GIVEN = "settled_not_given"
    """The paper was wrong, or the same dose stands recorded already."""

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()

    @property
    def kind(self) -> str:
        return {"recorded": "ok", "conflict": "stop"}.get(self.value, "info")


@dataclass(frozen=True, slots=True)
class PaperDose:
    """One line of the blank log, as somebody wrote it by hand. ``given_at`` is wall time."""

    code: str
    dose_mg: Decimal
    given_at: time
    initials: str


@dataclass(frozen=True, slots=True)
class EnteredLine:
    id: UUID
    line: int
    patient: PatientCard
    service_date: date
    dose_mg: Decimal
    given_at: datetime
    initials: str
    outcome: PaperOutcome
    reason: str
    may_be_recorded: bool
    settled_by: str
    settled_note: str
    serial: str


@dataclass(frozen=True, slots=True)
class Expected:
    """A patient of the day as the pack prints them and the entry screen lists them."""

    patient: PatientCard
    order: OrderInForce | None
    last_dose: str
    doses_today: str
    take_homes_due: int
    stops: Sequence[str]
    photo: bytes | None = None


@dataclass(frozen=True, slots=True)
class DowntimePack:
    """Everything the pack prints."""

    day: date
    site: str
    address: str
    telephone: str
    organization: str
    rows: Sequence[Expected]
    closed_because: str | None
    seal: str
    telephones: Sequence[str]


@dataclass(frozen=True, slots=True)
class KeptPack:
    """A pack lying in the instance folder."""

    name: str
    written_at: datetime
    bytes: int
