"""The tables of the census as data: the same on the page, on paper and in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from flask import url_for
from markupsafe import Markup

from clinic.census.facts import (
    EVERYBODY,
    Axis,
    AxisLine,
    CensusDay,
    CensusSeries,
    CountDifference,
    Group,
    LevelLine,
    Movement,
    Person,
    Slice,
)
from clinic.census.facts import Column as Number
from clinic.census.facts.work import Correction, PeriodTotals, ResourceLoad
from clinic.core.service_dates import ONE_DAY
from clinic.patients.facts import chart_path
from clinic.web import filters
from clinic.web.tables import Column


@dataclass(frozen=True, slots=True)
class Opens:
    """Prints a number as the link to its names, for a reader who may see them."""

    day: date
    shows_names: bool
    part: Slice = EVERYBODY
    at: datetime | None = None

    def address(self, axis: Axis, value: str = "", column: Number | None = None) -> str | None:
        if not self.shows_names:
            return None
        chosen: dict[str, Any] = {f"in_{name}": one for name, one in self.part.to_query().items()}
        return url_for(
            "census.people",
            on=self.day.isoformat(),
            axis=axis.value,
            value=value or None,
            column=column.value if column else None,
            at=self.at.isoformat() if self.at else None,
            **chosen,
        )

    @property
    def before(self) -> Opens:
        """The same for the day before."""
        return replace(self, day=self.day - ONE_DAY, at=None)

    def __call__(
        self, count: int, axis: Axis, value: str = "", column: Number | None = None
    ) -> str | int:
        address = self.address(axis, value, column)
        if not count or address is None:
            return count
        return Markup('<a href="{}">{}</a>').format(address, count)


def _axis_of(line: LevelLine) -> Axis:
    return Axis.LEVEL if line.level else Axis.IN_CARE


def level_columns(opens: Opens) -> tuple[Column[LevelLine], ...]:
    """Yesterday and the moves of the day make today."""
    return (
        Column("Level of care", lambda line: line.label),
        Column(
            "Yesterday",
            lambda line: opens.before(line.yesterday, _axis_of(line), line.level or ""),
            align="end",
            text=lambda line: line.yesterday,
        ),
        _moved("Admitted", opens, axis=Axis.ADMITTED, count=lambda line: line.admitted),
        _moved(
            "Transferred in",
            opens,
            axis=Axis.TRANSFERRED_IN,
            count=lambda line: line.transferred_in,
        ),
        _moved(
            "Transferred out",
            opens,
            axis=Axis.TRANSFERRED_OUT,
            count=lambda line: line.transferred_out,
        ),
        _moved("Discharged", opens, axis=Axis.DISCHARGED, count=lambda line: line.discharged),
        Column(
            "Today",
            lambda line: opens(line.today, _axis_of(line), line.level or ""),
            align="end",
            text=lambda line: line.today,
        ),
    )


def axis_columns(opens: Opens, *, axis: Axis) -> tuple[Column[AxisLine], ...]:
    """Yesterday and the changes of the day make today, on one value of any axis."""

    def number(column: Number) -> Column[AxisLine]:
        named = None if column is Number.TODAY else column
        return Column(
            column.label,
            lambda line: opens(line.number(column), axis, line.key or "", named),
            align="end",
            text=lambda line: line.number(column),
        )

    return (Column(axis.label, lambda line: line.label), *map(number, Number))


LOAD_COLUMNS: tuple[Column[ResourceLoad], ...] = (
    Column("Resource", lambda one: one.name),
    Column("Kind", lambda one: one.kind),
    Column("Sessions", lambda one: one.sessions, align="end"),
    Column("Minutes", lambda one: one.minutes, align="end"),
    Column("Patients", lambda one: one.patients, align="end"),
)

CORRECTION_COLUMNS: tuple[Column[Correction], ...] = (
    Column("Patient", lambda one: one.name.listed),
    Column("What", lambda one: one.what),
    Column("Of", lambda one: filters.day(one.service_date)),
    Column("Recorded", lambda one: filters.local_day_time(one.recorded_at)),
    Column("By", lambda one: one.recorded_by_name),
)


class PeriodLine(NamedTuple):
    """One number of two periods."""

    label: str
    now: int
    before: int


PERIOD_COLUMNS: tuple[Column[PeriodLine], ...] = (
    Column("What", lambda line: line.label),
    Column("This period", lambda line: line.now, align="end"),
    Column("The one before", lambda line: line.before, align="end"),
    Column("Change", lambda line: f"{line.now - line.before:+d}", align="end"),
)


def period_lines(periods: tuple[PeriodTotals, PeriodTotals]) -> list[PeriodLine]:
    """Two periods side by side."""
    now, before = periods
    return [
        PeriodLine("In care at the end", now.in_care, before.in_care),
        PeriodLine("Nights in care", now.patient_days, before.patient_days),
        PeriodLine("Admitted", now.admitted, before.admitted),
        PeriodLine("Discharged", now.discharged, before.discharged),
    ]


def level_footer(total: LevelLine, opens: Opens) -> list[object]:
    """The last line: the whole program, each number opening everybody it counts."""
    return [column.cell(total) for column in level_columns(opens)]


def broken(line: LevelLine | AxisLine) -> str | None:
    """The kind of a line that contradicts itself."""
    return None if line.reconciles else "stop"


def chart_of(one: Person | Movement | Correction) -> str:
    """Where the name leads."""
    return chart_path(one.patient_id)


def _moved(
    label: str, opens: Opens, *, axis: Axis, count: Callable[[LevelLine], int]
) -> Column[LevelLine]:
    return Column(
        label,
        lambda line: opens(count(line), axis, line.level or ""),
        align="end",
        text=count,
    )


def group_columns(opens: Opens, *, axis: Axis) -> tuple[Column[Group], ...]:
    return (
        Column(axis.label, lambda group: group.label),
        Column(
            "Patients",
            lambda group: opens(group.count, axis, group.key),
            align="end",
            text=lambda group: group.count,
        ),
    )


MOVE_COLUMNS: tuple[Column[Movement], ...] = (
    Column("Patient", lambda move: move.name.listed),
    Column("What", lambda move: move.label),
    Column("From", lambda move: move.from_state.label if move.from_state else "—"),
    Column("To", lambda move: move.to_state.label),
    Column("Reason", lambda move: move.reason.label if move.reason else "—"),
    Column("At", lambda move: filters.local_time(move.occurred_at)),
    Column(
        "Recorded",
        lambda move: f"{move.recorded_by_name}{', on a later day' if move.recorded_later else ''}",
    ),
)

DIFFERENCE_COLUMNS: tuple[Column[CountDifference], ...] = (
    Column("What", lambda one: f"{one.axis}: {one.key}".replace("_", " ")),
    Column("Counted then", lambda one: one.written, align="end"),
    Column("Counted now", lambda one: one.derived, align="end"),
)


def person_columns(axis: Axis, *, moves: bool = False) -> tuple[Column[Person], ...]:
    """Who, and where they are; for moves also where they came from and why they left."""
    who: tuple[Column[Person], ...] = (
        Column("Patient", lambda person: person.name.listed),
        Column("Code", lambda person: person.code),
        Column("Born", lambda person: filters.day(person.birth_date)),
    )
    if axis.counts_moves or moves:
        return (
            *who,
            Column("From", lambda person: person.came_from.label if person.came_from else "—"),
            Column("To", lambda person: person.state.label if person.state else "—"),
            Column("Reason", lambda person: person.reason.label if person.reason else "—"),
        )
    return (
        *who,
        Column(
            "Level of care",
            lambda person: person.state.label if person.state else "Not in care here",
        ),
        Column("Since", lambda person: filters.day(person.since)),
        Column("Medication", lambda person: person.medication.label),
    )


class FileLine(NamedTuple):
    """One line of the day's file; a line of an axis without moves leaves them empty."""

    axis: str
    label: str
    yesterday: int | None
    admitted: int | None
    transferred_in: int | None
    transferred_out: int | None
    discharged: int | None
    today: int


