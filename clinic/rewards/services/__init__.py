"""Enrol a patient, reward a result, draw prizes, redeem a balance, void an award, end with care."""

from __future__ import annotations

from clinic.rewards.services.awards import award_for_result, void_award
from clinic.rewards.services.draws import draw_prizes
from clinic.rewards.services.enrolments import close_enrolments, enrol
from clinic.rewards.services.redemptions import redeem

__all__ = ["award_for_result", "close_enrolments", "draw_prizes", "enrol", "redeem", "void_award"]
