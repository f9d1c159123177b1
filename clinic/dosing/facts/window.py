"""The dosing window: what is known before a dose, the dose given, the queue of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from clinic.core.decision import Decision
from clinic.dosing.facts.line import CheckPolicy, CheckRecord, Claim, LinePriority
from clinic.dosing.facts.missed_doses import MissedDosePolicy
from clinic.dosing.facts.orders import OrderInForce
from clinic.dosing.facts.words import DoseOrigin, HoldReason, Place, VoidReason
from clinic.stock.facts import Medication, OpenBottle, Pack

_MISSED_DOSE_POLICY = MissedDosePolicy()
_CHECK_POLICY = CheckPolicy()


@dataclass(frozen=True, slots=True)
class OpenHold:
    reason: HoldReason
    note: str
    held_on: date
    held_by: str


@dataclass(frozen=True, slots=True)
class VoidedDose:
    """How a dose row was taken back."""

    id: UUID
    reason: VoidReason
    voided_at: datetime
    voided_by: str


@dataclass(frozen=True, slots=True)
class DoseGiven:
    """A dose row. ``given_at`` is the site's wall time."""

    id: UUID
    service_date: date
    medication: Medication
    dose_mg: Decimal
    volume_ml: Decimal | None
    portion: int
    series: int
    order_number: int | None
    given_at: datetime
    given_by: str
    origin: DoseOrigin = DoseOrigin.WINDOW
    voided: VoidedDose | None = None


@dataclass(frozen=True, slots=True)
class DoseHistory:
    """Days with a dose before the day asked about, as far as the gates need them.

    Shape: ``first_recent`` is the first such day within the induction period before the day,
    ``last_before_recent`` the last one before that period.
    """

    last_covered: date | None = None
    first_recent: date | None = None
    last_before_recent: date | None = None


@dataclass(frozen=True, slots=True)
class CoveredDose:
    """A dose of the day the patient has otherwise: a bottle at home, another program.

    ``portion`` None: the whole day.
    """

    what: str
    portion: int | None = None


@dataclass(frozen=True, slots=True)
class DoseFacts:
    """Everything a dose is decided by. ``window`` None: no stock is asked for, as in the queue.

    ``flags`` are administrative: a bill, a form, a talk that is due. They are shown, never more.
    """

    day: date
    order: OrderInForce | None
    portion: int = 1
    hold: OpenHold | None = None
    history: DoseHistory = DoseHistory()
    doses: tuple[DoseGiven, ...] = ()
    last_injection: DoseGiven | None = None
    closed_because: str | None = None
    window: int | None = None
    bottle: OpenBottle | None = None
    packs: tuple[Pack, ...] = ()
    """Tablets, films and kits open at the window, of every medication."""
    flags: tuple[str, ...] = ()
    covered: tuple[CoveredDose, ...] = ()
    missed_dose_policy: MissedDosePolicy = _MISSED_DOSE_POLICY
    claim: Claim | None = None
    """The window the patient stands at now."""
    clock_behind: timedelta | None = None
    """How far the clock stands behind the site's last record, when that is too far."""
    check_policy: CheckPolicy = _CHECK_POLICY
    last_screen: CheckRecord | None = None
    raised_on: date | None = None
    """The first day of the order, when it is higher than the one before it."""
    is_poured: bool = False
    """A pump was asked for this patient today, and nobody has settled the pour."""


@dataclass(frozen=True, slots=True)
class GivenDose:
    """The answer of a dose: what the nurse's toast says and a retry gets again."""

    dose_id: UUID
    service_date: date
    order_number: int
    portion: int
    series: int
    dose_mg: Decimal
    volume_ml: Decimal | None
    balance_ml: Decimal | None

    def to_json(self) -> dict[str, str | int | None]:
        """The stored answer: what a retry with the same key is told."""
        return {
            "dose_id": str(self.dose_id),
            "service_date": self.service_date.isoformat(),
            "order_number": self.order_number,
            "portion": self.portion,
            "series": self.series,
            "dose_mg": str(self.dose_mg),
            "volume_ml": None if self.volume_ml is None else str(self.volume_ml),
            "balance_ml": None if self.balance_ml is None else str(self.balance_ml),
        }


@dataclass(frozen=True, slots=True)
class PatientCard:
    """Who it is, as a line of a list shows it."""

    patient_id: UUID
    code: str
    first_name: str
    last_name: str
    preferred_name: str
    date_of_birth: date


@dataclass(frozen=True, slots=True)
class Waiting:
    """A patient the queue is derived for: who, what is known, and since when they are here."""

    patient: PatientCard
    facts: DoseFacts
    checked_in_at: datetime | None = None
    priority: LinePriority = LinePriority.NONE
    priority_reason: str = ""
    ran_out: OrderInForce | None = None
    """The last order, when it ran out and no other took its place."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    patient: PatientCard
    order: OrderInForce | None
    place: Place
    decision: Decision
    checked_in_at: datetime | None
    doses: tuple[DoseGiven, ...]
    """Of the day, voided ones not among them."""
    priority: LinePriority = LinePriority.NONE
    priority_reason: str = ""
    claim: Claim | None = None

    @property
    def given(self) -> DoseGiven | None:
        """The last dose of the day."""
        return self.doses[-1] if self.doses else None


STILL_TO_COME = (Place.EXPECTED, Place.IN_LINE, Place.AT_WINDOW)


@dataclass(frozen=True, slots=True)
class Queue:
    """The day's queue in the order of the window: at it, in line, expected, held, done."""

    day: date
    rows: tuple[QueueRow, ...]
    closed_because: str | None = None

    def count(self, place: Place) -> int:
        return sum(row.place is place for row in self.rows)

    @property
    def dosed(self) -> int:
        return self.count(Place.DOSED)

    @property
    def held(self) -> int:
        return self.count(Place.HELD)

    @property
    def left(self) -> int:
        """Still to come, whether in line or not. Held ones are not among them."""
        return sum(self.count(place) for place in STILL_TO_COME)

    @property
    def in_line(self) -> tuple[QueueRow, ...]:
        """Whoever has priority first, then first come."""
        return tuple(row for row in self.rows if row.place is Place.IN_LINE)


@dataclass(frozen=True, slots=True)
class DayTick:
    """One day of the last-days strip."""

    date: date
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class MissedPatient:
    """Somebody on the missed-dose list of a day."""

    patient: PatientCard
    order: OrderInForce
    last_covered: date | None
    missed_days: int
    place: Place
    is_on_hold: bool = False
    is_shut: bool = False
    """The rule holds the dose, whether or not anybody has written the hold down."""
    has_run_out: bool = False
    """``order`` was the last one. Nobody may give a dose before the prescriber writes an order."""
