"""What controlled stock reads."""

from __future__ import annotations

from clinic.stock.queries.bottles import at_spot, bottles, liquids_at, open_at, packs_at
from clinic.stock.queries.days import (
    DayCheck,
    closed_day,
    count_lines,
    dispensers,
    expected_at,
    flows_on,
    stock_day,
    unclosed_days,
)
from clinic.stock.queries.dues import dues
from clinic.stock.queries.incidents import incident, incidents
from clinic.stock.queries.supplies import (
    bottle,
    history,
    inventories,
    inventory,
    receipts,
    supplies,
)

__all__ = [
    "DayCheck",
    "at_spot",
    "bottle",
    "bottles",
    "closed_day",
    "count_lines",
    "dispensers",
    "dues",
    "expected_at",
    "flows_on",
    "history",
    "incident",
    "incidents",
    "inventories",
    "inventory",
    "liquids_at",
    "open_at",
    "packs_at",
    "receipts",
    "stock_day",
    "supplies",
    "unclosed_days",
]
