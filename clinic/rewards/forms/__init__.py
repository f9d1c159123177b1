"""What the reward pages take in."""

from __future__ import annotations

from clinic.rewards.forms.draws import DrawForm
from clinic.rewards.forms.enrolment import EnrolForm
from clinic.rewards.forms.ledger import RedeemForm, VoidForm

__all__ = ["DrawForm", "EnrolForm", "RedeemForm", "VoidForm"]
