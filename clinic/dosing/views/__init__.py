"""Pages of the dosing window, of a patient's orders, of the log."""

from __future__ import annotations

from clinic.dosing.views import (
    callbacks,
    cards,
    downtime,
    emergency,
    guests,
    injections,
    labels,
    line,
    log,
    orders,
    outreach,
    pace,
    plans,
    pours,
    queue,
    starts,
    take_home_decisions,
    take_homes,
    window,
)
from clinic.dosing.views.blueprint import dosing

__all__ = [
    "callbacks",
    "cards",
    "dosing",
    "downtime",
    "emergency",
    "guests",
    "injections",
    "labels",
    "line",
    "log",
    "orders",
    "outreach",
    "pace",
    "plans",
    "pours",
    "queue",
    "starts",
    "take_home_decisions",
    "take_homes",
    "window",
]
