"""What outside facts amount to, and what of ours may be sent out in codes."""

from __future__ import annotations

from clinic.exchange.rules.records import (
    AGONISTS,
    count_records,
    find_in_trial,
    review_outside_orders,
    review_same_day_doses,
)

__all__ = [
    "AGONISTS",
    "count_records",
    "find_in_trial",
    "review_outside_orders",
    "review_same_day_doses",
]
