"""What each visit of a protocol earns, by the visits before it, and the sentence that says why."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from clinic.core.errors import Refused
from clinic.core.money import dollars
from clinic.rewards.facts import Award, PrizeProtocol, Protocol, VisitOutcome
from clinic.rewards.rules.standings import (
    START,
    Moved,
    Standing,
    moved,
    resets,
    step_cents,
    step_draws,
)


def awards_for(
    protocol: Protocol,
    *,
    outcomes: Sequence[VisitOutcome],
    bonus_visits: Collection[int] = (),
) -> tuple[Award, ...]:
    """What every visit so far earned.

    Shape: ``outcomes`` holds one per scheduled visit, oldest first; so does the answer.
    ``bonus_visits`` are the numbers of those whose test earned the protocol's bonus draws.
    Raises: Refused when there are more outcomes than scheduled visits.
    Source: the protocol's.
    """
    if len(outcomes) > protocol.scheduled_visits:
        raise Refused(f"{protocol.title} has {protocol.scheduled_visits} visits, not more.")
    standing = START
    awards: list[Award] = []
    for visit_number, outcome in enumerate(outcomes, start=1):
        move = moved(protocol, standing=standing, visit_number=visit_number, outcome=outcome)
        standing = move.standing
        awards.append(
            _award(
                protocol,
                move,
                visit_number=visit_number,
                outcome=outcome,
                bonus_draws=_bonus_draws(protocol, outcome) if visit_number in bonus_visits else 0,
            )
        )
    return tuple(awards)


def award_for(
    protocol: Protocol, *, outcomes: Sequence[VisitOutcome], earns_bonus_draws: bool = False
) -> Award:
    """What the last visit earned, by all the visits up to it.

    Shape: ``outcomes`` is oldest first and not empty. ``earns_bonus_draws``: the last test was
    negative for what the protocol's bonus asks too.
    Raises: Refused when there is no visit, or more than the protocol schedules.
    Source: the protocol's.
    """
    if not outcomes:
        raise Refused("There is no visit to reward yet.")
    bonus_visits = (len(outcomes),) if earns_bonus_draws else ()
    return awards_for(protocol, outcomes=outcomes, bonus_visits=bonus_visits)[-1]


def next_if_negative(protocol: Protocol, *, outcomes: Sequence[VisitOutcome]) -> Award | None:
    """What the next visit earns if it is negative; None after the last scheduled visit.

    Bonus draws are not promised: they hang on more than the target.
    Raises: Refused when there are more outcomes than scheduled visits.
    Source: the protocol's.
    """
    if len(outcomes) == protocol.scheduled_visits:
        return None
    return award_for(protocol, outcomes=[*outcomes, VisitOutcome.NEGATIVE])


def _bonus_draws(protocol: Protocol, outcome: VisitOutcome) -> int:
    if outcome is VisitOutcome.NEGATIVE and isinstance(protocol, PrizeProtocol):
        return protocol.bonus_draws
    return 0


def _award(
    protocol: Protocol, move: Moved, *, visit_number: int, outcome: VisitOutcome, bonus_draws: int
) -> Award:
    if outcome is not VisitOutcome.NEGATIVE:
        sentence = _nothing_sentence(protocol, move, visit_number=visit_number, outcome=outcome)
    elif visit_number > protocol.escalating_visits:
        met = protocol.target.met_word.capitalize()
        sentence = f"{met} at visit {visit_number}: {dollars(move.amount_cents)}."
    else:
        sentence = _climb_sentence(protocol, move, bonus_draws=bonus_draws)
    return Award(
        visit_number=visit_number,
        outcome=outcome,
        amount_cents=move.amount_cents,
        bonus_cents=move.bonus_cents,
        draws=move.draws + bonus_draws,
        sentence=sentence,
    )


def _climb_sentence(protocol: Protocol, move: Moved, *, bonus_draws: int) -> str:
    in_a_row = f"{_ordinal(move.standing.in_a_row)} {protocol.target.met_word} in a row"
    if isinstance(protocol, PrizeProtocol):
        sentence = f"{in_a_row}: {_draws(move.draws)}"
    else:
        sentence = f"{in_a_row}: {dollars(move.amount_cents)}"
    if move.is_regained:
        sentence += ", the level before the slip"
    if move.bonus_cents and not isinstance(protocol, PrizeProtocol):
        sentence += f", and {dollars(move.bonus_cents)} bonus for {protocol.bonus_every} in a row"
    if bonus_draws:
        sentence += f", and {_draws(bonus_draws)} more: negative for opioids and cannabis too"
    return sentence + "."


def _nothing_sentence(
    protocol: Protocol, move: Moved, *, visit_number: int, outcome: VisitOutcome
) -> str:
    if outcome is VisitOutcome.EXCUSED and not move.resets:
        return "Excused: nothing earned today, and nothing lost."
    word = {VisitOutcome.MISSED: "Missed", VisitOutcome.EXCUSED: "Excused"}.get(
        outcome, protocol.target.slip_word
    )
    if visit_number > protocol.escalating_visits:
        return f"{word}: nothing earned today; each visit counts by itself."
    if not resets(protocol.slips, outcome):
        return f"{word}: nothing earned today, and nothing lost."
    return f"{word}: nothing earned today; {_way_back(protocol, move.standing)}"


def _way_back(protocol: Protocol, standing: Standing) -> str:
    met = protocol.target.met_word
    if isinstance(protocol, PrizeProtocol):
        text = f"the next {met} earns {_draws(step_draws(protocol, step=1))}"
        regained = _draws(step_draws(protocol, step=standing.saved_step or 1))
    else:
        text = f"the next {met} pays {dollars(protocol.first_cents)}"
        regained = dollars(step_cents(protocol, step=standing.saved_step or 1))
    if 0 < protocol.recovers_on_negative < standing.saved_step:
        text += f", and the {_ordinal(protocol.recovers_on_negative)} in a row {regained} again"
    return text + "."


def _draws(count: int) -> str:
    return "1 draw" if count == 1 else f"{count} draws"


def _ordinal(number: int) -> str:
    last_two = number % 100
    teens = range(11, 14)
    ending = "th" if last_two in teens else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
