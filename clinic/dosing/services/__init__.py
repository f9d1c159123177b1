"""The verbs of dosing: order, hold, give, take back."""

from __future__ import annotations

from clinic.dosing.services.doses import give_dose, void_dose
from clinic.dosing.services.holds import hold
from clinic.dosing.services.orders import (
    confirm_reported,
    place_order,
    stop_order,
    stop_orders,
)

__all__ = [
    "confirm_reported",
    "give_dose",
    "hold",
    "place_order",
    "stop_order",
    "stop_orders",
    "void_dose",
]
