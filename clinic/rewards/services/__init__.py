"""Enrol a patient, reward a result, redeem a balance, void an award, close at discharge."""

from __future__ import annotations

from clinic.rewards.services.awards import award_for_result, void_award
from clinic.rewards.services.enrolments import close_enrolments, enrol
from clinic.rewards.services.redemptions import redeem

__all__ = ["award_for_result", "close_enrolments", "enrol", "redeem", "void_award"]
