"""What leaves the house: who gets the morning's mail, letters, surveys, and tables as files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.census import queries, services
from clinic.census.facts import Axis, AxisLine, CapacityTerms, Movement, Person, Slice, Vantage
from clinic.census.facts.outgoing import OutsideLine, Quarter, SurveyLine
from clinic.census.forms import SubscribeForm, read_axis
from clinic.census.papers import letters
from clinic.census.queries import deliveries, outgoing
from clinic.census.views import columns
from clinic.census.views.blueprint import census
from clinic.core.errors import NotFound, Refused
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.sites import queries as sites
from clinic.web.days import read_day
from clinic.web.edge import actor, begin_reading, begin_work
from clinic.web.exports import Export, FileKind, export_response
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.paper import pdf_response, printed_by
from clinic.web.permission import requires
from clinic.web.tables import Column

Row = TypeVar("Row")
QUARTERS_SHOWN = 8
TITLE = "Contingency management"
FIRST_YEAR, QUARTERS_A_YEAR = 2000, 4

OUTSIDE: tuple[Column[OutsideLine], ...] = (
    Column("Axis", lambda line: line.axis),
    Column("Value", lambda line: line.label),
    Column("Patients", lambda line: line.patients, align="end"),
)
SURVEY: tuple[Column[SurveyLine], ...] = (
    Column("Section", lambda line: line.section),
    Column("Item", lambda line: line.item),
    Column("Count", lambda line: "not kept" if line.counted is None else line.counted, align="end"),
    Column("What it counts", lambda line: line.note),
)
CONTINGENCY: tuple[Column[tuple[str, str]], ...] = (
    Column("What", lambda line: line[0]),
    Column("Figure", lambda line: line[1], align="end"),
)


@census.get("/reports")
@requires(Permission.MANAGE_SITE)
def reports() -> ResponseReturnValue:
    return _reports()


@census.post("/reports/subscription")
@requires(Permission.MANAGE_SITE)
def subscribe() -> ResponseReturnValue:
    form = SubscribeForm()
    if not form.validate():
        return _reports(form), 422
    with begin_work() as work:
        services.subscribe(work, email=given(form.email.data))
    flash("You get the morning report of this site from tomorrow on.", "ok")
    return see_other(url_for("census.reports"))


@census.post("/reports/subscription/end")
@requires(Permission.MANAGE_SITE)
def unsubscribe() -> ResponseReturnValue:
    with begin_work() as work:
        services.unsubscribe(work)
    flash("You no longer get the morning report of this site.", "ok")
    return see_other(url_for("census.reports"))


@census.get("/reports/capacity.pdf")
@requires(Permission.MANAGE_SITE)
def capacity_letter() -> ResponseReturnValue:
    """The notice to the state, when there is cause for one."""
    with begin_work() as work:
        data = _capacity_letter(work)
        name = f"capacity-notice-{work.service_date}"
        audit.record(work, action="report.export", subject=name)
    return pdf_response(name, data)


@census.get("/reports/contingency/<int:year>/<int:number>.<kind>")
@requires(Permission.MANAGE_SITE)
def contingency_report(year: int, number: int, kind: str) -> ResponseReturnValue:
    """What contingency management cost in a quarter, small counts withheld."""
    wanted, name = FileKind.read(kind), f"contingency-{year}-q{number}"
    with begin_work() as work:
        quarter = _quarter(year, number, until=work.service_date)
        found = outgoing.contingency_quarter(work, quarter=quarter)
        terms = deliveries.small_cell_terms(work)
        here, printed = sites.site(work), printed_by(work)
        audit.record(work, action="report.export", subject=name)
    if wanted is FileKind.PDF:
        return pdf_response(
            name, letters.contingency_report(found, terms=terms, site=here, printed=printed)
        )
    lines = letters.contingency_lines(found, terms=terms)
    export = Export(name, TITLE, quarter.label, CONTINGENCY, lines, here.name, printed)
    return export_response(export, kind=wanted)


@census.get("/reports/survey")
@requires(Permission.MANAGE_SITE)
def survey() -> ResponseReturnValue:
    """The national survey's counts on its reference date, as the clinic knows them itself."""
    with begin_reading() as work:
        day = _survey_day(work)
        return page(
            "census/survey",
            asked=day,
            lines=outgoing.survey(work, day=day),
            columns=SURVEY,
            terms=outgoing.survey_terms(work),
            earlier=day.replace(year=day.year - 1),
            later=day.replace(year=day.year + 1),
            today=work.service_date,
        )


@census.get("/reports/survey.<kind>")
@requires(Permission.MANAGE_SITE)
def survey_file(kind: str) -> ResponseReturnValue:
    wanted = FileKind.read(kind)
    with begin_work() as work:
        day = _survey_day(work)
        titles = (f"n-sumhss-{day}", "N-SUMHSS counts")
        export = _export(work, day, titles, SURVEY, outgoing.survey(work, day=day))
        audit.record(work, action="report.export", subject=titles[0])
    return export_response(export, kind=wanted)


