"""A bottle, box or kit, where it stands, and what went through it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from clinic.core.units import plain
from clinic.stock.facts.products import Product
from clinic.stock.facts.words import NUMBERED, Medication, StockPlace


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A place, and which one of them: window 2, pump 1. The safe is number 0."""

    place: StockPlace
    number: int = 0

    @property
    def label(self) -> str:
        return f"{self.place.label} {self.number}" if self.place in NUMBERED else self.place.label

    @property
    def code(self) -> str:
        """As an address writes it: ``window-2``, ``safe``."""
        return f"{self.place.value}-{self.number}" if self.place in NUMBERED else self.place.value


SAFE = Spot(StockPlace.SAFE)
PREPARATION = Spot(StockPlace.PREPARATION)
QUARANTINE = Spot(StockPlace.QUARANTINE)
SUPPLIER = Spot(StockPlace.SUPPLIER)
PATIENT = Spot(StockPlace.PATIENT)
WASTED = Spot(StockPlace.WASTE)
DESTROYED = Spot(StockPlace.DESTROYED)
VARIANCE = Spot(StockPlace.VARIANCE)


def at_window(number: int) -> Spot:
    return Spot(StockPlace.WINDOW, number)


@dataclass(frozen=True, slots=True)
class OpenBottle:
    """A bottle of liquid open at a window."""

    id: UUID
    medication: Medication
    lot: str
    concentration_mg_per_ml: Decimal
    balance_ml: Decimal


@dataclass(frozen=True, slots=True)
class Pack:
    """Tablets, films or kits of one strength that are open at a window. Whole units only."""

    id: UUID
    product: Product
    lot: str
    units: int


@dataclass(frozen=True, slots=True)
class BottleRecord:
    """A bottle with what went through it. What came in less what left is what it holds.

    Units: millilitres or whole units, as its product is counted.
    """

    id: UUID
    product: Product
    lot: str
    expires_on: date | None
    spot: Spot
    opened_at: datetime | None
    closed_at: datetime | None
    held: Decimal
    received: Decimal
    dispensed: Decimal
    wasted: Decimal

    @property
    def held_mg(self) -> Decimal:
        return plain(self.held * self.product.strength_mg)

    @property
    def state(self) -> str:
        if self.closed_at is not None:
            return "closed"
        return "open" if self.opened_at is not None else "sealed"


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was taken out of one bottle, and what it holds now; in the ledger's quantities."""

    bottle_id: UUID
    lot: str
    quantity: int
    balance: int
    strength_ug: int
