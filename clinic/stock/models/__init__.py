"""The tables of controlled stock."""

from __future__ import annotations

from clinic.stock.models.bottles import StockBottle, StockMovement, StockReceipt
from clinic.stock.models.counts import (
    StockCount,
    StockDayClose,
    StockIncident,
    StockIncidentStep,
    StockInventory,
)

__all__ = [
    "StockBottle",
    "StockCount",
    "StockDayClose",
    "StockIncident",
    "StockIncidentStep",
    "StockInventory",
    "StockMovement",
    "StockReceipt",
]