@census.get("/census/<on>/files/<what>.<kind>")
@requires(Permission.VIEW_CENSUS)
def day_file(on: str, what: str, kind: str) -> ResponseReturnValue:
    """A table of the census as a file. ``outside`` is the day without any small count."""
    wanted, make = FileKind.read(kind), _TABLES.get(what)
    if make is None:
        raise NotFound("table")
    with begin_work() as work:
        day = read_day(on, otherwise=work.service_date, until=work.service_date)
        export = make(work, day)
        audit.record(
            work,
            action="census.export",
            subject=f"{export.title}, {day}",
            detail={"table": what, "file": wanted.value, "rows": len(export.rows)},
        )
    return export_response(export, kind=wanted)


def _day_table(work: Work, day: date) -> Export[columns.FileLine]:
    replayed = queries.replay(work, vantage=Vantage(day))
    tables = queries.tables(replayed, part=Slice())
    own: dict[Axis, list[AxisLine]] = {
        axis: tables[axis] for axis in tables if axis not in {Axis.MEDICATION, Axis.MODALITY}
    }
    lines = list(columns.file_lines(queries.census_on(work, day=day), own))
    return _export(work, day, (f"census-{day}", "Census"), columns.FILE_COLUMNS, lines)


def _outside_table(work: Work, day: date) -> Export[OutsideLine]:
    terms = deliveries.small_cell_terms(work)
    lines = outgoing.outside_lines(queries.census_on(work, day=day), terms=terms)
    note = (
        f"Counts of 1 to {terms.smallest_shown - 1} are not shown, nor what gives them away."
        f" Source: {terms.source}."
    )
    made = _export(work, day, (f"census-outside-{day}", "Census"), OUTSIDE, lines)
    return replace(made, note=note)


def _history_table(work: Work, day: date) -> Export[int]:
    found = queries.history(work, day=day)
    titles = (f"census-history-{day}", "Census of the quarter")
    rows = range(len(found.days))
    return _export(work, day, titles, columns.history_columns(found), rows)


def _people_table(work: Work, day: date) -> Export[Person]:
    work.actor.require(Permission.VIEW_CHART)
    axis, value = read_axis(request.args.get("axis")), request.args.get("value", "")
    found = queries.people_in(work, day=day, axis=axis, value=value)
    titles = (f"census-{day}-{axis}", queries.title(axis, value=value))
    return _export(work, day, titles, columns.person_columns(axis), found)


def _movements_table(work: Work, day: date) -> Export[Movement]:
    work.actor.require(Permission.VIEW_CHART)
    found = queries.movements(work, day=day)
    return _export(work, day, (f"movements-{day}", "Movements"), columns.MOVE_COLUMNS, found)


_TABLES: dict[str, Callable[[Work, date], Export[Any]]] = {
    "day": _day_table,
    "outside": _outside_table,
    "history": _history_table,
    "people": _people_table,
    "movements": _movements_table,
}


def _export(
    work: Work,
    day: date,
    titles: tuple[str, str],
    shown: Sequence[Column[Row]],
    rows: Sequence[Row],
) -> Export[Row]:
    """``titles`` are the name of the file and the title of the table."""
    here, printed = sites.site(work).name, printed_by(work)
    return Export(*titles, f"{day:%a %d %b %Y}", shown, rows, here, printed)


def _capacity_letter(work: Work) -> bytes:
    here = sites.site(work)
    past = queries.history(work, day=work.service_date)
    found = queries.capacity_notice(past, capacity=here.capacity)
    if found is None or not found[0].notice_required:
        raise Refused("The program is below the share of capacity at which the state is told.")
    notice, since = found
    return letters.capacity_letter(
        notice,
        since=since,
        in_care=past.totals[-1],
        site=here,
        today=work.service_date,
        printed=printed_by(work),
        terms=CapacityTerms(),
    )


def _quarter(year: int, number: int, *, until: date) -> Quarter:
    """Raises: NotFound when there is no such quarter, or it has not begun."""
    if not (FIRST_YEAR <= year <= until.year and 1 <= number <= QUARTERS_A_YEAR):
        raise NotFound("quarter")
    found = Quarter(year, number)
    if found.first > until:
        raise NotFound("quarter")
    return found


def _survey_day(work: Work) -> date:
    latest = outgoing.last_reference_day(outgoing.survey_terms(work), until=work.service_date)
    return read_day(request.args.get("on"), otherwise=latest, until=work.service_date)


def _reports(form: SubscribeForm | None = None) -> str:
    with begin_reading() as work:
        here = sites.site(work)
        past = queries.history(work, day=work.service_date)
        notice, _ = queries.capacity_notice(past, capacity=here.capacity) or (None, None)
        return page(
            "census/reports",
            form=form or SubscribeForm(formdata=None),
            mine=deliveries.subscription(work, user_id=given(actor().id)),
            notice=notice,
            today=work.service_date,
            quarters=outgoing.quarters(until=work.service_date, how_many=QUARTERS_SHOWN),
            terms=deliveries.small_cell_terms(work),
        )
