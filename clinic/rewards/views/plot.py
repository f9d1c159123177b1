"""The path of a reward: what visits earned and what the next ones would."""

from __future__ import annotations

from typing import Any

from clinic.core.money import dollars
from clinic.rewards.facts import (
    PathPoint,
    PrizeProtocol,
    RewardCard,
    VisitOutcome,
)


def plot(card: RewardCard) -> dict[str, Any]:
    """Each visit's level as steps, slips marked, excused visits left out, the rest dotted."""
    judged = [point for point in card.path if point.outcome is not None]
    ahead = card.path[len(judged) :]
    slips = {VisitOutcome.POSITIVE, VisitOutcome.MISSED}
    counts_draws = card.enrolment is not None and isinstance(card.enrolment.protocol, PrizeProtocol)

    def level(point: PathPoint) -> float:
        return point.draws if counts_draws else point.level_cents / 100

    last = [level(judged[-1])] if judged and ahead else []
    return {
        "xAxis": {"type": "category", "name": "Visit", "data": [p.number for p in card.path]},
        "yAxis": {"type": "value", "name": "Draws" if counts_draws else "Dollars"},
        "series": [
            {
                "type": "line",
                "step": "middle",
                "name": "Earned",
                "color": "brand",
                "connectNulls": True,
                "data": [
                    None if point.outcome is VisitOutcome.EXCUSED else level(point)
                    for point in judged
                ],
            },
            {
                "type": "line",
                "step": "middle",
                "name": "Ahead, if negative",
                "color": "neutral",
                "showSymbol": False,
                "lineStyle": {"type": "dotted"},
                "data": [None] * (len(judged) - len(last))
                + last
                + [level(point) for point in ahead],
            },
            {
                "type": "scatter",
                "name": "Positive or missed",
                "symbol": "triangle",
                "color": "attention",
                "data": [0 if point.outcome in slips else None for point in judged],
            },
        ],
    }


def plot_rows(card: RewardCard) -> list[tuple[int, str, str, str]]:
    """The numbers behind the plot: visit, outcome, paid, sentence."""
    return [
        (visit.number, visit.outcome.label, dollars(visit.amount_cents), visit.sentence)
        for visit in card.visits
    ]
