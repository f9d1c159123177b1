"""Pages of the dosing window, of a patient's orders, of the log."""

from __future__ import annotations

from clinic.dosing.views import log, orders, queue, window
from clinic.dosing.views.blueprint import dosing

__all__ = ["dosing", "log", "orders", "queue", "window"]
