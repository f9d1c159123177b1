"""Answering a question of the query page: at once within a second, or part by part.

A part is a range of patients. Parts share nobody, so that counts of patients add up, and each
is found by the index on the patient.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeAlias
from uuid import UUID

import sqlalchemy as sa

from clinic.census.facts.questions import (
    ANSWER_WITHIN_SECONDS,
    FIELDS,
    PATIENTS,
    ROWS_MAX,
    Answer,
    Cell,
    Comparison,
    Field,
    Filter,
    GroupBy,
    Grouping,
    Question,
    RowKind,
    Show,
    plain_number,
)
from clinic.census.queries.sources import Expression, Source, source
from clinic.census.rules.questions import without_small_groups
from clinic.core.permissions import Permission
from clinic.core.rates import rounded
from clinic.data.limits import StatementStopped, time_limit
from clinic.data.work import Work
from clinic.patients.models import Patient

PARTS = 40
PART_WITHIN_SECONDS = 20.0
_MONTH_DIGITS = 7
_YEAR_DIGITS = 4

Key: TypeAlias = tuple[Any, ...]


@dataclass(slots=True)
class Tally:
    """What is known of one group so far."""

    rows: int = 0
    patients: int = 0
    total: int = 0
    numbers: int = 0


@dataclass(slots=True)
class Gathering:
    """An answer in the making, part by part.

    Shape: ``names`` says that the reader may see names; without them rows are only counted.
    """

    question: Question
    names: bool
    tallies: dict[Key, Tally] = field(default_factory=dict)
    listed: list[Any] = field(default_factory=list)

    @property
    def lists(self) -> bool:
        return self.names and self.question.lists_rows

    @property
    def rows_done(self) -> int:
        return len(self.listed) + sum(tally.rows for tally in self.tallies.values())

    def add(self, found: Iterable[Any]) -> None:
        if self.lists:
            newest_first = sorted([*self.listed, *found], key=lambda row: row.newest, reverse=True)
            self.listed = newest_first[: ROWS_MAX + 1]
            return
        width = len(self.question.groups)
        for row in found:
            tally = self.tallies.setdefault(tuple(row[:width]), Tally())
            tally.rows += row.how_many
            tally.patients += row.patients
            tally.total += int(row.total or 0)
            tally.numbers += row.numbers

    def answer(self) -> Answer:
        """The table. Groups of few patients are withheld from whoever may not see names."""
        if self.lists:
            return _listed(self.question, self.listed)
        counted = _counted(self.question, self.tallies)
        return counted if self.names else without_small_groups(counted)


def gathering(work: Work, *, question: Question) -> Gathering:
    """An answer nothing is gathered for yet, for whoever works."""
    return Gathering(question, names=work.actor.may(Permission.VIEW_CHART))


def answer(work: Work, *, question: Question) -> Answer | None:
    """The answer in one statement; None when it would take longer than a page may wait.

    Invariant: after None the work is good for nothing more.
    """
    made = gathering(work, question=question)
    try:
        with time_limit(work.session.connection(), seconds=ANSWER_WITHIN_SECONDS):
            made.add(_found(work, made))
    except StatementStopped:
        return None
    return made.answer()


def parts(work: Work) -> list[tuple[UUID | None, UUID | None]]:
    """Ranges of patients, about as many in each, that together hold everybody."""
    people = work.session.scalars(
        sa.select(Patient.id)
        .where(Patient.organization_id == work.site.organization_id)
        .order_by(Patient.id)
    ).all()
    step = max(1, len(people) // PARTS)
    bounds: list[UUID | None] = [None, *people[step::step], None]
    return list(pairwise(bounds))


def gather(
    work: Work,
    made: Gathering,
    *,
    part: tuple[UUID | None, UUID | None],
    known_as: UUID,
) -> None:
    """Add one part.

    Raises: StatementStopped when it took too long or was stopped under ``known_as``.
    """
    limit = time_limit(work.session.connection(), seconds=PART_WITHIN_SECONDS, known_as=known_as)
    with limit:
        made.add(_found(work, made, part=part))


def _found(
    work: Work, made: Gathering, *, part: tuple[UUID | None, UUID | None] = (None, None)
) -> Sequence[Any]:
    at = source(work, made.question.rows)
    shown = _row_columns(made.question, at) if made.lists else _group_columns(made.question, at)
    least, before = part
    statement = (
        sa.select(*shown)
        .select_from(at.tables)
        .where(*at.scope, *(_holds(at, one) for one in made.question.filters))
    )
    if least is not None:
        statement = statement.where(Patient.id >= least)
    if before is not None:
        statement = statement.where(Patient.id < before)
    if made.lists:
        statement = statement.order_by(at.newest.desc(), Patient.id).limit(ROWS_MAX + 1)
    else:
        # by position: a bound value repeated in GROUP BY is another expression to PostgreSQL
        places = range(1, len(made.question.groups) + 1)
        statement = statement.group_by(*(sa.literal_column(str(place)) for place in places))
    return work.session.execute(statement).all()


def _row_columns(question: Question, at: Source) -> list[Expression]:
    return [
        at.newest.label("newest"),
        Patient.id.label("patient_id"),
        Patient.code,
        Patient.family_name,
        Patient.given_names,
        *(at.fields[one.name].label(f"field_{one.name}") for one in FIELDS[question.rows]),
    ]


def _group_columns(question: Question, at: Source) -> list[Expression]:
    number = sa.null() if question.of is None else at.fields[question.of.name]
    return [
        *(_grouped(at, group) for group in question.groups),
        sa.func.count().label("how_many"),
        sa.func.count(Patient.id.distinct()).label("patients"),
        sa.func.sum(sa.cast(number, sa.BigInteger)).label("total"),
        sa.func.count(number).label("numbers"),
    ]


def _grouped(at: Source, group: GroupBy) -> Expression:
    column = at.fields[group.field.name]
    if group.part is Grouping.VALUE:
        return column
    digits = _MONTH_DIGITS if group.part is Grouping.MONTH else _YEAR_DIGITS
    return sa.func.substr(sa.cast(column, sa.Text), 1, digits)


def _holds(at: Source, one: Filter) -> sa.ColumnElement[bool]:
    column, value = at.fields[one.field.name], one.value
    if isinstance(value, bool):
        return column.is_(sa.true()) if value else column.is_not(sa.true())
    if one.comparison is Comparison.IS:
        return column == value
    if one.comparison is Comparison.IS_NOT:
        return sa.or_(column != value, column.is_(None))
    if one.comparison is Comparison.BEFORE:
        return column < value
    return column <= value if one.comparison is Comparison.AT_MOST else column >= value


def _listed(question: Question, rows: Sequence[Any]) -> Answer:
    fields = FIELDS[question.rows]
    shown = rows[:ROWS_MAX]
    return Answer(
        labels=("Patient", "Code", *(_with_unit(one) for one in fields)),
        rows=tuple(
            (
                f"{row.family_name}, {row.given_names}",
                row.code,
                *(one.reads(getattr(row, f"field_{one.name}")) for one in fields),
            )
            for row in shown
        ),
        people=tuple(str(row.patient_id) for row in shown),
        is_cut=len(rows) > ROWS_MAX,
    )


def _counted(question: Question, tallies: dict[Key, Tally]) -> Answer:
    in_order = sorted(tallies.items(), key=lambda item: _order(question.groups, item[0]))
    labels = [*(group.label for group in question.groups), question.rows.label, PATIENTS]
    if question.of is not None:
        labels.append(f"{question.show.label} of {_with_unit(question.of).lower()}")
    rows = tuple(
        (*_keys(question.groups, key), *_numbers(question, tally)) for key, tally in in_order
    )
    return Answer(
        labels=tuple(dict.fromkeys(labels)),
        rows=rows[:ROWS_MAX],
        is_cut=len(rows) > ROWS_MAX,
    )


def _numbers(question: Question, tally: Tally) -> tuple[Cell, ...]:
    counted: tuple[Cell, ...] = (tally.rows, tally.patients)
    if question.rows is RowKind.PATIENTS:
        counted = (tally.patients,)
    if question.of is None:
        return counted
    if question.show is Show.SUM:
        return (*counted, plain_number(Decimal(tally.total) / question.of.scale))
    if not tally.numbers:
        return (*counted, None)
    mean = Fraction(tally.total, tally.numbers * question.of.scale)
    return (*counted, float(rounded(mean, places=2)))


def _keys(groups: Sequence[GroupBy], key: Key) -> list[Cell]:
    return [
        str(value)
        if value is not None and group.part is not Grouping.VALUE
        else group.field.reads(value) or "None"
        for group, value in zip(groups, key, strict=True)
    ]


def _order(groups: Sequence[GroupBy], key: Key) -> list[tuple[int, str]]:
    """Choices in the order of the catalogue, dates as the calendar has them, nothing last."""
    found = []
    for group, value in zip(groups, key, strict=True):
        choices = [choice for choice, _ in group.field.choices]
        place = choices.index(str(value)) if str(value) in choices else len(choices)
        found.append((place + (value is None), str(value)))
    return found


def _with_unit(one: Field) -> str:
    return f"{one.label}, {one.unit}" if one.unit else one.label
