"""Pages of controlled stock."""

from __future__ import annotations

from clinic.stock.views import counts, days, shelves
from clinic.stock.views.blueprint import stock

__all__ = ["counts", "days", "shelves", "stock"]
