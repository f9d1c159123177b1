"""Pictures of the census, as the options the page draws them from."""

from __future__ import annotations

from typing import Any

from clinic.census.facts import CensusSeries
from clinic.web.filters import day


def stacked(history: CensusSeries) -> dict[str, Any]:
    """The census over time, one band per level of care that had anybody."""
    return {
        "xAxis": {"type": "category", "data": [f"{one:%d %b}" for one in history.days]},
        "yAxis": {"type": "value", "minInterval": 1},
        "legend": {"type": "scroll"},
        "series": [
            {
                "type": "line",
                "step": "end",
                "stack": "census",
                "areaStyle": {},
                "showSymbol": False,
                "name": level.label,
                "data": list(history.counts[level]),
            }
            for level in history.busy_levels
        ],
    }


def in_words(history: CensusSeries) -> str:
    """What the picture shows, in one sentence."""
    totals = history.totals
    most = max(totals)
    fullest = history.days[totals.index(most)]
    return (
        f"From {totals[0]} to {totals[-1]} patients in {len(totals)} days,"
        f" at most {most} on {day(fullest)};"
        f" {sum(history.admitted)} admitted, {sum(history.discharged)} discharged."
    )
