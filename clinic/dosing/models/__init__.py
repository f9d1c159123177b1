"""The tables of dosing: orders and holds, doses."""

from __future__ import annotations

from clinic.dosing.models.doses import Dose, DoseQuestion, DoseVoid
from clinic.dosing.models.downtime import DowntimeBatch, DowntimeLine, DowntimeSettlement
from clinic.dosing.models.guests import GuestDose, GuestStay
from clinic.dosing.models.injections import Injection
from clinic.dosing.models.log import LogCorrection, LogSignature
from clinic.dosing.models.orders import (
    DosingHold,
    Ecg,
    MedicationOrder,
    OrderEnd,
    OrderPlan,
    OrderPlanStep,
    OrderProduct,
    ReportedMedication,
    StartFinding,
)
from clinic.dosing.models.outreach import (
    ClinicCausedMiss,
    OutreachAssignment,
    OutreachContact,
    OutreachTask,
)
from clinic.dosing.models.pours import PumpPour
from clinic.dosing.models.take_homes import (
    EmergencyClosure,
    EmergencyDay,
    TakeHomeBottle,
    TakeHomeCallback,
    TakeHomeDecision,
    TakeHomeEvent,
    TakeHomeException,
    TakeHomeSchedule,
)
from clinic.dosing.models.window import DosingCard, LineMark, WindowCheck, WindowClaim

__all__ = [
    "ClinicCausedMiss",
    "Dose",
    "DoseQuestion",
    "DoseVoid",
    "DosingCard",
    "DosingHold",
    "DowntimeBatch",
    "DowntimeLine",
    "DowntimeSettlement",
    "Ecg",
    "EmergencyClosure",
    "EmergencyDay",
    "GuestDose",
    "GuestStay",
    "Injection",
    "LineMark",
    "LogCorrection",
    "LogSignature",
    "MedicationOrder",
    "OrderEnd",
    "OrderPlan",
    "OrderPlanStep",
    "OrderProduct",
    "OutreachAssignment",
    "OutreachContact",
    "OutreachTask",
    "PumpPour",
    "ReportedMedication",
    "StartFinding",
    "TakeHomeBottle",
    "TakeHomeCallback",
    "TakeHomeDecision",
    "TakeHomeEvent",
    "TakeHomeException",
    "TakeHomeSchedule",
    "WindowCheck",
    "WindowClaim",
]
