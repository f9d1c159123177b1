"""The page of measures, each with its definition, and the names behind each number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flask import request
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.census.facts.measures import (
    DEFINITIONS,
    Change,
    Definition,
    Figure,
    Gauge,
    Part,
    Topic,
)
from clinic.census.queries import figures
from clinic.census.rules.suppression import cell, released
from clinic.census.views import pictures
from clinic.census.views.behind import Behind, linked, read_span, read_word
from clinic.census.views.blueprint import census
from clinic.core.permissions import Permission
from clinic.patients.facts import chart_path
from clinic.web import filters
from clinic.web.edge import begin_reading, begin_work
from clinic.web.pages import page
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as the page prints it, its numbers opening the names they count."""

    figure: Figure
    behind: Behind

    @property
    def gauge(self) -> Gauge:
        return self.figure.gauge

    @property
    def definition(self) -> Definition:
        return DEFINITIONS[self.gauge]

    @property
    def href(self) -> str | None:
        """The names behind the value itself: those that count."""
        return self.behind.gauge(self.gauge, counting=True)

    @property
    def numerator(self) -> object:
        return linked(self.figure.numerator, self.behind.gauge(self.gauge, counting=True))

    @property
    def denominator(self) -> object:
        return linked(self.figure.denominator, self.behind.gauge(self.gauge))

    def part(self, part: Part) -> object:
        return linked(part.count, self.behind.gauge(self.gauge, part=part.key))


class Line(NamedTuple):
    """One line of the file. Counts small enough to point at somebody are withheld."""

    measure: str
    part: str
    value: object
    low: object
    high: object
    numerator: object
    denominator: object
    definition: Definition


FILE_COLUMNS: tuple[Column[Line], ...] = (
    Column("Measure", lambda line: line.measure),
    Column("Part", lambda line: line.part),
    Column("Value", lambda line: line.value),
    Column("Unit", lambda line: line.definition.unit),
    Column("95 % from", lambda line: line.low),
    Column("95 % to", lambda line: line.high),
    Column("Numerator", lambda line: line.numerator),
    Column("Numerator counts", lambda line: line.definition.numerator),
    Column("Denominator", lambda line: line.denominator),
    Column("Denominator counts", lambda line: line.definition.denominator),
    Column("Source", lambda line: line.definition.source),
)
PEOPLE_COLUMNS: tuple[Column[figures.Named], ...] = (
    Column("Patient", lambda one: one.name.listed),
    Column("Code", lambda one: one.code),
    Column("Day", lambda one: filters.day(one.case.on)),
    Column("Counts", lambda one: "Yes" if one.case.counts else "No"),
    Column("What", lambda one: one.case.note or "—"),
)
CHANGE_COLUMNS: tuple[Column[Change], ...] = (
    Column("Modality", lambda change: change.part),
    Column("Courses", lambda change: change.courses, "end"),
    Column("With both scores", lambda change: change.pairs, "end"),
    Column("Mean change", lambda change: "—" if change.mean is None else change.mean, "end"),
    Column("95 % interval", lambda change: change.bounds.text if change.bounds else "—", "end"),
)


@census.get("/census/measures")
@requires(Permission.VIEW_CENSUS)
def measures() -> ResponseReturnValue:
    """Every measure of a period with its definition; ``?format=csv`` as a file."""
    if request.args.get("format") == "csv":
        return _file()
    with begin_reading() as work:
        span = read_span(work)
        report = figures.report(work, span=span)
        behind = Behind.of(work, span)
    return page(
        "census/measures",
        span=span,
        report=report,
        behind=behind,
        topics=_by_topic([Shown(figure, behind) for figure in report.figures]),
        curve=pictures.survival([report.curve], behind, id="curve", title="Still enrolled"),
        changes=CHANGE_COLUMNS,
    )


def _by_topic(shown: Sequence[Shown]) -> list[tuple[Topic, list[Shown]]]:
    topics = [(topic, [one for one in shown if one.definition.topic is topic]) for topic in Topic]
    return [(topic, found) for topic, found in topics if found]


def _file() -> ResponseReturnValue:
    with begin_work() as work:
        span = read_span(work)
        report = figures.report(work, span=span)
        audit.record(work, action="census.export", subject=f"measures {span.first} to {span.last}")
    return csv_response(
        f"measures-{span.first}-{span.last}",
        FILE_COLUMNS,
        [line for figure in report.figures for line in _lines(figure)],
    )


def _lines(figure: Figure) -> Iterator[Line]:
    """The figure and its parts. A share of few says no more than that they are few."""
    definition = DEFINITIONS[figure.gauge]
    numerator, denominator = _outside(figure.numerator), _outside(figure.denominator)
    is_small = isinstance(numerator, str) or isinstance(denominator, str)
    bounds = None if is_small else figure.bounds
    yield Line(
        definition.name,
        "",
        _outside_value(figure, is_small=is_small),
        bounds.low if bounds else None,
        bounds.high if bounds else None,
        numerator,
        denominator,
        definition,
    )
    parts = released({part.label: part.count for part in figure.parts})
    for label, count in parts.parts.items():
        yield Line(definition.name, label, count, None, None, count, None, definition)


def _outside(count: object) -> object:
    return cell(count) if isinstance(count, int) else count


def _outside_value(figure: Figure, *, is_small: bool) -> object:
    if figure.value and figure.value.isdigit():
        return cell(int(figure.value))
    return "withheld" if is_small else figure.value


@census.get("/census/measures/people")
@requires(Permission.VIEW_CENSUS)
def measure_people() -> ResponseReturnValue:
    """The names behind a measure: all it looks at, or those it counts, or one part of them."""
    gauge = read_word(Gauge, request.args.get("gauge"))
    part, only = request.args.get("part", ""), request.args.get("only") == "counting"
    with begin_work() as work:
        work.actor.require(Permission.VIEW_CHART)
        span = read_span(work)
        found = figures.behind(work, gauge, span=span, part=part, only_counting=only)
        audit.record(
            work,
            action="census.people",
            subject=f"{DEFINITIONS[gauge].name}, {span.first} to {span.last}",
            detail={"gauge": gauge.value, "part": part, "names": len(found)},
        )
        behind = Behind.of(work, span)
    return _names(found, title=DEFINITIONS[gauge].name, behind=behind, gauge=gauge, only=only)


def _names(
    found: Sequence[figures.Named], *, title: str, behind: Behind, gauge: Gauge, only: bool
) -> ResponseReturnValue:
    definition = DEFINITIONS[gauge]
    if request.args.get("format") == "csv":
        return csv_response(f"census-{gauge.value}", PEOPLE_COLUMNS, found)
    return page(
        "census/measure_people",
        title=title,
        counted=definition.numerator if only else definition.denominator or definition.numerator,
        span=behind.span,
        people=found,
        columns=PEOPLE_COLUMNS,
        chart_of=chart_of,
        back=("Measures", behind.page("census.measures")),
        csv=f"{request.full_path.rstrip('?')}&format=csv",
    )


def chart_of(one: figures.Named) -> str:
    return chart_path(one.case.patient_id)
