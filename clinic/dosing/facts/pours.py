"""A pour of the pump: what was asked, what is known, what it may still become."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from clinic.core.units import ml, plain


class PourStatus(StrEnum):
    """From asked to settled."""

    REQUESTED = "requested"
    UNKNOWN = "unknown"
    POURED = "poured"
    FAILED = "failed"
    """Nothing came out."""
    GIVEN = "given"
    WASTED = "wasted"

    @property
    def label(self) -> str:
        return self.value.capitalize()

    @property
    def is_open(self) -> bool:
        return self in {PourStatus.REQUESTED, PourStatus.UNKNOWN, PourStatus.POURED}


@dataclass(frozen=True, slots=True)
class PumpPolicy:
    """How far a pour may be off and still be the dose. Units: percent of the ordered volume."""

    tolerance_percent: Decimal = Decimal(1)
    source: str = "site policy: accuracy promised by the pump's maker"


@dataclass(frozen=True, slots=True)
class PourAsked:
    """What the pump is asked, once the asking is kept."""

    id: UUID
    address: str
    volume_ul: int


@dataclass(frozen=True, slots=True)
class Pour:
    """One pour as the window shows it."""

    id: UUID
    patient_id: UUID
    patient: str
    service_date: date
    portion: int
    window: int
    order_number: int
    bottle_id: UUID
    pump: str
    address: str
    wanted_ul: int
    actual_ul: int | None
    concentration_ug_per_ml: int
    status: PourStatus
    reason: str
    recorded_at: datetime
    recorded_by: str
    version: int

    @property
    def wanted_ml(self) -> Decimal:
        return ml(self.wanted_ul)

    @property
    def actual_ml(self) -> Decimal | None:
        return None if self.actual_ul is None else ml(self.actual_ul)

    @property
    def actual_mg(self) -> Decimal | None:
        """What was poured, in the order's unit."""
        if self.actual_ul is None:
            return None
        return plain(Decimal(self.actual_ul) * self.concentration_ug_per_ml / 1_000_000)
