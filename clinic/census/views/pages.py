"""The morning page of a day, its files, and the names behind each number."""

from __future__ import annotations

from datetime import date

from flask import request, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.census import queries
from clinic.census.facts import Axis
from clinic.census.forms import DayForm, read_axis
from clinic.census.views import columns, plot
from clinic.census.views.blueprint import census
from clinic.core.permissions import Permission
from clinic.core.service_dates import ONE_DAY
from clinic.web.days import read_day
from clinic.web.edge import begin_reading, begin_work
from clinic.web.pages import page
from clinic.web.permission import requires
from clinic.web.tables import csv_response


@census.get("/census")
@census.get("/census/<on>")
@requires(Permission.VIEW_CENSUS)
def day(on: str | None = None) -> ResponseReturnValue:
    """Today, or any day before it: ``?format=csv`` its numbers, ``?format=history`` its history."""
    if wanted := _FILES.get(request.args.get("format", "")):
        return wanted(on)
    with begin_reading() as work:
        asked = read_day(
            on or request.args.get("on"), otherwise=work.service_date, until=work.service_date
        )
        morning = queries.morning(work, day=asked)
        opens = columns.Opens(asked, shows_names=work.actor.may(Permission.VIEW_CHART))
        today = work.service_date
    return page(
        "census/day",
        asked=asked,
        morning=morning,
        census=morning.census,
        opens=opens,
        axis=Axis,
        columns=columns,
        option=plot.stacked(morning.history),
        in_words=plot.in_words(morning.history),
        form=DayForm(formdata=None, on=asked),
        around=_around("census.day", asked, today=today),
    )


def _day_file(on: str | None) -> ResponseReturnValue:
    with begin_work() as work:
        asked = read_day(on, otherwise=work.service_date, until=work.service_date)
        found = queries.census_on(work, day=asked)
        audit.record(work, action="census.export", subject=f"census {asked}")
    return csv_response(f"census-{asked}", columns.FILE_COLUMNS, columns.file_lines(found))


def _history_file(on: str | None) -> ResponseReturnValue:
    with begin_work() as work:
        asked = read_day(on, otherwise=work.service_date, until=work.service_date)
        found = queries.history(work, day=asked)
        audit.record(work, action="census.export", subject=f"census history until {asked}")
    return csv_response(
        f"census-history-{asked}", columns.history_columns(found), range(len(found.days))
    )


_FILES = {"csv": _day_file, "history": _history_file}


@census.get("/census/<on>/people")
@requires(Permission.VIEW_CENSUS)
def people(on: str) -> ResponseReturnValue:
    """The names behind one number: ``axis`` what it counts, ``value`` which of them."""
    axis, value = read_axis(request.args.get("axis")), request.args.get("value", "")
    title = queries.title(axis, value=value)
    as_file = request.args.get("format") == "csv"
    with begin_work() as work:
        work.actor.require(Permission.VIEW_CHART)
        asked = read_day(on, otherwise=work.service_date, until=work.service_date)
        found = queries.people_in(work, day=asked, axis=axis, value=value)
        audit.record(
            work,
            action="census.export" if as_file else "census.people",
            subject=f"{title}, {asked}",
            detail={"axis": axis.value, "value": value, "names": len(found)},
        )
    shown = columns.person_columns(axis)
    if as_file:
        return csv_response(f"census-{asked}-{axis}", shown, found)
    return page(
        "census/people",
        asked=asked,
        title=title,
        people=found,
        columns=shown,
        chart_of=columns.chart_of,
        csv=url_for("census.people", on=on, axis=axis.value, value=value or None, format="csv"),
    )


@census.get("/census/<on>/movements")
@requires(Permission.VIEW_CENSUS)
def movements(on: str) -> ResponseReturnValue:
    """Who came, moved and left that day, in order and by name."""
    as_file = request.args.get("format") == "csv"
    with begin_work() as work:
        work.actor.require(Permission.VIEW_CHART)
        asked = read_day(on, otherwise=work.service_date, until=work.service_date)
        found = queries.movements(work, day=asked)
        audit.record(
            work,
            action="census.export" if as_file else "census.people",
            subject=f"Movements, {asked}",
            detail={"names": len(found)},
        )
        today = work.service_date
    if as_file:
        return csv_response(f"census-movements-{asked}", columns.MOVE_COLUMNS, found)
    return page(
        "census/movements",
        asked=asked,
        moves=found,
        columns=columns.MOVE_COLUMNS,
        chart_of=columns.chart_of,
        around=_around("census.movements", asked, today=today),
    )


def _around(endpoint: str, asked: date, *, today: date) -> dict[str, str]:
    """The addresses of the day before, the day after (today at the latest), and today."""
    after = min(asked + ONE_DAY, today)
    return {
        "previous": url_for(endpoint, on=(asked - ONE_DAY).isoformat()),
        "next": url_for(endpoint, on=after.isoformat()),
        "today": url_for(endpoint, on=today.isoformat()),
    }
