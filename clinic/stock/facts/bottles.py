"""A bottle open at a window, and what went through it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from clinic.stock.facts.words import Medication


@dataclass(frozen=True, slots=True)
class OpenBottle:
    id: UUID
    medication: Medication
    lot: str
    concentration_mg_per_ml: Decimal
    balance_ml: Decimal


@dataclass(frozen=True, slots=True)
class BottleRecord:
    """A bottle with what went through it. The sum of its movements is its balance."""

    bottle: OpenBottle
    window: int
    opened_at: datetime
    closed_at: datetime | None
    received_ml: Decimal
    dispensed_ml: Decimal
    wasted_ml: Decimal
