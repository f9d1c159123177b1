"""The tables of dosing: orders and holds, doses."""

from __future__ import annotations

from clinic.dosing.models.doses import Dose, DoseQuestion, DoseVoid
from clinic.dosing.models.orders import DosingHold, MedicationOrder, ReportedMedication

__all__ = [
    "Dose",
    "DoseQuestion",
    "DoseVoid",
    "DosingHold",
    "MedicationOrder",
    "ReportedMedication",
]
