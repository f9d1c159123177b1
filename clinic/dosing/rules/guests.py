"""May a patient be a guest: reason, consent, days, a confirmed last dose, nothing dosed twice."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from clinic.core.decision import Decision, Reason
from clinic.dosing.facts import RATIONALE_LENGTH_MIN, OrderInForce
from clinic.dosing.facts.guests import GuestDirection, GuestPolicy, GuestProposal

ONE_PROGRAM_SOURCE = "42 CFR 8.12(g)(2)"
CONSENT_SOURCE = "42 CFR 2.31"
PACKET_SOURCE = "site policy: what a guest packet holds"

_POLICY = GuestPolicy()


@dataclass(frozen=True, slots=True)
class GuestFacts:
    """What bears on a stay. ``covered`` are days dosed here or with a bottle at home."""

    today: date
    order: OrderInForce | None
    covered: Collection[date] = frozenset()
    may_extend: bool = False
    policy: GuestPolicy = _POLICY


def may_be_guest(proposal: GuestProposal, *, facts: GuestFacts) -> Decision:
    """May these days be dosed at the other program?

    Source: 42 CFR 8.12(g)(2): reason and justification; 42 CFR 2.31: consent.
    """
    return Decision.of([*_said(proposal), *_days(proposal, facts), *_dose(proposal, facts)])


def _said(proposal: GuestProposal) -> Iterator[Reason]:
    if len(proposal.justification.strip()) < RATIONALE_LENGTH_MIN:
        yield Reason(
            "justification", "Write why the home program cannot be reached.", ONE_PROGRAM_SOURCE
        )
    if proposal.consent_on is None:
        yield Reason("consent", "The patient signs that both programs may speak.", CONSENT_SOURCE)
    if not proposal.other.name.strip() or not proposal.other.telephone.strip():
        yield Reason("program", "Name the other program and its telephone.", PACKET_SOURCE)


def _days(proposal: GuestProposal, facts: GuestFacts) -> Iterator[Reason]:
    length = (proposal.ends_on - proposal.starts_on).days
    policy = facts.policy
    most = policy.extended_days_max if facts.may_extend else policy.days_max
    if length < 1:
        yield Reason("days", "The last day comes before the first.", PACKET_SOURCE)
    if proposal.starts_on < facts.today:
        yield Reason("days", "A stay begins today or later.", PACKET_SOURCE)
    if length > most:
        whose = "" if facts.may_extend else f", to {policy.extended_days_max} by the prescriber"
        yield Reason("too_long", f"At most {most} days{whose}.", policy.source)
    if proposal.consent_on is not None and proposal.consent_on > facts.today:
        yield Reason("consent", "The consent is dated in the future.", CONSENT_SOURCE)
    if proposal.direction is GuestDirection.OUT:
        both = [day for day in facts.covered if proposal.starts_on <= day < proposal.ends_on]
        if both:
            said = ", ".join(f"{day:%d %b}" for day in sorted(both))
            yield Reason("already_covered", f"Covered here already: {said}.", ONE_PROGRAM_SOURCE)


def _dose(proposal: GuestProposal, facts: GuestFacts) -> Iterator[Reason]:
    if proposal.direction is GuestDirection.OUT:
        if facts.order is None:
            yield Reason("no_order", "No order covers the first day of the stay.", PACKET_SOURCE)
        return
    if proposal.dose_mg is None or proposal.dose_mg <= 0:
        yield Reason("dose", "Write the dose the home program gives.", PACKET_SOURCE)
    if proposal.last_dose is None or not proposal.verified_with.strip():
        yield Reason(
            "last_dose",
            "Confirm the last dose with the home program by telephone: how much, when, with whom.",
            PACKET_SOURCE,
        )
    elif proposal.last_dose.given_on > facts.today:
        yield Reason("last_dose", "The last dose is dated in the future.", PACKET_SOURCE)
