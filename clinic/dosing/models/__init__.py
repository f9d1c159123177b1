"""The tables of dosing: orders and holds, doses, and the stock they come out of."""

from __future__ import annotations

from clinic.dosing.models.doses import Dose, DoseQuestion, DoseVoid
from clinic.dosing.models.orders import DosingHold, MedicationOrder, ReportedMedication
from clinic.dosing.models.stock import StockBottle, StockMovement

__all__ = [
    "Dose",
    "DoseQuestion",
    "DoseVoid",
    "DosingHold",
    "MedicationOrder",
    "ReportedMedication",
    "StockBottle",
    "StockMovement",
]
