"""The names behind every number of the census."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import TypeVar

import sqlalchemy as sa

from clinic.census.facts import BED_LEVELS, CARE_LEVELS, Axis, MoveKind, Movement, Person
from clinic.census.queries.day import course_is_open, modality_label
from clinic.census.queries.standing import has_returned, standing
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
