"""Control charts: which ups and downs are more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from statistics import fmean

from clinic.census.facts.measures import ControlPoint, Tally

SIGMAS = 3
XMR_FACTOR = 2.66
"""Three over d2 of two (1.128). Source: Wheeler, Understanding Variation, 1993."""
P_CHART_SOURCE = (
    "Shewhart 1931: limits are the mean share of all weeks, plus and minus 3 standard errors"
    " of a share of that week's number"
)
XMR_SOURCE = (
    "Wheeler 1993: limits are the mean, plus and minus 2.66 times the mean difference between"
    " one week and the next"
)


def p_chart(weeks: Sequence[Tally]) -> tuple[ControlPoint, ...]:
    """The share of each week between the limits of its own size; a week of none is left out.

    Units: percent.
    Source: Shewhart 1931.
    """
    counted = [week for week in weeks if week.of]
    if not counted:
        return ()
    centre = sum(week.count for week in counted) / sum(week.of for week in counted)
    points = []
    for week in counted:
        reach = SIGMAS * sqrt(centre * (1 - centre) / week.of)
        points.append(
            ControlPoint(
                f"{week.first:%d %b}",
                _percent(week.count / week.of),
                _percent(centre),
                _percent(max(0, centre - reach)),
                _percent(min(1, centre + reach)),
            )
        )
    return tuple(points)


def xmr_chart(weeks: Sequence[Tally]) -> tuple[ControlPoint, ...]:
    """The count of each week between limits made from how much neighbouring weeks differ.

    Shape: empty for fewer than two weeks; no count is below zero, and so is no limit.
    Source: Wheeler 1993.
    """
    if len(weeks) < 2:  # noqa: PLR2004 - a difference takes two
        return ()
    counts = [week.count for week in weeks]
    centre = fmean(counts)
    reach = XMR_FACTOR * fmean(abs(after - before) for before, after in pairwise(counts))
    return tuple(
        ControlPoint(
            f"{week.first:%d %b}",
            float(week.count),
            round(centre, 1),
            round(max(0, centre - reach), 1),
            round(centre + reach, 1),
        )
        for week in weeks
    )


def _percent(share: float) -> float:
    return round(share * 100, 1)
