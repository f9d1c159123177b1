"""The picture of a patient's doses: what was given, over what was ordered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from clinic.dosing.facts import DosingChart, PlanStep
from clinic.stock.facts import Form

SHOWN_DAYS = 365


def doses_over_time(chart: DosingChart, *, until: date) -> dict[str, Any] | None:
    """Bars of doses given and the line of the daily dose ordered; None before the first of both.

    Shape: an ECharts option; numbers in mg.
    """
    given: dict[date, float] = {}
    for dose in chart.doses:
        if dose.voided is None:
            given[dose.service_date] = given.get(dose.service_date, 0) + float(dose.dose_mg)
    begins = [*given, *(order.starts_on for order in chart.orders if order.starts_on <= until)]
    if not begins:
        return None
    first = max(min(begins), until - timedelta(days=SHOWN_DAYS - 1))
    days = [first + timedelta(days=offset) for offset in range((until - first).days + 1)]
    return {
        "legend": {},
        "xAxis": {"type": "category", "data": [day.isoformat() for day in days]},
        "yAxis": {"type": "value", "name": "mg"},
        "series": [
            {"type": "bar", "name": "Given", "data": [given.get(d) for d in days], "color": "ok"},
            {
                "type": "line",
                "name": "Ordered",
                "step": "end",
                "symbol": "none",
                "data": [_ordered(chart, day) for day in days],
                "color": "info",
            },
        ],
    }


def _ordered(chart: DosingChart, day: date) -> float | None:
    for order in chart.orders:
        if order.covers(day) and order.form is not Form.INJECTION:
            return float(order.dose_mg)
    return None


def doses_of_plan(steps: Sequence[PlanStep]) -> dict[str, Any] | None:
    """The daily dose of a plan as a stair; None without steps.

    Shape: an ECharts option; numbers in mg, one point a step and one where the plan ends.
    """
    if not steps:
        return None
    last = steps[-1]
    end = [(last.ends_on, 0.0)] if last.ends_on else []
    points = [*((step.starts_on, float(step.dose_mg)) for step in steps), *end]
    return {
        "xAxis": {"type": "time"},
        "yAxis": {"type": "value", "name": "mg"},
        "series": [
            {
                "type": "line",
                "name": "Daily dose",
                "step": "end",
                "data": [[day.isoformat(), dose_mg] for day, dose_mg in points],
                "color": "info",
            }
        ],
    }