FILE_COLUMNS: tuple[Column[FileLine], ...] = (
    Column("Axis", lambda line: line.axis),
    Column("Value", lambda line: line.label),
    Column("Yesterday", lambda line: line.yesterday),
    Column("Admitted", lambda line: line.admitted),
    Column("Transferred in", lambda line: line.transferred_in),
    Column("Transferred out", lambda line: line.transferred_out),
    Column("Discharged", lambda line: line.discharged),
    Column("Today", lambda line: line.today),
)


def file_lines(found: CensusDay, tables: Mapping[Axis, list[AxisLine]]) -> Iterator[FileLine]:
    """Every number of the day, one after the other."""
    for line in (*found.busy_levels, found.total):
        yield FileLine(
            Axis.LEVEL.label,
            line.label,
            line.yesterday,
            line.admitted,
            line.transferred_in,
            line.transferred_out,
            line.discharged,
            line.today,
        )
    yield from _group_lines(Axis.MEDICATION, found.medications)
    yield from _group_lines(Axis.MODALITY, found.modalities)
    yield from _group_lines(Axis.REASON, found.discharge_reasons)
    for axis, lines in tables.items():
        for one in lines:
            yield FileLine(axis.label, one.label, *(one.number(column) for column in Number))


def _group_lines(axis: Axis, groups: Iterable[Group]) -> Iterator[FileLine]:
    for group in groups:
        yield FileLine(axis.label, group.label, None, None, None, None, None, group.count)


def history_columns(history: CensusSeries) -> tuple[Column[int], ...]:
    """One column per level of care that had anybody; a row is the number of a day."""

    def of_level(counts: Iterable[int]) -> Callable[[int], int]:
        numbers = tuple(counts)
        return lambda row: numbers[row]

    return (
        Column("Day", lambda row: history.days[row].isoformat()),
        *(
            Column(level.label, of_level(history.counts[level]), align="end")
            for level in history.busy_levels
        ),
        Column("All levels", of_level(history.totals), align="end"),
        Column("Admitted", of_level(history.admitted), align="end"),
        Column("Discharged", of_level(history.discharged), align="end"),
    )


def history_rows(history: CensusSeries) -> list[list[object]]:
    """The numbers behind the picture, the latest day first."""
    shown = history_columns(history)
    return [[column.cell(row) for column in shown] for row in reversed(range(len(history.days)))]
