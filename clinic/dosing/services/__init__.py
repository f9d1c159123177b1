"""The verbs of dosing: order, hold, give, take back."""

from __future__ import annotations

from clinic.dosing.services.checks import record_cows, record_screen, record_weight
from clinic.dosing.services.doses import give_dose, void_dose
from clinic.dosing.services.holds import hold, hold_after_misses
from clinic.dosing.services.injections import give_injection
from clinic.dosing.services.log import correct_line, sign_log
from clinic.dosing.services.orders import (
    confirm_reported,
    place_order,
    stop_order,
    stop_orders,
)
from clinic.dosing.services.outreach import assign as assign_outreach
from clinic.dosing.services.outreach import (
    create_outreach_tasks,
    record_clinic_caused,
    record_contact,
)
from clinic.dosing.services.plans import accept_plan
from clinic.dosing.services.spills import spill_poured
from clinic.dosing.services.starts import record_ecg, record_start_findings
from clinic.dosing.services.window import (
    check_in,
    issue_card,
    leave_window,
    mark_priority,
    open_at_window,
    revoke_card,
)

__all__ = [
    "accept_plan",
    "assign_outreach",
    "check_in",
    "confirm_reported",
    "correct_line",
    "create_outreach_tasks",
    "give_dose",
    "give_injection",
    "hold",
    "hold_after_misses",
    "issue_card",
    "leave_window",
    "mark_priority",
    "open_at_window",
    "place_order",
    "record_clinic_caused",
    "record_contact",
    "record_cows",
    "record_ecg",
    "record_screen",
    "record_start_findings",
    "record_weight",
    "revoke_card",
    "sign_log",
    "spill_poured",
    "stop_order",
    "stop_orders",
    "void_dose",
]
