"""Pages of the dosing window, of a patient's orders, of the log and the stock."""

from __future__ import annotations

from clinic.dosing.views import orders, queue, stock, window
from clinic.dosing.views.blueprint import dosing

__all__ = ["dosing", "orders", "queue", "stock", "window"]
