"""Counting what happened against what should have: delays, draws, and one person beside others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from math import sqrt

from clinic.rewards.facts import (
    DelayBin,
    Delays,
    DrawCheck,
    FidelityTerms,
    Interval,
    PrizeBowl,
    PrizeSlip,
    SlipCount,
)

BIN_MINUTES = (0, 2, 5, 10, 20, 60, 24 * 60)
EXPECTED_MIN = 5
"""Slips expected at least in each cell of the comparison.

Source: Cochran 1954, the usual rule for the chi-square test.
"""
Z_99 = 2.5758
"""Bounds that hold in 99 of 100 cases: of ten people one is flagged by chance in ten looks."""
_TENTH = Decimal("0.1")


def delays(minutes: Sequence[int], *, terms: FidelityTerms) -> Delays:
    """How long rewards took: counted in bins, with median and ninetieth percentile.

    Shape: a delay below zero counts as none; percentiles are the nearest rank.
    """
    ordered = sorted(max(0, one) for one in minutes)
    bounds = [*pairwise(BIN_MINUTES), (BIN_MINUTES[-1], None)]
    return Delays(
        bins=tuple(
            DelayBin(low, high, sum(low <= one and (high is None or one < high) for one in ordered))
            for low, high in bounds
        ),
        rewards=len(ordered),
        in_time=sum(one <= terms.reward_minutes_max for one in ordered),
        median_minutes=_nearest_rank(ordered, 50),
        ninetieth_minutes=_nearest_rank(ordered, 90),
        terms=terms,
    )


def draw_check(bowl: PrizeBowl, *, drawn: Mapping[PrizeSlip, int]) -> DrawCheck:
    """The slips drawn beside those the bowl promises, with the chi-square test of the two.

    Rare kinds are counted together until each cell expects enough; with fewer than two such cells
    there is no test.
    Source: Pearson's chi-square test; Cochran 1954 for the smallest cell.
    """
    draws = sum(drawn.values())
    counts = [
        (kind.slip, drawn.get(kind.slip, 0), draws * kind.count / bowl.size) for kind in bowl.slips
    ]
    cells = _pooled([(observed, expected) for _, observed, expected in counts])
    freedom = len(cells) - 1
    statistic = tail = None
    if freedom >= 1 and all(expected >= EXPECTED_MIN for _, expected in cells):
        strays = sum((observed - expected) ** 2 / expected for observed, expected in cells)
        statistic = Decimal(strays).quantize(Decimal("0.01"))
        chance = chi_square_tail(strays, degrees_of_freedom=freedom)
        tail = Decimal(chance).quantize(Decimal("0.0001"))
    return DrawCheck(
        bowl=bowl.name,
        slips=tuple(
            SlipCount(slip.label, observed, Decimal(expected).quantize(_TENTH))
            for slip, observed, expected in counts
        ),
        chi_square=statistic,
        degrees_of_freedom=max(0, freedom),
        p_value=tail,
    )


def chi_square_tail(statistic: float, *, degrees_of_freedom: int) -> float:
    """The chance that chance alone gives at least this chi-square."""
    from scipy.special import chdtrc  # noqa: PLC0415

    return float(chdtrc(degrees_of_freedom, statistic))


def interval(hits: int, *, of: int, z: float = Z_99) -> Interval | None:
    """A share with the bounds between which it may truly lie; None of nothing.

    Source: Wilson 1927, the score interval: it stays within 0 and 100 and holds for small counts.
    """
    if not of:
        return None
    share = hits / of
    spread = 1 + z * z / of
    middle = (share + z * z / (2 * of)) / spread
    reach = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / spread
    return Interval(
        _percent(share), _percent(max(0, middle - reach)), _percent(min(1, middle + reach))
    )


def flags(
    *, rate: Interval | None, tests: int, others_percent: Decimal | None, terms: FidelityTerms
) -> tuple[str, ...]:
    """What about one person's tests asks for a look: others' rate lies outside the bounds.

    Source: site policy; a difference may have good reasons, such as whose patients they are.
    """
    if rate is None or others_percent is None or tests < terms.visits_min:
        return ()
    if others_percent < rate.low:
        return (f"More negatives than the others' {others_percent} % explains.",)
    if others_percent > rate.high:
        return (f"Fewer negatives than the others' {others_percent} % explains.",)
    return ()


def _pooled(counts: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Cells in order of what they expect, the rarest counted together until each expects enough."""
    cells: list[tuple[int, float]] = []
    for observed, expected in sorted(counts, key=lambda count: count[1]):
        if cells and cells[-1][1] < EXPECTED_MIN:
            cells[-1] = (cells[-1][0] + observed, cells[-1][1] + expected)
        else:
            cells.append((observed, expected))
    return cells


def _nearest_rank(ordered: Sequence[int], percent: int) -> int | None:
    if not ordered:
        return None
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def _percent(share: float) -> Decimal:
    return Decimal(share * 100).quantize(_TENTH)
