"""The level of a bottle as it falls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clinic.stock.facts import BottleRecord, MovementRecord


def level(one: BottleRecord, history: Sequence[MovementRecord]) -> dict[str, Any]:
    """A stepped line from the first movement to the last."""
    return {
        "xAxis": {"type": "category", "data": [f"{row.at:%d %b %H:%M}" for row in history]},
        "yAxis": {"type": "value", "name": one.product.unit},
        "series": [
            {
                "type": "line",
                "step": "end",
                "name": "Left",
                "showSymbol": False,
                "data": [float(row.balance) for row in history],
            }
        ],
    }
