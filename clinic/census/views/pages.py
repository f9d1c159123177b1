"""The morning page of a day, its files, and the names behind each number."""

from __future__ import annotations

from datetime import date

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.census import queries, services
from clinic.census.facts import SPLIT_AXES, Axis, AxisLine, Vantage
from clinic.census.facts.work import WorkList
from clinic.census.forms import DayForm
from clinic.census.views import columns, plot
from clinic.census.views.asking import PREFIX, Asking, asking, names_of, number_asked
from clinic.census.views.blueprint import census
from clinic.core.permissions import Permission
from clinic.core.service_dates import ONE_DAY
from clinic.web.days import read_day
from clinic.web.edge import begin_reading, begin_work
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import csv_response


@census.get("/census")
@census.get("/census/<on>")
@requires(Permission.VIEW_CENSUS)
def day(on: str | None = None) -> ResponseReturnValue:
    """Today, any day before it, or a minute (``?at=``), of everybody or of a slice (``?in_…=``).

    ``?format=csv`` is the day's numbers, ``?format=history`` its history.
    """
    if wanted := _FILES.get(request.args.get("format", "")):
        return wanted(on)
    with begin_reading() as work:
        asked = asking(work, on)
        morning = queries.morning(
            work, day=asked.day, part=asked.part, at=asked.at, compared_days=asked.days
        )
        may = work.actor.may
        today = work.service_date
    shown = _morning_values(asked, morning, shows_names=may(Permission.VIEW_CHART), today=today)
    return page("census/day", may_rebuild=may(Permission.MANAGE_SITE), **shown)


def _morning_values(
    asked: Asking, morning: queries.Morning, *, shows_names: bool, today: date
) -> dict[str, object]:
    return {
        "asked": asked.day,
        "asking": asked,
        "morning": morning,
        "census": morning.census,
        "opens": columns.Opens(asked.day, shows_names=shows_names, part=asked.part, at=asked.at),
        "axis": Axis,
        "lists": WorkList,
        "columns": columns,
        "split_axes": SPLIT_AXES,
        "prefix": PREFIX,
        "compared": queries.COMPARED_DAYS,
        "words": names_of(asked.part, morning.choices),
        "option": plot.stacked(morning.history),
        "in_words": plot.in_words(morning.history),
        "form": DayForm(formdata=None, on=asked.day),
        "around": _around("census.day", asked, today=today),
        "is_today": asked.day == today,
    }


def _day_file(on: str | None) -> ResponseReturnValue:
    with begin_work() as work:
        asked = asking(work, on)
        replayed = queries.replay(work, vantage=Vantage(asked.day, at=asked.at))
        found = queries.day_census(work, replayed, part=asked.part)
        audit.record(work, action="census.export", subject=f"census {asked.day}")
    tables: dict[Axis, list[AxisLine]] = {
        axis: lines
        for axis, lines in queries.tables(replayed, part=asked.part).items()
        if axis not in {Axis.MEDICATION, Axis.MODALITY}
    }
    return csv_response(
        f"census-{asked.day}", columns.FILE_COLUMNS, columns.file_lines(found, tables)
    )


def _history_file(on: str | None) -> ResponseReturnValue:
    with begin_work() as work:
        asked = asking(work, on)
        found = queries.history(work, day=asked.day, part=asked.part)
        audit.record(work, action="census.export", subject=f"census history until {asked.day}")
    return csv_response(
        f"census-history-{asked.day}", columns.history_columns(found), range(len(found.days))
    )


_FILES = {"csv": _day_file, "history": _history_file}


@census.get("/census/<on>/people")
@requires(Permission.VIEW_CENSUS)
def people(on: str) -> ResponseReturnValue:
    """The names behind one number: ``axis`` what it counts, ``value`` which of them."""
    as_file = request.args.get("format") == "csv"
    with begin_work() as work:
        work.actor.require(Permission.VIEW_CHART)
        asked = asking(work, on)
        number = number_asked(asked)
        found = queries.people_of(work, day=asked.day, number=number)
        audit.record(
            work,
            action="census.export" if as_file else "census.people",
            subject=f"{number.title}, {asked.day}",
            detail={"axis": number.axis.value, "value": number.value, "names": len(found)},
        )
    shown = columns.person_columns(number.axis, moves=number.counts_moves)
    if as_file:
        return csv_response(f"census-{asked.day}-{number.axis}", shown, found)
    return page(
        "census/people",
        asked=asked.day,
        title=number.title,
        people=found,
        columns=shown,
        chart_of=columns.chart_of,
        back=asked.address("census.day"),
        csv=asked.address(
            "census.people",
            axis=number.axis.value,
            value=number.value or None,
            column=number.column.value,
            at=asked.at.isoformat() if asked.at else None,
            format="csv",
        ),
    )


@census.get("/census/<on>/corrections")
@requires(Permission.VIEW_CENSUS)
def corrections(on: str) -> ResponseReturnValue:
    """What of a day or before was recorded after its evening, by name."""
    as_file = request.args.get("format") == "csv"
    with begin_work() as work:
        work.actor.require(Permission.VIEW_CHART)
        asked = asking(work, on)
        found = queries.recorded_later(work, day=asked.day)
        audit.record(
            work,
            action="census.export" if as_file else "census.people",
            subject=f"Recorded later, {asked.day}",
            detail={"names": len(found)},
        )
        today = work.service_date
    if as_file:
        return csv_response(f"census-later-{asked.day}", columns.CORRECTION_COLUMNS, found)
    return page(
        "census/corrections",
        asked=asked.day,
        corrections=found,
        columns=columns.CORRECTION_COLUMNS,
        chart_of=columns.chart_of,
        around=_around("census.corrections", asked, today=today),
    )


@census.post("/census/<on>/rebuild")
@requires(Permission.MANAGE_SITE)
def rebuild(on: str) -> ResponseReturnValue:
    """Write the count of a past day anew from the record as it stands now."""
    with begin_work() as work:
        asked = read_day(on, otherwise=work.service_date, until=work.service_date - ONE_DAY)
        is_new = services.take_snapshot(work, service_date=asked)
        changed = services.rebuild_snapshots(work, first=asked, until=asked + ONE_DAY)
    said = f"Written anew: {len(changed)} numbers had changed." if changed else "It agreed already."
    flash("Written down for the first time." if is_new else said, "ok")
    return see_other(url_for("census.day", on=on))


@census.get("/census/<on>/movements")
@requires(Permission.VIEW_CENSUS)
def movements(on: str) -> ResponseReturnValue:
    """Who came, moved and left that day, in order and by name."""
    as_file = request.args.get("format") == "csv"
    with begin_work() as work:
        work.actor.require(Permission.VIEW_CHART)
        asking_for = asking(work, on)
        asked = asking_for.day
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
        around=_around("census.movements", asking_for, today=today),
    )


def _around(endpoint: str, asked: Asking, *, today: date) -> dict[str, str]:
    """The addresses of the day before, the day after (today at the latest), and today."""
    after = min(asked.day + ONE_DAY, today)
    return {
        "previous": asked.address(endpoint, day=asked.day - ONE_DAY),
        "next": asked.address(endpoint, day=after),
        "today": asked.address(endpoint, day=today),
    }
