"""Rewards as they stand: enrolments, caps, the ledger, draws, one patient's card, the program."""

from __future__ import annotations

from clinic.rewards.queries.books import (
    closed_periods,
    differences,
    findings,
    next_period,
    proof,
    totals,
)
from clinic.rewards.queries.caps import cap_policy, cap_standings, tax_lines, tax_thresholds
from clinic.rewards.queries.cards import card
from clinic.rewards.queries.days import draws_waiting, due_next, due_today
from clinic.rewards.queries.draws import drawn, open_draw, open_draws
from clinic.rewards.queries.enrolments import (
    enrolment_of_visit,
    latest_enrolment,
    may_enrol_in,
    open_enrolment,
)
from clinic.rewards.queries.fidelity import fidelity
from clinic.rewards.queries.funds import (
    budgets,
    choices_of_funding,
    funding_of,
    handovers,
    instrument,
    instruments,
    items,
    redemption_terms,
    sources,
)
from clinic.rewards.queries.ledger import balance_cents, statement, trial_balance
from clinic.rewards.queries.pins import pin_of
from clinic.rewards.queries.program import overview
from clinic.rewards.queries.protocols import (
    bowl_of,
    known_protocols,
    latest_version,
    offered_protocol,
    offered_protocols,
    protocol_of,
    site_protocol,
    site_protocols,
    standing_overrides,
)
from clinic.rewards.queries.slips import visit_slip
from clinic.rewards.queries.visits import (
    CONTINGENCY_MANAGEMENT,
    Judgement,
    booked_today,
    judged,
    next_day,
    preview,
    visit,
    visit_of_specimen,
    visits,
    waits_for_laboratory,
)

__all__ = [
    "CONTINGENCY_MANAGEMENT",
    "Judgement",
    "balance_cents",
    "booked_today",
    "bowl_of",
    "budgets",
    "cap_policy",
    "cap_standings",
    "card",
    "choices_of_funding",
    "closed_periods",
    "differences",
    "drawn",
    "draws_waiting",
    "due_next",
    "due_today",
    "enrolment_of_visit",
    "fidelity",
    "findings",
    "funding_of",
    "handovers",
    "instrument",
    "instruments",
    "items",
    "judged",
    "known_protocols",
    "latest_enrolment",
    "latest_version",
    "may_enrol_in",
    "next_day",
    "next_period",
    "offered_protocol",
    "offered_protocols",
    "open_draw",
    "open_draws",
    "open_enrolment",
    "overview",
    "pin_of",
    "preview",
    "proof",
    "protocol_of",
    "redemption_terms",
    "site_protocol",
    "site_protocols",
    "sources",
    "standing_overrides",
    "statement",
    "tax_lines",
    "tax_thresholds",
    "totals",
    "trial_balance",
    "visit",
    "visit_of_specimen",
    "visit_slip",
    "visits",
    "waits_for_laboratory",
]
