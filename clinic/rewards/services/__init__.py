"""Reward a result, draw prizes, hand over for a balance, take back, pay from funds, close books."""

from __future__ import annotations

from clinic.rewards.services.awards import award_for_attendance, award_for_result
from clinic.rewards.services.closing import close_period, reconcile
from clinic.rewards.services.confirmations import settle_confirmation
from clinic.rewards.services.draws import draw_prizes
from clinic.rewards.services.enrolments import close_enrolments, enrol
from clinic.rewards.services.funds import (
    list_instrument,
    name_source,
    receive,
    set_budget,
)
from clinic.rewards.services.pins import note_pin, set_pin
from clinic.rewards.services.protocols import (
    activate_protocol,
    draft_protocol,
    override_target,
    retire_protocol,
    revoke_override,
)
from clinic.rewards.services.redemptions import hand_over, hand_over_goods, redeem
from clinic.rewards.services.reversals import take_back, void_award
from clinic.rewards.services.visits import post_visit

__all__ = [
    "activate_protocol",
    "award_for_attendance",
    "award_for_result",
    "close_enrolments",
    "close_period",
    "draft_protocol",
    "draw_prizes",
    "enrol",
    "hand_over",
    "hand_over_goods",
    "list_instrument",
    "name_source",
    "note_pin",
    "override_target",
    "post_visit",
    "receive",
    "reconcile",
    "redeem",
    "retire_protocol",
    "revoke_override",
    "set_budget",
    "set_pin",
    "settle_confirmation",
    "take_back",
    "void_award",
]
