"""The names behind every number of the census."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa

from clinic.census.facts import (
    BED_LEVELS,
    CARE_LEVELS,
    EVERYBODY,
    SPLIT_AXES,
    Axis,
    Column,
    Flows,
    MoveKind,
    Movement,
    Person,
    Position,
    Slice,
    Standing,
    Vantage,
)
from clinic.census.facts.work import WorkList
from clinic.census.queries import slices
from clinic.census.queries.day import course_is_open, modality_label
from clinic.census.queries.replay import replay
from clinic.census.queries.standing import has_returned, standing
from clinic.census.queries.work import day_work
from clinic.core.errors import NotFound
from clinic.data.work import Work
from clinic.patients.facts import PersonName
from clinic.patients.models import Patient
from clinic.programs.facts import (
    LEVELS_OF_CARE,
    WAITING,
    CareState,
    DischargeReason,
    MedicationState,
)
from clinic.programs.models import CareTransition
from clinic.therapies.models import Course

Word = TypeVar("Word", bound=StrEnum)

_WHO = (
    Patient.id.label("patient_id"),
    Patient.code,
    Patient.family_name,
    Patient.given_names,
    Patient.preferred_name,
    Patient.birth_date,
)
_BY_NAME = (Patient.family_name, Patient.given_names, Patient.id)


@dataclass(frozen=True, slots=True)
class Number:
    """Which number of the page is asked for its names.

    ``column`` names a move of a line of any axis; ``part`` the slice it was counted in, ``at``
    the minute until which.
    """

    axis: Axis = Axis.IN_CARE
    value: str = ""
    column: Column = Column.TODAY
    part: Slice = EVERYBODY
    at: datetime | None = None

    @property
    def counts_moves(self) -> bool:
        """Counts what happened during the day, not who was there when it began or ended."""
        is_move = self.column not in {Column.YESTERDAY, Column.TODAY}
        return self.axis.counts_moves or is_move

    @property
    def is_replayed(self) -> bool:
        """The number was made by the replay, so its names are."""
        moved = self.column is not Column.TODAY
        return bool(self.part) or self.at is not None or moved or self.axis in _REPLAYED

    @property
    def title(self) -> str:
        """What it counts, in words; a counselor's name is not known here."""
        if self.axis is Axis.WORK:
            return _word(WorkList, self.value).label
        if self.axis in _REPLAYED:
            named = slices.labels(self.axis).get(self.value, "")
            words = f"{self.axis.label}: {named}" if named else self.axis.label
        else:
            words = title(self.axis, value=self.value)
        return words if self.column is Column.TODAY else f"{self.column.label}: {words.lower()}"


_REPLAYED = frozenset(
    {Axis.UNIT, Axis.COUNSELOR, Axis.PAYER, Axis.SEX, Axis.AGE, Axis.PREGNANT, Axis.WORK}
)
_MOVE_COLUMNS = {
    Axis.ADMITTED: Column.ADMITTED,
    Axis.READMITTED: Column.ADMITTED,
    Axis.TRANSFERRED_IN: Column.TRANSFERRED_IN,
    Axis.TRANSFERRED_OUT: Column.TRANSFERRED_OUT,
    Axis.DISCHARGED: Column.DISCHARGED,
    Axis.REASON: Column.DISCHARGED,
}


def people_of(work: Work, *, day: date, number: Number) -> list[Person]:
    """Whom any number of the morning page counts, by name.

    Raises: NotFound when the axis has no such value.
    """
    if not number.is_replayed:
        return people_in(work, day=day, axis=number.axis, value=number.value)
    found = replay(work, vantage=Vantage(day, at=number.at))
    if number.counts_moves:
        return _moved_people(work, found, number)
    there = found.before if number.column is Column.YESTERDAY else found.after
    if number.axis is Axis.WORK:
        listed = day_work(work, day=day, found=found, part=number.part)
        ids = listed.lists[_word(WorkList, number.value)]
        places = {one.patient_id: one for one in there if one.patient_id in ids}
        return _named(work, {patient_id: places.get(patient_id) for patient_id in ids})
    counted = {one.patient_id: one for one in there if _counts(number, one.position)}
    return _named(work, counted)


def _counts(number: Number, position: Position) -> bool:
    if not number.part.holds(position):
        return False
    if number.axis is Axis.WAITING:
        return position.waits
    if number.axis is Axis.BEDS:
        return position.state in BED_LEVELS
    if number.axis is Axis.IN_CARE or not number.value:
        return position.in_care
    return position.in_care and number.value in position.values(number.axis)


def _moved_people(work: Work, found: Flows, number: Number) -> list[Person]:
    column = _MOVE_COLUMNS.get(number.axis, number.column)
    axis = Axis.LEVEL if number.axis.counts_moves else number.axis
    value = "" if number.axis is Axis.REASON else number.value
    if axis not in SPLIT_AXES:
        axis = Axis.LEVEL
    steps = slices.counted_steps(found, column, axis=axis, value=value, part=number.part)
    if number.axis in {Axis.REASON, Axis.READMITTED}:
        like = people_in(work, day=found.vantage.day, axis=number.axis, value=number.value)
        meant = {one.patient_id for one in like}
        steps = [step for step in steps if step.patient_id in meant]
    who = {one.patient_id: one for one in _named(work, dict.fromkeys(s.patient_id for s in steps))}
    people = [
        replace(
            who[step.patient_id],
            state=step.after.state,
            since=step.service_date,
            medication=step.after.medication,
            came_from=step.before.state,
        )
        for step in steps
    ]
    return sorted(people, key=lambda one: (one.name.listed, one.code))


