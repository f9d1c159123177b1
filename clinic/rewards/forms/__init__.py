"""What the reward pages take in."""

from __future__ import annotations

from clinic.rewards.forms.draws import DrawForm
from clinic.rewards.forms.enrolment import EnrolForm
from clinic.rewards.forms.funds import BudgetForm, InstrumentForm, ReceiveForm, SourceForm
from clinic.rewards.forms.ledger import (
    CloseForm,
    GoodsForm,
    HandOverForm,
    OwnPinForm,
    PatientPinForm,
    VoidForm,
)
from clinic.rewards.forms.visits import VisitForm

__all__ = [
    "BudgetForm",
    "CloseForm",
    "DrawForm",
    "EnrolForm",
    "GoodsForm",
    "HandOverForm",
    "InstrumentForm",
    "OwnPinForm",
    "PatientPinForm",
    "ReceiveForm",
    "SourceForm",
    "VisitForm",
    "VoidForm",
]
