"""Pages of the dosing window, of a patient's orders, of the log."""

from __future__ import annotations

from clinic.dosing.views import (
    cards,
    downtime,
    injections,
    line,
    log,
    orders,
    outreach,
    pace,
    plans,
    pours,
    queue,
    starts,
    window,
)
from clinic.dosing.views.blueprint import dosing

__all__ = [
    "cards",
    "downtime",
    "dosing",
    "injections",
    "line",
    "log",
    "orders",
    "outreach",
    "pace",
    "plans",
    "pours",
    "queue",
    "starts",
    "window",
]