def _named(work: Work, places: Mapping[UUID, Standing | None]) -> list[Person]:
    rows = work.session.execute(sa.select(*_WHO).where(Patient.id.in_(places)).order_by(*_BY_NAME))
    people = []
    for row in rows:
        place = places[row.patient_id]
        people.append(
            Person(
                patient_id=row.patient_id,
                code=row.code,
                name=PersonName(row.family_name, row.given_names, row.preferred_name),
                birth_date=row.birth_date,
                state=place.position.state if place else None,
                since=place.since if place else None,
                medication=place.position.medication if place else MedicationState.NONE,
            )
        )
    return people


def people_in(work: Work, *, day: date, axis: Axis, value: str = "") -> list[Person]:
    """Whom a number of ``census_on`` counts, by name; one statement.

    Shape: as many as the number says. An axis of moves names a patient once for each move;
    ``value`` is then the level of care, or empty for all of them.
    Raises: NotFound when the axis has no such value.
    """
    if axis.counts_moves:
        counts = _counts_move(axis, value)
        return [_moved(move) for move in movements(work, day=day) if counts(move)]
    where = standing(work, day=day)
    rows = work.session.execute(
        sa.select(*_WHO, where.c.state, where.c.since, where.c.medication)
        .join(where, where.c.patient_id == Patient.id)
        .where(_counts_person(work, where, day=day, axis=axis, value=value))
        .order_by(*_BY_NAME)
    )
    return [
        Person(
            patient_id=row.patient_id,
            code=row.code,
            name=PersonName(row.family_name, row.given_names, row.preferred_name),
            birth_date=row.birth_date,
            state=row.state,
            since=row.since,
            medication=row.medication or MedicationState.NONE,
        )
        for row in rows
    ]


def movements(work: Work, *, day: date) -> list[Movement]:
    """Every move of a service date in the order it happened; one statement."""
    rows = work.session.execute(
        sa.select(
            *_WHO,
            CareTransition.service_date,
            CareTransition.occurred_at,
            CareTransition.from_state,
            CareTransition.to_state,
            CareTransition.discharge_reason,
            CareTransition.recorded_by_name,
            CareTransition.recorded_at,
            has_returned().label("returned"),
        )
        .join(Patient, Patient.id == CareTransition.patient_id)
        .where(CareTransition.site_id == work.site.id, CareTransition.service_date == day)
        .order_by(CareTransition.occurred_at, CareTransition.sequence, CareTransition.id)
    )
    return [
        Movement(
            patient_id=row.patient_id,
            code=row.code,
            name=PersonName(row.family_name, row.given_names, row.preferred_name),
            birth_date=row.birth_date,
            service_date=row.service_date,
            occurred_at=row.occurred_at,
            from_state=row.from_state,
            to_state=row.to_state,
            reason=row.discharge_reason,
            returned=bool(row.returned),
            recorded_by_name=row.recorded_by_name,
            recorded_later=work.site.service_date(row.recorded_at) > day,
        )
        for row in rows
    ]


def title(axis: Axis, *, value: str = "") -> str:
    """What a number counts, in words: ``Transferred in: Outpatient (1)``.

    Raises: NotFound when the axis has no such value.
    """
    if axis is Axis.MODALITY:
        return modality_label(value)
    if axis is Axis.MEDICATION:
        return _word(MedicationState, value).label
    if axis is Axis.REASON:
        return f"{Axis.DISCHARGED.label}: {_word(DischargeReason, value).label.lower()}"
    if axis is Axis.LEVEL:
        return _level(value).label
    return f"{axis.label}: {_level(value).label}" if value else axis.label


def _counts_person(
    work: Work, where: sa.Subquery, *, day: date, axis: Axis, value: str
) -> sa.ColumnElement[bool]:
    if axis is Axis.WAITING:
        return where.c.state.in_(WAITING)
    if axis is Axis.LEVEL:
        return where.c.state == _level(value)
    if axis is Axis.BEDS:
        return where.c.state.in_(BED_LEVELS)
    in_care = where.c.state.in_(CARE_LEVELS)
    if axis is Axis.MEDICATION:
        medication = _word(MedicationState, value)
        return sa.and_(
            in_care, sa.func.coalesce(where.c.medication, MedicationState.NONE) == medication
        )
    if axis is Axis.MODALITY:
        return sa.and_(
            in_care,
            sa.exists().where(
                course_is_open(work, day=day),
                Course.episode_id == where.c.episode_id,
                Course.modality == value,
            ),
        )
    return in_care


def _counts_move(axis: Axis, value: str) -> Callable[[Movement], bool]:
    if axis is Axis.REASON:
        reason = _word(DischargeReason, value)
        return lambda move: move.kind is MoveKind.DISCHARGE and move.reason is reason
    kind = {
        Axis.ADMITTED: MoveKind.ADMISSION,
        Axis.READMITTED: MoveKind.ADMISSION,
        Axis.DISCHARGED: MoveKind.DISCHARGE,
    }.get(axis, MoveKind.TRANSFER)
    level = _level(value) if value else None
    leaving = axis in {Axis.DISCHARGED, Axis.TRANSFERRED_OUT}

    def counts(move: Movement) -> bool:
        of_level = level in (None, move.from_state if leaving else move.to_state)
        again = axis is not Axis.READMITTED or move.returned
        return move.kind is kind and of_level and again

    return counts


def _moved(move: Movement) -> Person:
    return Person(
        patient_id=move.patient_id,
        code=move.code,
        name=move.name,
        birth_date=move.birth_date,
        state=move.to_state,
        since=move.service_date,
        came_from=move.from_state,
        reason=move.reason,
    )


def _level(value: str) -> CareState:
    level = _word(CareState, value)
    if level not in LEVELS_OF_CARE:
        raise NotFound("level of care")
    return level


def _word(words: type[Word], value: str) -> Word:
    try:
        return words(value)
    except ValueError:
        raise NotFound(words.__name__) from None
