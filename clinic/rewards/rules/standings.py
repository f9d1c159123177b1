"""Where a patient stands on a protocol, and how one visit moves them. No words, only numbers."""

from __future__ import annotations

from typing import NamedTuple

from clinic.rewards.facts import (
    EscalatingProtocol,
    PrizeProtocol,
    Protocol,
    SecondSlip,
    SlipTerms,
    VisitOutcome,
)


class Standing(NamedTuple):
    """Negatives in a row, the step last paid, and the step to regain."""

    in_a_row: int = 0
    step: int = 0
    saved_step: int = 0


class Moved(NamedTuple):
    """What a visit made of a standing, and what it earned. ``amount_cents`` is without bonus."""

    standing: Standing
    amount_cents: int = 0
    bonus_cents: int = 0
    draws: int = 0
    is_regained: bool = False
    resets: bool = False


START = Standing()


def moved(
    protocol: Protocol, *, standing: Standing, visit_number: int, outcome: VisitOutcome
) -> Moved:
    """The standing after a visit, and what the visit earned without bonus draws.

    Source: the protocol's.
    """
    if isinstance(protocol, EscalatingProtocol) and visit_number > protocol.escalating_visits:
        if outcome is not VisitOutcome.NEGATIVE:
            return Moved(standing)
        flat_cents = protocol.final_visits_cents[visit_number - protocol.escalating_visits - 1]
        return Moved(standing, amount_cents=flat_cents)
    if outcome is VisitOutcome.NEGATIVE:
        return _climbed(protocol, standing)
    if not resets(protocol.slips, outcome):
        return Moved(standing)
    return Moved(_slipped(standing, protocol.slips), resets=True)


def resets(terms: SlipTerms, outcome: VisitOutcome) -> bool:
    """Whether a visit that earned nothing also sets the level back."""
    if outcome is VisitOutcome.POSITIVE:
        return terms.positive_resets
    if outcome is VisitOutcome.MISSED:
        return terms.missed_resets
    return outcome is VisitOutcome.EXCUSED and terms.excused_resets


def step_cents(protocol: EscalatingProtocol, *, step: int) -> int:
    """What a step of the climb pays, without bonus."""
    return protocol.first_cents + protocol.step_cents * ((step - 1) // protocol.negatives_per_step)


def step_draws(protocol: PrizeProtocol, *, step: int) -> int:
    """How often a step of the climb lets a patient draw, without bonus."""
    climbed = protocol.first_draws + (step - 1) // protocol.negatives_per_step
    return min(climbed, protocol.draw_cap)


def with_same_future(protocol: Protocol, *, standing: Standing) -> Standing:
    """One standing for all that the rest of the protocol cannot tell apart.

    Past the visit of recovery only the place in the round of bonuses still matters.
    """
    settled = protocol.recovers_on_negative
    if standing.saved_step and (not settled or standing.in_a_row >= settled):
        standing = standing._replace(saved_step=0)
    if standing.saved_step or standing.in_a_row <= settled:
        return standing
    rounds = (isinstance(protocol, EscalatingProtocol) and protocol.bonus_every) or 1
    return standing._replace(in_a_row=settled + (standing.in_a_row - settled) % rounds)


def _climbed(protocol: Protocol, standing: Standing) -> Moved:
    in_a_row = standing.in_a_row + 1
    step = standing.step + 1
    saved_step = standing.saved_step
    is_regained = False
    if in_a_row == protocol.recovers_on_negative:
        is_regained = saved_step > step
        step = max(step, saved_step)
        saved_step = 0
    after = Standing(in_a_row=in_a_row, step=step, saved_step=saved_step)
    if isinstance(protocol, PrizeProtocol):
        return Moved(after, draws=step_draws(protocol, step=step), is_regained=is_regained)
    earns_bonus = protocol.bonus_every > 0 and in_a_row % protocol.bonus_every == 0
    return Moved(
        after,
        amount_cents=step_cents(protocol, step=step),
        bonus_cents=protocol.bonus_cents if earns_bonus else 0,
        is_regained=is_regained,
    )


def _slipped(standing: Standing, terms: SlipTerms) -> Standing:
    if terms.second_slip is SecondSlip.KEEPS_LATEST:
        return Standing(saved_step=standing.step)
    return Standing(saved_step=max(standing.saved_step, standing.step))
