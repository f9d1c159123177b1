"""Enrol a patient, reward a result, draw prizes, redeem a balance, void an award, end with care."""

from __future__ import annotations

from clinic.rewards.services.awards import award_for_attendance, award_for_result, void_award
from clinic.rewards.services.confirmations import settle_confirmation
from clinic.rewards.services.draws import draw_prizes
from clinic.rewards.services.enrolments import close_enrolments, enrol
from clinic.rewards.services.protocols import (
    activate_protocol,
    draft_protocol,
    override_target,
    retire_protocol,
    revoke_override,
)
from clinic.rewards.services.redemptions import redeem
from clinic.rewards.services.visits import post_visit

__all__ = [
    "activate_protocol",
    "award_for_attendance",
    "award_for_result",
    "close_enrolments",
    "draft_protocol",
    "draw_prizes",
    "enrol",
    "override_target",
    "post_visit",
    "redeem",
    "retire_protocol",
    "revoke_override",
    "settle_confirmation",
    "void_award",
]
