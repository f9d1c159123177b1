"""The verbs of dosing: order, hold, give, take back."""

from __future__ import annotations

from clinic.dosing.services.doses import give_dose, void_dose
from clinic.dosing.services.holds import hold, hold_after_misses
from clinic.dosing.services.injections import give_injection
from clinic.dosing.services.orders import (
    confirm_reported,
    place_order,
    stop_order,
    stop_orders,
)
from clinic.dosing.services.outreach import (
    create_outreach_tasks,
    record_clinic_caused,
    record_contact,
)
from clinic.dosing.services.plans import accept_plan
from clinic.dosing.services.starts import record_ecg, record_start_findings

__all__ = [
    "accept_plan",
    "confirm_reported",
    "create_outreach_tasks",
    "give_dose",
    "give_injection",
    "hold",
    "hold_after_misses",
    "place_order",
    "record_clinic_caused",
    "record_contact",
    "record_ecg",
    "record_start_findings",
    "stop_order",
    "stop_orders",
    "void_dose",
]
