"""What a protocol costs before anybody starts on it: visit by visit, at most, on average."""

from __future__ import annotations

import math
from collections import defaultdict
from fractions import Fraction
from functools import lru_cache

from clinic.core.rates import rounded
from clinic.rewards.facts import (
    Award,
    Cost,
    EscalatingProtocol,
    PrizeBowl,
    PrizeProtocol,
    Protocol,
    Schedule,
    ScheduleRow,
    VisitOutcome,
)
from clinic.rewards.rules.schedules import awards_for
from clinic.rewards.rules.standings import START, Moved, Standing, moved, with_same_future

_HUNDRED_PERCENT = 100
_Moments = tuple[float, float, float]
"""Of everybody at one standing: their share, and the first two moments of what they earned."""


@lru_cache(maxsize=64)
def bowl_mean_cents(bowl: PrizeBowl) -> Fraction:
    """What one draw brings on average, exactly.

    Source: the bowl's; 500 slips of Petry's hold $1,109, so a draw brings 221.8 cents.
    """
    return Fraction(sum(kind.count * kind.value_cents for kind in bowl.slips), bowl.size)


@lru_cache(maxsize=64)
def bowl_variance(bowl: PrizeBowl) -> Fraction:
    """How far single draws scatter around the mean, exactly.

    Units: square cents.
    Source: the bowl's.
    """
    squares = sum(kind.count * kind.value_cents**2 for kind in bowl.slips)
    return Fraction(squares, bowl.size) - bowl_mean_cents(bowl) ** 2


def maximum_cents(protocol: EscalatingProtocol) -> int:
    """What a patient earns who meets the target at every visit."""
    return sum(award.total_cents for award in awards_if_all_met(protocol))


def awards_if_all_met(protocol: Protocol) -> tuple[Award, ...]:
    """Every visit of a protocol met, bonus draws included."""
    visits = range(1, protocol.scheduled_visits + 1)
    return awards_for(
        protocol, outcomes=[VisitOutcome.NEGATIVE] * len(visits), bonus_visits=frozenset(visits)
    )


def schedule_of(protocol: Protocol, *, met_percent: int = 50) -> Schedule:
    """The whole protocol laid out, with what it costs.

    The expected cost follows every way the visits can come out, weighted by its chance; it is not
    a simulation. Bonus draws count as earned with each met visit.
    """
    awards = awards_if_all_met(protocol)
    draws = sum(_drawn(protocol, award.draws) for award in awards)
    fixed_cents = sum(award.total_cents for award in awards)
    return Schedule(
        rows=_rows(protocol, awards),
        draws=draws,
        if_all_met=_cost(
            float(fixed_cents + draws * _draw_mean(protocol)),
            float(sum(_draws_variance(protocol, award.draws) for award in awards)),
        ),
        expected=_expected(protocol, chance=met_percent / _HUNDRED_PERCENT),
        met_percent=met_percent,
        worst_cents=fixed_cents + sum(_best_cents(protocol, award.draws) for award in awards),
    )


def _rows(protocol: Protocol, awards: tuple[Award, ...]) -> tuple[ScheduleRow, ...]:
    rows = []
    total = Fraction(0)
    for award in awards:
        mean = award.total_cents + _drawn(protocol, award.draws) * _draw_mean(protocol)
        total += mean
        rows.append(
            ScheduleRow(
                visit_number=award.visit_number,
                amount_cents=award.amount_cents,
                bonus_cents=award.bonus_cents,
                draws=award.draws,
                mean_cents=int(rounded(mean, places=0)),
                total_cents=int(rounded(total, places=0)),
            )
        )
    return tuple(rows)


def _expected(protocol: Protocol, *, chance: float) -> Cost:
    """Mean and variance over every way the visits can come out."""
    everybody: dict[Standing, _Moments] = {START: (1.0, 0.0, 0.0)}
    for visit_number in range(1, protocol.scheduled_visits + 1):
        after: defaultdict[Standing, _Moments] = defaultdict(lambda: (0.0, 0.0, 0.0))
        for standing, moments in everybody.items():
            for outcome, share in (
                (VisitOutcome.NEGATIVE, chance),
                (VisitOutcome.POSITIVE, 1 - chance),
            ):
                move = moved(
                    protocol, standing=standing, visit_number=visit_number, outcome=outcome
                )
                place = with_same_future(protocol, standing=move.standing)
                mean, variance = _earned(protocol, move, outcome=outcome)
                after[place] = _sum(after[place], _paid(moments, share, mean, variance))
        everybody = after
    mean = sum(first for _, first, _ in everybody.values())
    square = sum(second for _, _, second in everybody.values())
    return _cost(mean, max(0.0, square - mean * mean))


def _earned(protocol: Protocol, move: Moved, *, outcome: VisitOutcome) -> tuple[float, float]:
    """Mean and variance of what one visit earned: money is certain, draws are not."""
    if not isinstance(protocol, PrizeProtocol):
        return float(move.amount_cents + move.bonus_cents), 0.0
    bonus_draws = protocol.bonus_draws if outcome is VisitOutcome.NEGATIVE else 0
    draws = move.draws + bonus_draws
    mean = _drawn(protocol, draws) * _draw_mean(protocol)
    return float(mean), float(_draws_variance(protocol, draws))


def _paid(moments: _Moments, share: float, mean: float, variance: float) -> _Moments:
    people, first, second = moments
    return (
        share * people,
        share * (first + mean * people),
        share * (second + 2 * mean * first + (variance + mean * mean) * people),
    )


def _sum(one: _Moments, other: _Moments) -> _Moments:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _cost(mean: float, variance: float) -> Cost:
    return Cost(
        mean_cents=_whole(mean),
        deviation_cents=_whole(math.sqrt(variance)),
        variance_square_cents=_whole(variance),
    )


def _whole(number: float) -> int:
    return int(rounded(Fraction(number), places=0))


def _draw_mean(protocol: Protocol) -> Fraction:
    return bowl_mean_cents(protocol.bowl) if isinstance(protocol, PrizeProtocol) else Fraction(0)


def _drawn(protocol: Protocol, draws: int) -> int:
    """How many slips a visit's draws bring: no more than the bowl has where none goes back."""
    if isinstance(protocol, PrizeProtocol) and not protocol.bowl.puts_back:
        return min(draws, protocol.bowl.size)
    return draws


def _draws_variance(protocol: Protocol, draws: int) -> Fraction:
    """The scatter of what a visit's draws bring together.

    Without putting back each slip out of the bowl makes the rest less of a surprise, down to none
    for a bowl drawn to its bottom: the finite population correction (N - n) / (N - 1).
    """
    if not isinstance(protocol, PrizeProtocol):
        return Fraction(0)
    bowl, drawn = protocol.bowl, _drawn(protocol, draws)
    variance = drawn * bowl_variance(bowl)
    if bowl.puts_back or bowl.size == 1:
        return variance
    return variance * Fraction(bowl.size - drawn, bowl.size - 1)


def _best_cents(protocol: Protocol, draws: int) -> int:
    """The most a visit's draws can bring."""
    if not isinstance(protocol, PrizeProtocol):
        return 0
    bowl, left = protocol.bowl, _drawn(protocol, draws)
    kinds = sorted(bowl.slips, key=lambda kind: -kind.value_cents)
    if bowl.puts_back:
        return left * next(kind.value_cents for kind in kinds if kind.count)
    best_cents = 0
    for kind in kinds:
        taken = min(left, kind.count)
        best_cents += taken * kind.value_cents
        left -= taken
    return best_cents
