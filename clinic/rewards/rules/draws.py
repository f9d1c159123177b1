"""What slips drawn from a prize bowl are worth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from clinic.core.money import dollars
from clinic.core.rates import rounded
from clinic.rewards.facts import VA_BOWL, PrizeBowl, PrizeSlip


def prize_draw_value_cents(slips: Iterable[PrizeSlip], *, bowl: PrizeBowl = VA_BOWL) -> int:
    """The money the drawn slips stand for, together.

    Source: the bowl's.
    """
    worth = {kind.slip: kind.value_cents for kind in bowl.slips}
    return sum(worth[slip] for slip in slips)


def draw_sentence(slips: Sequence[PrizeSlip], *, bowl: PrizeBowl = VA_BOWL) -> str:
    """What was drawn, the best first, and what it is worth.

    Source: the bowl's.
    """
    best_first = sorted(bowl.slips, key=lambda kind: -kind.value_cents)
    counts = [(slips.count(kind.slip), kind.slip.label) for kind in best_first]
    drawn = ", ".join(f"{count} {label}" for count, label in counts if count)
    return f"Drew {drawn}: {dollars(prize_draw_value_cents(slips, bowl=bowl))}."


def expected_value_cents(draws: int, *, bowl: PrizeBowl = VA_BOWL) -> int:
    """What so many draws bring on average, rounded once at the end.

    Source: the bowl's; 500 slips of the VA bowl hold $1,109, so a draw brings 221.8 cents.
    """
    all_slips = sum(kind.count for kind in bowl.slips)
    all_cents = sum(kind.count * kind.value_cents for kind in bowl.slips)
    return int(rounded(Fraction(draws * all_cents, all_slips), places=0))
