"""The tables of controlled stock."""

from __future__ import annotations

from clinic.stock.models.bottles import StockBottle, StockMovement

__all__ = ["StockBottle", "StockMovement"]
