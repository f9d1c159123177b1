"""What the chart, the log and the stock page show: rows as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

from clinic.dosing.facts.orders import OrderInForce
from clinic.dosing.facts.window import DayTick, DoseGiven, PatientCard
from clinic.dosing.facts.words import HoldReason, VoidReason
from clinic.stock.facts import Form, Medication


@dataclass(frozen=True, slots=True)
class HoldRecord:
    """A hold and the order that ended it, when one did."""

    reason: HoldReason
    note: str
    held_at: datetime
    held_by: str
    cleared_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReportedOrder:
    """An order another system holds. ``dose_mg`` None: ``why_no_dose`` says why."""

    id: UUID
    medication: Medication
    text: str
    status: str
    authored_at: datetime | None
    dose_mg: Decimal | None
    why_no_dose: str
    confirmed_by_order: int | None
    source_system: str

    @property
    def is_active(self) -> bool:
        return self.status == "active"


@dataclass(frozen=True, slots=True)
class DosingChart:
    """Everything dosing knows of one patient, newest order and hold first, doses by date."""

    orders: Sequence[OrderInForce]
    holds: Sequence[HoldRecord]
    doses: Sequence[DoseGiven]
    reported: Sequence[ReportedOrder]
    last_days: Sequence[DayTick]
    conflict: str | None
    """Why the listed medications exclude each other, if they do."""


CORRECTABLE: Mapping[str, str] = MappingProxyType(
    {
        "patient": "Patient",
        "substance": "Substance",
        "strength": "Strength",
        "dosage_form": "Dosage form",
        "consumed": "Amount consumed",
        "taken_home": "Amount taken home",
        "time": "Time",
        "lot": "Lot",
        "dispenser": "Dispenser",
    }
)
"""Fields of a line a second entry may correct. Source: 21 CFR 1304.24(a)."""


@dataclass(frozen=True, slots=True)
class LogCorrected:
    """A second entry beside a line of the log: what should stand there, why, by whom."""

    field: str
    reads: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LogSigned:
    """A dispenser of the day, the lines they have, and how many of them they have signed for."""

    person_id: UUID
    name: str
    lines: int
    signed_lines: int
    initials: str
    signed_at: datetime | None

    @property
    def is_signed(self) -> bool:
        """Every line of theirs stood there when they signed."""
        return self.signed_lines >= self.lines


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the dispensing log. Source: the fields of 21 CFR 1304.24(a)."""

    dose_id: UUID
    service_date: date
    dispensed_at: datetime
    patient: PatientCard
    medication: Medication
    form: Form
    concentration_mg_per_ml: Decimal | None
    dose_mg: Decimal
    volume_ml: Decimal | None
    portion: int
    series: int
    order_number: int | None
    window: int | None
    lot: str | None
    dispensed_by: str
    void_reason: VoidReason | None
    voided_at: datetime | None
    voided_by: str | None
    witnessed_by: str | None
    units: int | None = None
    unit_strengths: str = ""
    """Of tablets, films and kits: ``8 mg, 2 mg``."""
    take_on: date | None = None
    """For a bottle taken home, the date it is for."""
    corrections: tuple[LogCorrected, ...] = ()
    paper_initials: str = ""
    """Whoever dispensed on paper while the program was away; ``dispensed_by`` then entered it."""

    @property
    def is_taken_home(self) -> bool:
        return self.take_on is not None

    @property
    def taken_home_mg(self) -> Decimal:
        return self.dose_mg if self.is_taken_home else Decimal(0)

    @property
    def initials(self) -> str:
        """The dispenser's, as the log wants them."""
        return (
            self.paper_initials
            or "".join(part[0] for part in self.dispensed_by.split() if part).upper()
        )

    @property
    def consumed_mg(self) -> Decimal:
        """Nothing when the dose was voided, or left in a bottle."""
        return Decimal(0) if self.void_reason or self.is_taken_home else self.dose_mg
