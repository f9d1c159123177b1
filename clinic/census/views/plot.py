"""Pictures of the census, as the options the page draws them from.

``links`` beside the series are the addresses behind the places of a picture's axis, and ``href``
in a datum its own: the page follows them on a click. The table under each picture has them too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from clinic.census.facts import CensusSeries
from clinic.census.facts.measures import (
    ControlPoint,
    Flow,
    Hour,
    Quarter,
    SurvivalCurve,
    SurvivalPoint,
)
from clinic.web.filters import day

Option = dict[str, Any]
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
COLOURS = ("neutral", "info", "attention", "brand")
SURVIVAL_DAYS = tuple(range(0, 366, 5))
"""Every fifth day of a year: 30, 90, 180 and 365 are among them."""
HIDDEN = {"show": False}
PLAIN = {"enabled": True, "label": HIDDEN, "decal": HIDDEN}
"""Without patterns, where form and place already tell the series apart."""


def stacked(history: CensusSeries, *, links: Sequence[str] = ()) -> Option:
    """The census over time, one band per level of care that had anybody."""
    return {
        "links": list(links),
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


def waterfall(steps: Sequence[tuple[str, int, int]], *, links: Sequence[str]) -> Option:
    """The census before, what each stretch of days added and took, and the census after.

    Shape: ``steps`` are label, admitted, discharged; the first is the start with its census as
    admitted, the last the end.
    """
    base: list[int] = []
    came: list[int | None] = []
    left: list[int | None] = []
    labels: list[str] = []
    stands: list[int | None] = []
    running = steps[0][1]
    for label, admitted, discharged in steps[1:-1]:
        labels += [f"{label} in", f"{label} out"]
        base += [running, running + admitted - discharged]
        came += [admitted, None]
        left += [None, discharged]
        stands += [None, None]
        running += admitted - discharged
    least = min(base, default=running)
    return {
        "links": list(links),
        "aria": PLAIN,
        "legend": {"data": ["In care", "Admitted", "Discharged"]},
        "xAxis": {"type": "category", "data": [steps[0][0], *labels, steps[-1][0]]},
        "yAxis": {"type": "value", "min": least * 3 // 40 * 10, "minInterval": 1},
        "series": [
            _bar("Before", [0, *base, 0], "neutral", shown=False),
            _bar("In care", [steps[0][1], *stands, running], "neutral"),
            _bar("Admitted", [None, *came, None], "ok"),
            _bar("Discharged", [None, *left, None], "attention"),
        ],
    }


def _bar(name: str, values: Sequence[int | None], colour: str, *, shown: bool = True) -> Option:
    bar: Option = {
        "type": "bar",
        "name": name,
        "stack": "census",
        "data": list(values),
        "color": colour,
    }
    if not shown:
        bar |= {
            "itemStyle": {"color": "transparent"},
            "tooltip": HIDDEN,
            "silent": True,
        }
    return bar


def sankey(flows: Sequence[Flow], *, address: Callable[[Flow], str | None]) -> Option:
    """Moves from where on the left to where on the right; a place may stand on both sides."""
    # A name ending in a no-break space is the same place, on the right.
    left = {_origin(flow) for flow in flows}
    right = {f"{flow.to_state.label}\u00a0" for flow in flows}
    return {
        "series": [
            {
                "type": "sankey",
                "name": "Moves",
                "data": [
                    *({"name": name, "depth": 0} for name in sorted(left)),
                    *(
                        {"name": name, "depth": 1, "label": {"position": "left"}}
                        for name in sorted(right)
                    ),
                ],
                "links": [
                    {
                        "source": _origin(flow),
                        "target": f"{flow.to_state.label}\u00a0",
                        "value": flow.count,
                        "href": address(flow),
                    }
                    for flow in flows
                ],
            }
        ]
    }


def _origin(flow: Flow) -> str:
    return flow.from_state.label if flow.from_state else "First seen"


def survival(curves: Sequence[SurvivalCurve]) -> Option:
    """The share still enrolled by day of treatment, one line and one band per cohort."""
    series: list[Option] = []
    for curve, colour in zip(curves, COLOURS[-len(curves) :], strict=True):
        points = [curve.at(each) for each in SURVIVAL_DAYS]
        series += _band(curve.label, points, colour)
        series.append(
            {
                "type": "line",
                "name": curve.label,
                "step": "end",
                "showSymbol": False,
                "color": colour,
                "data": [point.percent if point else None for point in points],
            }
        )
    return {
        "aria": PLAIN,
        "legend": {"type": "scroll", "data": [curve.label for curve in curves]},
        "xAxis": {
            "type": "category",
            "name": "Day",
            "nameLocation": "end",
            "boundaryGap": False,
            "data": list(SURVIVAL_DAYS),
            "axisLabel": {"interval": 5},
        },
        "yAxis": {"type": "value", "min": 0, "max": 100, "axisLabel": {"formatter": "{value} %"}},
        "series": series,
    }


def _band(label: str, points: Sequence[SurvivalPoint | None], colour: str) -> list[Option]:
    lows = [point.low if point else None for point in points]
    widths = [
        round(point.high - point.low, 1)
        if point and point.low is not None and point.high is not None
        else None
        for point in points
    ]
    shape: Option = {
        "type": "line",
        "step": "end",
        "stack": label,
        "showSymbol": False,
        "silent": True,
        "tooltip": HIDDEN,
        "lineStyle": {"opacity": 0},
        "color": colour,
    }
    return [
        {**shape, "name": f"{label}, lower bound", "data": lows},
        {
            **shape,
            "name": f"{label}, interval",
            "data": widths,
            "areaStyle": {"opacity": 0.14},
        },
    ]


def heat_map(hours: Sequence[Hour], *, address: Callable[[Hour], str | None]) -> Option:
    """Visits kept by hour of the week: the darker, the more."""
    shown = sorted({one.hour for one in hours})
    weekdays = sorted({one.weekday for one in hours}, reverse=True)
    return {
        "xAxis": {"type": "category", "data": [f"{hour:02d}" for hour in shown]},
        "yAxis": {"type": "category", "data": [WEEKDAYS[weekday] for weekday in weekdays]},
        "grid": {"top": 8, "bottom": 52},
        "visualMap": {"min": 0, "max": max((one.kept for one in hours), default=1)},
        "series": [
            {
                "type": "heatmap",
                "name": "Visits kept",
                "data": [
                    {
                        "value": [
                            shown.index(one.hour),
                            weekdays.index(one.weekday),
                            one.kept,
                        ],
                        "href": address(one),
                    }
                    for one in hours
                ],
            }
        ],
    }


def dosing_day(quarters: Sequence[Quarter], *, days: int, links: Sequence[str]) -> Option:
    """Doses of a mean day by quarter of an hour."""
    return {
        "links": list(links),
        "xAxis": {"type": "category", "data": [quarter.label for quarter in quarters]},
        "yAxis": {"type": "value", "name": "Doses a day"},
        "series": [
            {
                "type": "bar",
                "name": "Doses a day",
                "color": "brand",
                "data": [round(quarter.doses / days, 1) for quarter in quarters],
            }
        ],
    }


def control_chart(
    points: Sequence[ControlPoint], *, name: str, unit: str = "", links: Sequence[str]
) -> Option:
    """The weeks between their limits; a week beyond them is marked."""
    return {
        "links": list(links),
        "legend": {"type": "scroll"},
        "xAxis": {"type": "category", "data": [point.label for point in points]},
        "yAxis": {"type": "value", "axisLabel": {"formatter": f"{{value}}{unit}"}},
        "series": [
            {
                "type": "line",
                "name": name,
                "color": "brand",
                "data": [
                    {
                        "value": point.value,
                        "symbol": "diamond",
                        "symbolSize": 14,
                        "itemStyle": {"color": "stop"},
                    }
                    if point.is_signal
                    else point.value
                    for point in points
                ],
            },
            _limit("Mean", [point.centre for point in points], "solid"),
            _limit("Upper limit", [point.high for point in points], "dashed"),
            _limit("Lower limit", [point.low for point in points], "dashed"),
        ],
    }


def _limit(name: str, values: Sequence[float], line: str) -> Option:
    return {
        "type": "line",
        "name": name,
        "step": "middle",
        "showSymbol": False,
        "color": "neutral",
        "lineStyle": {"type": line, "width": 1.5},
        "data": list(values),
    }


def calendar(
    days: Sequence[date],
    totals: Sequence[int],
    *,
    of: int,
    address: Callable[[date], str | None],
) -> Option:
    """Each day of the period as a square, the darker the fuller."""
    shares = [round(100 * total / of, 1) for total in totals]
    return {
        "calendar": {"range": [days[0].isoformat(), days[-1].isoformat()]},
        "visualMap": {"min": min(shares), "max": max(*shares, min(shares) + 1)},
        "series": [
            {
                "type": "heatmap",
                "name": "Occupancy, %",
                "coordinateSystem": "calendar",
                "data": [
                    {"value": [one.isoformat(), share], "href": address(one)}
                    for one, share in zip(days, shares, strict=True)
                ],
            }
        ],
    }
