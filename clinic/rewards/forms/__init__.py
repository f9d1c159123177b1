"""What the reward pages take in."""

from __future__ import annotations

from clinic.rewards.forms.draws import DrawForm
from clinic.rewards.forms.enrolment import EnrolForm
from clinic.rewards.forms.ledger import RedeemForm, VoidForm
from clinic.rewards.forms.visits import VisitForm

__all__ = ["DrawForm", "EnrolForm", "RedeemForm", "VisitForm", "VoidForm"]
