"""The measured window: pace, plan, forecast, bottles."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from clinic.core.permissions import Permission
from clinic.core.units import plain
from clinic.data.work import Work
from clinic.dosing.facts.line import BottleLevel, Pace, Quarter
from clinic.dosing.queries import line
from clinic.dosing.queries.pace import pace as measure
from clinic.dosing.rules.pace import QUARTER, line_ahead, plan
from clinic.dosing.views.blueprint import dosing
from clinic.web.days import read_day
from clinic.web.edge import begin_reading
from clinic.web.pages import page
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

COLUMNS: tuple[Column[Quarter], ...] = (
    Column("From", lambda one: f"{one.starts_at:%H:%M}"),
    Column("Dosed", lambda one: one.dosed, align="end"),
    Column("Past days' mean", lambda one: one.expected, align="end"),
)


@dosing.get("/dosing/pace")
@requires(Permission.VIEW_DOSING)
def pace() -> ResponseReturnValue:
    with begin_reading() as work:
        day = read_day(request.args.get("on"), otherwise=work.service_date)
        found = measure(work, day=day)
        if request.args.get("format") == "csv":
            return csv_response(f"dosing-pace-{day}", COLUMNS, found.quarters)
        return page("dosing/pace", **_pace(work, found))


def _pace(work: Work, found: Pace) -> dict[str, Any]:
    now = work.site.local(work.now)
    policy = line.window_policy(work)
    windows = max(1, len({one.window for one in found.levels}))
    seconds = found.headline.mean_seconds or policy.planned_seconds_per_patient
    per_quarter = int(windows * QUARTER.total_seconds() // max(1, seconds))
    total = found.headline.done + found.headline.left
    forecast = line_ahead(
        found.quarters, in_line=found.headline.in_line, now=now, per_quarter=per_quarter
    )
    planned = plan(found.quarters, total=total)
    return {
        "pace": found,
        "day": found.day,
        "today": work.service_date,
        "previous": found.day - timedelta(days=1),
        "following": found.day + timedelta(days=1),
        "columns": COLUMNS,
        "policy": policy,
        "variance_mg": plain(found.drawn_mg - found.ordered_mg),
        "cumulative": _cumulative(found, planned, now=now),
        "quarters": _quarters(found, forecast),
        "levels": _levels(found.levels),
        "rows": _rows(found, planned, forecast),
        "level_rows": [
            [one.window, one.lot, f"{one.at:%H:%M}", plain(one.balance_ml)] for one in found.levels
        ],
        "per_quarter": per_quarter,
    }


def _labels(found: Pace) -> list[str]:
    return [f"{one.starts_at:%H:%M}" for one in found.quarters]


def _cumulative(found: Pace, planned: list[Decimal], *, now: Any) -> dict[str, Any]:
    """Dosed so far against the plan; the curve of the day stops at now."""
    done: list[int | None] = []
    so_far = 0
    for quarter in found.quarters:
        so_far += quarter.dosed
        is_ahead = quarter.starts_at > now
        done.append(None if is_ahead else so_far)
    return {
        "xAxis": {"type": "category", "data": _labels(found)},
        "yAxis": {"type": "value", "name": "doses"},
        "legend": {},
        "series": [
            {"type": "line", "name": "Dosed", "data": done, "color": "ok"},
            {
                "type": "line",
                "name": "Plan",
                "data": [float(one) for one in planned],
                "color": "neutral",
                "lineStyle": {"type": "dashed"},
            },
        ],
    }


def _quarters(found: Pace, forecast: list[Decimal | None]) -> dict[str, Any]:
    return {
        "xAxis": {"type": "category", "data": _labels(found)},
        "yAxis": {"type": "value", "name": "patients"},
        "legend": {},
        "series": [
            {
                "type": "bar",
                "name": "Dosed",
                "data": [one.dosed for one in found.quarters],
                "color": "ok",
            },
            {
                "type": "bar",
                "name": "Mean of past days",
                "data": [float(one.expected) for one in found.quarters],
                "color": "neutral",
            },
            {
                "type": "line",
                "name": "Line ahead",
                "data": [None if one is None else float(one) for one in forecast],
                "color": "attention",
            },
        ],
    }


def _levels(levels: tuple[BottleLevel, ...]) -> dict[str, Any] | None:
    if not levels:
        return None
    lines: dict[str, list[list[Any]]] = {}
    for one in levels:
        name = f"Window {one.window}, lot {one.lot}"
        lines.setdefault(name, []).append([f"{one.at:%Y-%m-%dT%H:%M:%S}", float(one.balance_ml)])
    return {
        "xAxis": {"type": "time"},
        "yAxis": {"type": "value", "name": "mL"},
        "legend": {},
        "series": [
            {"type": "line", "name": name, "data": points, "step": "end", "showSymbol": False}
            for name, points in lines.items()
        ],
    }


def _rows(found: Pace, planned: list[Decimal], forecast: list[Decimal | None]) -> list[list[Any]]:
    return [
        [f"{one.starts_at:%H:%M}", one.dosed, one.expected, goal, "" if ahead is None else ahead]
        for one, goal, ahead in zip(found.quarters, planned, forecast, strict=True)
    ]
