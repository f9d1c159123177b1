"""What the dosing pages take in."""

from __future__ import annotations

from clinic.dosing.forms.asked import AskedForm
from clinic.dosing.forms.injections import InjectionForm
from clinic.dosing.forms.log import CorrectionForm, SignLogForm
from clinic.dosing.forms.orders import OrderForm, PlanForm, StopForm
from clinic.dosing.forms.outreach import AssignForm, ClinicCausedForm, ContactForm
from clinic.dosing.forms.starts import EcgForm, FindingsForm
from clinic.dosing.forms.window import (
    CowsForm,
    GiveDoseForm,
    HoldForm,
    PriorityForm,
    ScreenForm,
    SpillForm,
    VoidForm,
    WeightForm,
    WindowForm,
)

__all__ = [
    "AskedForm",
    "AssignForm",
    "ClinicCausedForm",
    "ContactForm",
    "CorrectionForm",
    "CowsForm",
    "EcgForm",
    "FindingsForm",
    "GiveDoseForm",
    "HoldForm",
    "InjectionForm",
    "OrderForm",
    "PlanForm",
    "PriorityForm",
    "ScreenForm",
    "SignLogForm",
    "SpillForm",
    "StopForm",
    "VoidForm",
    "WeightForm",
    "WindowForm",
]
