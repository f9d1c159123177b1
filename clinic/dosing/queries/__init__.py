"""What dosing reads: the queue, the window, the chart, the log, the bottles."""

from __future__ import annotations

from clinic.dosing.queries.chart import chart, doses_of, last_days
from clinic.dosing.queries.log import dose, log
from clinic.dosing.queries.orders import (
    active_medication_on,
    decide_order,
    episode_in_care,
    order_history,
    orders_of,
    reported_of,
)
from clinic.dosing.queries.window import (
    AtWindow,
    at_window,
    closed_because,
    due_on,
    facts_for_dose,
    missed_list,
    queue,
)

__all__ = [
    "AtWindow",
    "active_medication_on",
    "at_window",
    "chart",
    "closed_because",
    "decide_order",
    "dose",
    "doses_of",
    "due_on",
    "episode_in_care",
    "facts_for_dose",
    "last_days",
    "log",
    "missed_list",
    "order_history",
    "orders_of",
    "queue",
    "reported_of",
]
