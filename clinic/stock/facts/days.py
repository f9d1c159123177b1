"""A day of stock: what moved, what was counted, what keeps the day open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from clinic.core.decision import Decision
from clinic.stock.facts.bottles import BottleRecord, Spot
from clinic.stock.facts.counts import (
    CountMoment,
    Finding,
    IncidentKind,
    IncidentStepKind,
    LiquidReconciliation,
    SolidReconciliation,
    VarianceTier,
)
from clinic.stock.facts.products import Product

_NOTHING = Decision()


@dataclass(frozen=True, slots=True)
class Flows:
    """What went in and out of a place, or of the whole site, on one day.

    Units: the ledger's quantities. ``received`` is everything that came in from elsewhere.
    """

    received: int = 0
    returned: int = 0
    observed: int = 0
    take_home: int = 0
    wasted: int = 0
    spilled: int = 0
    adjusted: int = 0
    """What counts moved the book by: no movement of anything real."""

    @property
    def net(self) -> int:
        """What really came less what really went."""
        out = self.observed + self.take_home + self.wasted + self.spilled
        return self.received + self.returned - out

    @property
    def change(self) -> int:
        """What the book changed by, its adjustments with it."""
        return self.net + self.adjusted


class CountState(StrEnum):
    """How far a count is."""

    NOT_COUNTED = "not_counted"
    SETTLED = "settled"
    NEEDS_SECOND = "needs_second"
    DISAGREES = "disagrees"

    @property
    def label(self) -> str:
        return {
            "not_counted": "Not counted",
            "settled": "Counted",
            "needs_second": "Waits for a second person",
            "disagrees": "Two counts differ: count again",
        }[self.value]

    @property
    def kind(self) -> str:
        return {"settled": "ok", "not_counted": "neutral"}.get(self.value, "attention")


@dataclass(frozen=True, slots=True)
class Count:
    """What one person counted, and what the book said at that moment."""

    id: UUID
    counted: int
    expected: int
    tier: VarianceTier
    by_id: UUID | None
    by: str
    at: datetime
    day: date

    @property
    def variance(self) -> int:
        return self.counted - self.expected


@dataclass(frozen=True, slots=True)
class CountLine:
    """One product in one place: what the book says now, and how its count stands."""

    product: Product
    spot: Spot
    expected: int
    first: Count | None = None
    second: Count | None = None
    must_second: bool = False
    """Two people have differed about it before: from now on nobody settles it alone."""

    @property
    def state(self) -> CountState:
        first, second = self.first, self.second
        if first is None:
            return CountState.NOT_COUNTED
        if second is not None:
            agree = first.variance == second.variance
            return CountState.SETTLED if agree else CountState.DISAGREES
        is_small = not first.variance or first.tier is VarianceTier.LOG_ONLY
        is_settled = is_small and not self.must_second
        return CountState.SETTLED if is_settled else CountState.NEEDS_SECOND

    @property
    def final(self) -> Count | None:
        """The count that stands; None while it is open."""
        return (self.second or self.first) if self.state is CountState.SETTLED else None

    @property
    def key(self) -> str:
        """As a form's field names it."""
        return f"{self.product.code}@{self.spot.code}"


@dataclass(frozen=True, slots=True)
class ProductDay:
    """One product on one day, all places together. ``answer`` None until everything is counted.

    Shape: expected = start + what came - what went + adjusted. ``adjusted`` is what earlier counts
    of the day moved the book by, ``booked`` what the counts of its end did: the next start is
    expected + booked.
    """

    product: Product
    start: int
    flows: Flows
    adjusted: int
    expected: int
    counted: int | None
    booked: int
    answer: LiquidReconciliation | SolidReconciliation | None


