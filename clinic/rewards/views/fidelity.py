"""Fidelity for supervisors: speed, misses, draws, people, money; and the tax review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.money import dollars
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.rewards import queries
from clinic.rewards.facts import (
    BudgetYear,
    Delays,
    Fidelity,
    GoodFaith,
    MissedReward,
    RewardedPatient,
    SlipCount,
    StaffPattern,
    TaxLine,
)
from clinic.rewards.views.blueprint import rewards
from clinic.rewards.views.funds import BUDGET_COLUMNS
from clinic.web.days import read_day
from clinic.web.edge import begin_work
from clinic.web.pages import page
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

LOOKS_BACK = timedelta(days=90)
YEAR_MIN, YEAR_MAX = 2000, 2999
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

STAFF_COLUMNS: tuple[Column[StaffPattern], ...] = (
    Column("Person", lambda one: one.name),
    Column("Tests", lambda one: one.tests, "end"),
    Column("Negative (99 % bounds)", lambda one: one.negative_rate and one.negative_rate.text),
    Column("Others %", lambda one: one.others_percent, "end"),
    Column("Awarded", lambda one: dollars(one.awarded_cents), "end"),
    Column("Voided", lambda one: one.voided, "end"),
    Column("Redemptions", lambda one: one.redemptions, "end"),
    Column("Of own results", lambda one: one.own_redeemed, "end"),
    Column("Worth a look", lambda one: " ".join(one.flags)),
)
MISSED_COLUMNS: tuple[Column[MissedReward], ...] = (
    Column("Patient", lambda one: one.name),
    Column("Test", lambda one: one.service_date.isoformat()),
    Column("Protocol", lambda one: one.protocol),
    Column("Recorded by", lambda one: one.recorded_by),
)
GOOD_FAITH_COLUMNS: tuple[Column[GoodFaith], ...] = (
    Column("Patient", lambda one: one.name),
    Column("Date", lambda one: one.service_date.isoformat()),
    Column("Visit", lambda one: one.number, "end"),
    Column("Paid", lambda one: dollars(one.paid_cents), "end"),
    Column("Trusted the cup of visit", lambda one: one.trusted, "end"),
)
CAP_COLUMNS: tuple[Column[RewardedPatient], ...] = (
    Column("Patient", lambda one: one.name),
    Column("Protocol", lambda one: one.protocol or "ended"),
    Column("Paid this year", lambda one: dollars(one.paid_this_year_cents), "end"),
    Column("Cap", lambda one: one.cap_name),
    Column("Used", lambda one: one.cap_used, "end"),
)
SLIP_COLUMNS: tuple[Column[SlipCount], ...] = (
    Column("Slip", lambda one: one.slip),
    Column("Drawn", lambda one: one.observed, "end"),
    Column("Expected", lambda one: one.expected, "end"),
)
TAX_COLUMNS: tuple[Column[TaxLine], ...] = (
    Column("Patient", lambda one: one.name),
    Column("Paid in the year", lambda one: dollars(one.paid_cents), "end"),
    Column("Threshold", lambda one: dollars(one.threshold_cents), "end"),
    Column("Review", lambda one: "1099-MISC review" if one.is_over else "near"),
)


@rewards.get("/rewards/fidelity")
@requires(Permission.VIEW_FIDELITY)
def fidelity() -> ResponseReturnValue:
    with begin_work() as work:
        first_on = read_day(request.args.get("from", ""), otherwise=work.service_date - LOOKS_BACK)
        audit.record(work, action="rewards.fidelity", subject="fidelity of rewards")
        found = queries.fidelity(
            work, first_on=first_on, until_on=work.service_date + timedelta(days=1)
        )
    tables = _tables(found)
    name = request.args.get("table", "staff")
    if request.args.get("format") == "csv" and name in tables:
        return csv_response(f"rewards-{name}", *tables[name])
    return page("rewards/fidelity", **_shown(found))


@rewards.get("/rewards/tax")
@requires(Permission.VIEW_FIDELITY)
def tax() -> ResponseReturnValue:
    asked = request.args.get("year", "")
    with begin_work() as work:
        year = int(asked) if _is_year(asked) else work.service_date.year
        audit.record(work, action="rewards.tax", subject=f"tax review of {year}")
        shown = _tax(work, year)
    if request.args.get("format") == "csv":
        return csv_response(f"rewards-tax-{year}", TAX_COLUMNS, shown["lines"])
    return page("rewards/tax", **shown)


def _is_year(text: str) -> bool:
    return (
        text.isascii()
        and text.isdigit()
        and len(text) == len(str(YEAR_MAX))
        and int(text) in range(YEAR_MIN, YEAR_MAX + 1)
    )


def _tables(found: Fidelity) -> Mapping[str, tuple[Sequence[Column[Any]], Sequence[Any]]]:
    return {
        "staff": (STAFF_COLUMNS, found.staff),
        "missed": (MISSED_COLUMNS, found.missed),
        "in-good-faith": (GOOD_FAITH_COLUMNS, found.in_good_faith),
        "caps": (CAP_COLUMNS, found.near_caps),
        "budgets": (BUDGET_COLUMNS, found.budgets),
        "draws": (SLIP_COLUMNS, [slip for check in found.draws for slip in check.slips]),
        "delays": (
            (
                Column("Minutes", lambda one: one.label),
                Column("Rewards", lambda one: one.rewards, "end"),
            ),
            found.delays.bins,
        ),
    }


def _shown(found: Fidelity) -> dict[str, Any]:
    return {
        "found": found,
        "staff_columns": STAFF_COLUMNS,
        "missed_columns": MISSED_COLUMNS,
        "good_faith_columns": GOOD_FAITH_COLUMNS,
        "cap_columns": CAP_COLUMNS,
        "slip_columns": SLIP_COLUMNS,
        "delay_plot": _delay_plot(found.delays),
        "delay_rows": [(one.label, one.rewards) for one in found.delays.bins],
        "budget_plots": [(one, _budget_plot(one), _budget_rows(one)) for one in found.budgets],
        "patient_link": lambda one: url_for("rewards.card", patient_id=one.patient_id),
        "staff_kind": lambda one: "attention" if one.flags else None,
    }


def _delay_plot(delays: Delays) -> dict[str, Any]:
    return {
        "xAxis": {
            "type": "category",
            "name": "Minutes",
            "data": [one.label for one in delays.bins],
        },
        "yAxis": {"type": "value", "name": "Rewards"},
        "series": [
            {
                "type": "bar",
                "name": "Rewards",
                "data": [one.rewards for one in delays.bins],
                "color": "info",
            }
        ],
    }


def _budget_plot(year: BudgetYear) -> dict[str, Any]:
    """Spending so far, the straight line to the end of the year, and the budget."""
    spent = _running(year)
    ahead: list[float | None] = [None] * len(MONTHS)
    if spent:
        ahead = [*[None] * (len(spent) - 1), spent[-1], *[None] * (len(MONTHS) - len(spent))]
        ahead[-1] = year.forecast_cents / 100
    series: list[dict[str, Any]] = [
        {"type": "line", "name": "Spent", "data": spent, "color": "brand"},
        {
            "type": "line",
            "name": "If it goes on like this",
            "data": ahead,
            "color": "neutral",
            "connectNulls": True,
            "lineStyle": {"type": "dotted"},
        },
    ]
    if year.budget_cents is not None:
        budget = [year.budget_cents / 100] * len(MONTHS)
        series.append(
            {
                "type": "line",
                "name": "Budget",
                "data": budget,
                "color": "stop" if year.is_short else "ok",
                "showSymbol": False,
            }
        )
    return {
        "xAxis": {"type": "category", "data": MONTHS},
        "yAxis": {"type": "value", "name": "Dollars"},
        "legend": {},
        "series": series,
    }


def _running(year: BudgetYear) -> list[float]:
    total, sums = 0, []
    for cents in year.by_month_cents:
        total += cents
        sums.append(total / 100)
    return sums


def _budget_rows(year: BudgetYear) -> list[tuple[str, str, str]]:
    months = zip(MONTHS, year.by_month_cents, _running(year), strict=False)
    return [(month, dollars(cents), dollars(round(sum_ * 100))) for month, cents, sum_ in months]


def _tax(work: Work, year: int) -> dict[str, Any]:
    threshold_cents = queries.tax_thresholds(work, on=date(year, 12, 31)).in_year(year)
    return {
        "year": year,
        "this_year": work.service_date.year,
        "threshold_cents": threshold_cents,
        "lines": ()
        if threshold_cents is None
        else queries.tax_lines(work, calendar_year=year, threshold_cents=threshold_cents),
        "columns": TAX_COLUMNS,
        "link": lambda one: url_for("rewards.statement", patient_id=one.patient_id),
        "kind": lambda one: "attention" if one.is_over else None,
    }
