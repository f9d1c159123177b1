"""Protocols of a site's own, for tests."""

from __future__ import annotations

from dataclasses import replace

from clinic.data.work import Work
from clinic.rewards import services
from clinic.rewards.facts import HIGGINS, Protocol, Target

OURS = replace(HIGGINS, name="our_vouchers", title="Our vouchers", scheduled_visits=24)
OPIOIDS = replace(OURS, name="our_opioids", title="Opioid-free", target=Target.OPIOID_NEGATIVE)


def a_draft(work: Work, protocol: Protocol = OURS, *, based_on: int = 0) -> int:
    return services.draft_protocol(
        work, protocol=protocol, why="for our patients", based_on=based_on
    )


def an_active_protocol(work: Work, protocol: Protocol = OURS, *, based_on: int = 0) -> int:
    version = a_draft(work, protocol, based_on=based_on)
    services.activate_protocol(work, name=protocol.name, version=version, reason="agreed")
    return version


FORM = {
    "name": "our_vouchers",
    "based_on": "0",
    "title": "Our vouchers",
    "target": "stimulant_negative",
    "kind": "escalating",
    "scheduled_visits": "24",
    "yearly_cap": "",
    "negatives_per_step": "1",
    "recovers_on_negative": "6",
    "positive_resets": "y",
    "missed_resets": "y",
    "second_slip": "keeps_highest",
    "first": "2.50",
    "step": "1.25",
    "bonus": "10.00",
    "bonus_every": "3",
    "final_visits": "",
    "first_draws": "1",
    "draw_cap": "8",
    "bonus_draws": "0",
    "puts_back": "y",
    "good_job_count": "250",
    "good_job_value": "0.00",
    "small_count": "209",
    "small_value": "1.00",
    "large_count": "40",
    "large_value": "20.00",
    "jumbo_count": "1",
    "jumbo_value": "100.00",
    "met_percent": "50",
    "why": "agreed by the team",
    "idempotency_key": "one-form",
}