@dataclass(frozen=True, slots=True)
class IncidentStep:
    kind: IncidentStepKind
    finding: Finding | None
    reference: str
    note: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Incident:
    """A difference, loss or theft, the dates the law sets for it, and what was done."""

    id: UUID
    kind: IncidentKind
    product: Product
    spot: Spot
    quantity: int
    discovered_on: date
    notify_dea_by: date
    form_106_by: date
    note: str
    found_by_id: UUID | None
    found_by: str
    steps: tuple[IncidentStep, ...] = ()

    def step(self, kind: IncidentStepKind) -> IncidentStep | None:
        return next((one for one in self.steps if one.kind is kind), None)

    @property
    def finding(self) -> Finding | None:
        signed = self.step(IncidentStepKind.SIGNED_OFF)
        return signed.finding if signed else None

    @property
    def is_signed(self) -> bool:
        return self.finding is not None

    @property
    def must_report(self) -> bool:
        """A loss or theft goes to the DEA; so does whatever nobody has explained yet."""
        return self.finding is not Finding.EXPLAINED

    @property
    def dues(self) -> tuple[tuple[IncidentStepKind, date], ...]:
        """What still has to go to the DEA, and by when."""
        if not self.must_report:
            return ()
        dates = (
            (IncidentStepKind.DEA_NOTIFIED, self.notify_dea_by),
            (IncidentStepKind.FORM_106, self.form_106_by),
        )
        return tuple((kind, by) for kind, by in dates if self.step(kind) is None)

    @property
    def is_open(self) -> bool:
        """Something is still to be done."""
        return not self.is_signed or bool(self.dues)


@dataclass(frozen=True, slots=True)
class Due:
    """Something to be done by a day. ``incident_id`` when it is about one."""

    what: str
    about: str
    by: date
    incident_id: UUID | None = None

    def said(self, today: date) -> str:
        days = (self.by - today).days
        if days < 0:
            return f"{-days} days late"
        return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")


@dataclass(frozen=True, slots=True)
class DayClosed:
    day: date
    closed_at: datetime
    closed_by: str
    witness: str
    seal_sequence: int
    seal_chain: str
    moved_since: int = 0
    """Movements of the day that were recorded after it was closed."""


@dataclass(frozen=True, slots=True)
class StockDay:
    """Everything a day's closing is decided by. ``others`` is what other rooms keep open."""

    day: date
    today: date
    lines: tuple[CountLine, ...] = ()
    products: tuple[ProductDay, ...] = ()
    incidents: tuple[Incident, ...] = ()
    """Unsigned ones found on this day or before, and all of this day."""
    pending_waste: tuple[BottleRecord, ...] = ()
    others: Decision = _NOTHING
    closed: DayClosed | None = None


@dataclass(frozen=True, slots=True)
class Supply:
    """How much of a product the site has, and how long it lasts at the pace of late."""

    product: Product
    held: int
    by_spot: tuple[tuple[Spot, int], ...]
    a_day: Decimal
    days_left: int | None
    is_low: bool
    expiring: tuple[BottleRecord, ...]


@dataclass(frozen=True, slots=True)
class StockPolicy:
    """When stock is low or about to expire; how far back an unclosed day is shown."""

    low_days: int = 5
    pace_days: int = 14
    expiry_notice_days: int = 60
    unclosed_days_shown: int = 14
    inventory_notice_days: int = 60
    source: str = "site policy: reorder point and expiry notice"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A delivery as the receiving page lists it."""

    received_at: datetime
    product: Product
    lot: str
    expires_on: date
    bottles: int
    size: int
    supplier: str
    supplier_registration: str
    order_form: str
    invoice: str
    received_by: str


@dataclass(frozen=True, slots=True)
class MovementRecord:
    """One row of a bottle's history."""

    at: datetime
    kind: str
    origin: Spot
    goal: Spot
    quantity: Decimal
    balance: Decimal
    by: str
    reason: str
    witness: str = ""


@dataclass(frozen=True, slots=True)
class InventoryLine:
    product: Product
    place: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Inventory:
    """A full physical count. Source: 21 CFR 1304.11."""

    taken_on: date
    moment: CountMoment
    taken_by: str
    witness: str
    next_due_on: date
    lines: tuple[InventoryLine, ...]
