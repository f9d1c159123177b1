"""Rewards as they stand: enrolments, caps, the ledger, draws, one patient's card, the program."""

from __future__ import annotations

from clinic.rewards.queries.caps import cap_policy, cap_standings
from clinic.rewards.queries.cards import card
from clinic.rewards.queries.draws import drawn, open_draw, open_draws
from clinic.rewards.queries.enrolments import (
    enrolment_of_visit,
    latest_enrolment,
    may_enrol_in,
    open_enrolment,
    visits,
)
from clinic.rewards.queries.ledger import statement, trial_balance
from clinic.rewards.queries.program import overview
from clinic.rewards.queries.protocols import bowl_of, offered_protocols, protocol_of

__all__ = [
    "bowl_of",
    "cap_policy",
    "cap_standings",
    "card",
    "drawn",
    "enrolment_of_visit",
    "latest_enrolment",
    "may_enrol_in",
    "offered_protocols",
    "open_draw",
    "open_draws",
    "open_enrolment",
    "overview",
    "protocol_of",
    "statement",
    "trial_balance",
    "visits",
]
