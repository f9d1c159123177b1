"""The verbs of dosing: order, hold, give, take back, open a bottle."""

from __future__ import annotations

from clinic.dosing.services.doses import give_dose, void_dose
from clinic.dosing.services.holds import hold
from clinic.dosing.services.orders import (
    confirm_reported,
    place_order,
    stop_order,
    stop_orders,
)
from clinic.dosing.services.stock import open_bottle

__all__ = [
    "confirm_reported",
    "give_dose",
    "hold",
    "open_bottle",
    "place_order",
    "stop_order",
    "stop_orders",
    "void_dose",
]
