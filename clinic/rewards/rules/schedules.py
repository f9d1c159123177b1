"""What each visit of a protocol earns, by the visits before it, and the sentence that says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clinic.core.errors import Refused
from clinic.core.money import dollars
from clinic.rewards.facts import (
    Award,
    EscalatingProtocol,
    PrizeProtocol,
    Protocol,
    VisitOutcome,
)


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where a patient stands: negatives in a row, the step last paid, and the step to regain."""

    in_a_row: int = 0
    step: int = 0
    saved_step: int = 0

    def slipped(self) -> _Standing:
        return _Standing(saved_step=max(self.saved_step, self.step))


def awards_for(protocol: Protocol, *, outcomes: Sequence[VisitOutcome]) -> tuple[Award, ...]:
    """What every visit so far earned.

    Shape: ``outcomes`` holds one per scheduled visit, oldest first; so does the answer.
    Raises: Refused when there are more outcomes than scheduled visits.
    Source: the protocol's.
    """
    if len(outcomes) > protocol.scheduled_visits:
        raise Refused(f"{protocol.title} has {protocol.scheduled_visits} visits, not more.")
    standing = _Standing()
    awards: list[Award] = []
    for visit_number, outcome in enumerate(outcomes, start=1):
        standing, award = _judge(
            protocol, standing=standing, visit_number=visit_number, outcome=outcome
        )
        awards.append(award)
    return tuple(awards)


def award_for(protocol: Protocol, *, outcomes: Sequence[VisitOutcome]) -> Award:
    """What the last visit earned, by all the visits up to it.

    Shape: ``outcomes`` is oldest first and not empty.
    Raises: Refused when there is no visit, or more than the protocol schedules.
    Source: the protocol's.
    """
    if not outcomes:
        raise Refused("There is no visit to reward yet.")
    return awards_for(protocol, outcomes=outcomes)[-1]


def next_if_negative(protocol: Protocol, *, outcomes: Sequence[VisitOutcome]) -> Award | None:
    """What the next visit earns if it is negative; None after the last scheduled visit.

    Raises: Refused when there are more outcomes than scheduled visits.
    Source: the protocol's.
    """
    if len(outcomes) == protocol.scheduled_visits:
        return None
    return award_for(protocol, outcomes=[*outcomes, VisitOutcome.NEGATIVE])


def _judge(
    protocol: Protocol, *, standing: _Standing, visit_number: int, outcome: VisitOutcome
) -> tuple[_Standing, Award]:
    if outcome is VisitOutcome.EXCUSED:
        sentence = "Excused: nothing earned today, and nothing lost."
        return standing, _nothing(visit_number, outcome=outcome, sentence=sentence)
    is_negative = outcome is VisitOutcome.NEGATIVE
    if isinstance(protocol, PrizeProtocol):
        if is_negative:
            return _draws(protocol, standing=standing, visit_number=visit_number)
    elif visit_number > protocol.escalating_visits:
        if is_negative:
            return standing, _flat_award(protocol, visit_number=visit_number)
        sentence = f"{_slip_word(outcome)}: nothing earned today; each visit counts by itself."
        return standing, _nothing(visit_number, outcome=outcome, sentence=sentence)
    elif is_negative:
        return _climb(protocol, standing=standing, visit_number=visit_number)
    after = standing.slipped()
    sentence = f"{_slip_word(outcome)}: nothing earned today; " + _way_back(protocol, after)
    return after, _nothing(visit_number, outcome=outcome, sentence=sentence)


def _climb(
    protocol: EscalatingProtocol, *, standing: _Standing, visit_number: int
) -> tuple[_Standing, Award]:
    in_a_row = standing.in_a_row + 1
    step = standing.step + 1
    saved_step = standing.saved_step
    regained = False
    if in_a_row == protocol.recovers_on_negative:
        regained = saved_step > step
        step = max(step, saved_step)
        saved_step = 0
    amount_cents = _step_cents(protocol, step=step)
    earns_bonus = protocol.bonus_every > 0 and in_a_row % protocol.bonus_every == 0
    bonus_cents = protocol.bonus_cents if earns_bonus else 0
    sentence = f"{_ordinal(in_a_row)} negative in a row: {dollars(amount_cents)}"
    if regained:
        sentence += ", the level before the slip"
    if bonus_cents:
        sentence += f", and {dollars(bonus_cents)} bonus for {protocol.bonus_every} in a row"
    return _Standing(in_a_row=in_a_row, step=step, saved_step=saved_step), Award(
        visit_number=visit_number,
        outcome=VisitOutcome.NEGATIVE,
        amount_cents=amount_cents,
        bonus_cents=bonus_cents,
        draws=0,
        sentence=sentence + ".",
    )


def _step_cents(protocol: EscalatingProtocol, *, step: int) -> int:
    raises = (step - 1) // protocol.negatives_per_step
    return protocol.first_cents + protocol.step_cents * raises


def _flat_award(protocol: EscalatingProtocol, *, visit_number: int) -> Award:
    amount_cents = protocol.final_visits_cents[visit_number - protocol.escalating_visits - 1]
    return Award(
        visit_number=visit_number,
        outcome=VisitOutcome.NEGATIVE,
        amount_cents=amount_cents,
        bonus_cents=0,
        draws=0,
        sentence=f"Negative at visit {visit_number}: {dollars(amount_cents)}.",
    )


def _draws(
    protocol: PrizeProtocol, *, standing: _Standing, visit_number: int
) -> tuple[_Standing, Award]:
    in_a_row = standing.in_a_row + 1
    draws = min(in_a_row, protocol.draw_cap)
    draw_word = "draw" if draws == 1 else "draws"
    return _Standing(in_a_row=in_a_row), Award(
        visit_number=visit_number,
        outcome=VisitOutcome.NEGATIVE,
        amount_cents=0,
        bonus_cents=0,
        draws=draws,
        sentence=f"{_ordinal(in_a_row)} negative in a row: {draws} {draw_word}.",
    )


def _nothing(visit_number: int, *, outcome: VisitOutcome, sentence: str) -> Award:
    return Award(
        visit_number=visit_number,
        outcome=outcome,
        amount_cents=0,
        bonus_cents=0,
        draws=0,
        sentence=sentence,
    )


def _way_back(protocol: Protocol, standing: _Standing) -> str:
    if isinstance(protocol, PrizeProtocol):
        return "the next negative earns 1 draw."
    text = f"the next negative pays {dollars(protocol.first_cents)}"
    if standing.saved_step > protocol.recovers_on_negative:
        regained = dollars(_step_cents(protocol, step=standing.saved_step))
        text += f", and the {_ordinal(protocol.recovers_on_negative)} in a row {regained} again"
    return text + "."


def _slip_word(outcome: VisitOutcome) -> str:
    return "Missed" if outcome is VisitOutcome.MISSED else "Positive"


def _ordinal(number: int) -> str:
    last_two = number % 100
    teens = range(11, 14)
    ending = "th" if last_two in teens else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
