"""The tables of dosing: orders and holds, doses."""

from __future__ import annotations

from clinic.dosing.models.doses import Dose, DoseQuestion, DoseVoid
from clinic.dosing.models.orders import DosingHold, MedicationOrder, ReportedMedication
from clinic.dosing.models.window import DosingCard, LineMark, WindowCheck, WindowClaim

__all__ = [
    "Dose",
    "DoseQuestion",
    "DoseVoid",
    "DosingCard",
    "DosingHold",
    "LineMark",
    "MedicationOrder",
    "ReportedMedication",
    "WindowCheck",
    "WindowClaim",
]
