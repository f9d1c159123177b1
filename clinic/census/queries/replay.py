"""Every episode on every axis, when days begin and end, and what changed between: the replay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.census.facts import NOT_RECORDED, Flows, Position, Standing, Step, Vantage, age_band
from clinic.census.queries.standing import happened, standing
from clinic.core.service_dates import ONE_DAY
from clinic.data.work import Work
from clinic.patients.facts import PayerKind
from clinic.patients.models import Coverage, Patient
from clinic.programs.facts import CareState, MedicationState
from clinic.programs.models import (
    CareTransition,
    Episode,
    EpisodeParticulars,
    MedicationTransition,
)
from clinic.staff.models import UserAccount
from clinic.therapies.models import Course

_DAY_BEGINS, _DURING, _DAY_ENDS = range(3)
_BEFORE_MOVES, _MOVES, _AFTER_MOVES = range(3)
"""At one instant: what is known of somebody stands when they enter, and goes after they left."""


@dataclass(frozen=True, slots=True)
class _Fact:
    """One recorded change, and where it stands in the order of things."""

    service_date: date
    phase: int
    at: datetime
    turn: int
    sequence: int
    changes: Mapping[str, Any]
    from_state: CareState | None = None
    is_move: bool = False

    @property
    def order(self) -> tuple[Any, ...]:
        return (self.service_date, self.phase, self.at, self.turn, self.sequence)


@dataclass(frozen=True, slots=True)
class _Course:
    modality: str
    starts_on: date
    ended_on: date | None

    def runs_after(self, day: date) -> bool:
        return self.starts_on <= day and (self.ended_on is None or self.ended_on > day)

    def runs_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ended_on is None or self.ended_on >= day)


_Facts = defaultdict[UUID, list[_Fact]]
_Courses = Mapping[UUID, list[_Course]]


def replay(work: Work, *, vantage: Vantage, first: date | None = None) -> Flows:
    """Every position before ``first`` (the day itself unless told) and after the day, and between.

    Invariant: the positions after are read, not replayed. Eight statements however many patients.
    """
    first = first or vantage.day
    start = replace(vantage, day=first - ONE_DAY, at=None)
    courses = _courses(work, vantage=vantage, first=first)
    opening = _rows(work, start)
    closing = _rows(work, vantage)
    facts = _facts_of(work, vantage=vantage, first=first)
    _add_payers(work, facts, opening, vantage=vantage, first=first)
    for episode_id, found in courses.items():
        facts[episode_id] += _course_facts(work, found, first=first, until=vantage.day)
    _add_birthdays(work, facts, opening, first=first, until=vantage.day)
    by_episode = {row.episode_id: row for row in opening}
    steps = [
        step
        for episode_id, changes in facts.items()
        if (row := by_episode.get(episode_id)) is not None
        for step in _replay(row, _position(row, courses, day=start.day), changes)
    ]
    counselors = {row.counselor_id for row in (*opening, *closing)} - {None}
    counselors |= {
        fact.changes["counselor"]
        for changes in facts.values()
        for fact in changes
        if "counselor" in fact.changes
    } - {NOT_RECORDED}
    return Flows(
        vantage=vantage,
        before=_standings(opening, courses, day=start.day),
        steps=tuple(sorted(steps, key=lambda step: step.service_date)),
        after=_standings(closing, courses, day=vantage.day),
        names=_names(work, {UUID(str(one)) for one in counselors}),
    )


def _rows(work: Work, vantage: Vantage) -> list[Any]:
    where = standing(work, day=vantage.day, at=vantage.at, known_by=vantage.known_by)
    valid = _valid(vantage.known_by)
    payer = (
        sa.select(Coverage.payer)
        .where(
            Coverage.organization_id == work.site.organization_id,
            Coverage.patient_id == where.c.patient_id,
            Coverage.starts_on <= vantage.day,
            sa.or_(_end(vantage.known_by).is_(None), _end(vantage.known_by) > vantage.day),
            valid,
        )
        .order_by(Coverage.starts_on.desc())
        .limit(1)
        .correlate(where)
        .scalar_subquery()
    )
    last = EpisodeParticulars
    return list(
        work.session.execute(
            sa.select(
                where.c.episode_id,
                where.c.patient_id,
                where.c.state,
                where.c.since,
                where.c.medication,
                sa.case((last.id.is_(None), Episode.counselor_id), else_=last.counselor_id).label(
                    "counselor_id"
                ),
                last.unit,
                sa.case((last.id.is_(None), Episode.pregnant), else_=last.pregnant).label(
                    "pregnant"
                ),
                Patient.sex,
                Patient.birth_date,
                payer.label("payer"),
            )
            .join(Episode, Episode.id == where.c.episode_id)
            .join(Patient, Patient.id == where.c.patient_id)
            .outerjoin(
                last,
                sa.and_(
                    last.site_id == work.site.id,
                    last.episode_id == where.c.episode_id,
                    last.sequence == where.c.particulars,
                ),
            )
        )
    )


def _end(known_by: datetime | None) -> sa.ColumnElement[Any]:
    if known_by is None:
        return sa.type_coerce(Coverage.ends_on, sa.Date)
    return sa.case((Coverage.end_recorded_at <= known_by, Coverage.ends_on))


def _valid(known_by: datetime | None) -> sa.ColumnElement[bool]:
    if known_by is None:
        return Coverage.voided_at.is_(None)
    return sa.and_(
        Coverage.recorded_at <= known_by,
        sa.or_(Coverage.voided_at.is_(None), Coverage.voided_at > known_by),
    )


def _position(row: Any, courses: _Courses, *, day: date) -> Position:
    return Position(
        state=row.state,
        medication=row.medication or MedicationState.NONE,
        modalities=frozenset(
            one.modality for one in courses.get(row.episode_id, ()) if one.runs_after(day)
        ),
        unit=row.unit or NOT_RECORDED,
        counselor=str(row.counselor_id or NOT_RECORDED),
        payer=_word(row.payer),
        sex=row.sex.value,
        age=age_band(row.birth_date, on=day),
        pregnant=bool(row.pregnant),
    )


def _word(payer: PayerKind | None) -> str:
    return payer.value if payer else NOT_RECORDED


def _standings(rows: list[Any], courses: _Courses, *, day: date) -> tuple[Standing, ...]:
    return tuple(
        Standing(row.episode_id, row.patient_id, row.since, _position(row, courses, day=day))
        for row in rows
        if row.state is not None
    )


def _facts_of(work: Work, *, vantage: Vantage, first: date) -> _Facts:
    facts: _Facts = defaultdict(list)
    for row in _between(work, CareTransition, vantage=vantage, first=first):
        facts[row.episode_id].append(
            _Fact(
                *_when(row, _MOVES),
                changes={"state": row.to_state},
                from_state=row.from_state,
                is_move=True,
            )
        )
    for row in _between(work, MedicationTransition, vantage=vantage, first=first):
        ends = row.to_medication is MedicationState.NONE
        turn = _AFTER_MOVES if ends else _BEFORE_MOVES
        facts[row.episode_id].append(
            _Fact(*_when(row, turn), changes={"medication": row.to_medication})
        )
    for row in _between(work, EpisodeParticulars, vantage=vantage, first=first):
        changes = {
            "unit": row.unit or NOT_RECORDED,
            "counselor": str(row.counselor_id or NOT_RECORDED),
            "pregnant": row.pregnant,
        }
        facts[row.episode_id].append(_Fact(*_when(row, _BEFORE_MOVES), changes=changes))
    return facts


def _when(row: Any, turn: int) -> tuple[date, int, datetime, int, int]:
    return (row.service_date, _DURING, row.occurred_at, turn, row.sequence)


def _between(work: Work, table: Any, *, vantage: Vantage, first: date) -> Iterator[Any]:
    yield from work.session.execute(
        sa.select(*table.__table__.c).where(
            table.site_id == work.site.id,
            table.service_date >= first,
            happened(table, vantage.day, at=vantage.at, known_by=vantage.known_by),
        )
    )


def _add_payers(
    work: Work, facts: _Facts, rows: list[Any], *, vantage: Vantage, first: date
) -> None:
    """Who pays changes when a day begins: on the first day of a coverage, or the first without."""
    end = _end(vantage.known_by)
    found = work.session.execute(
        sa.select(Coverage.patient_id, Coverage.payer, Coverage.starts_on, end.label("ends_on"))
        .where(
            Coverage.organization_id == work.site.organization_id,
            _valid(vantage.known_by),
            sa.or_(Coverage.starts_on.between(first, vantage.day), end.between(first, vantage.day)),
        )
        .order_by(Coverage.starts_on)
    )
    turns: defaultdict[UUID, dict[date, str]] = defaultdict(dict)
    for row in found:
        if row.ends_on is not None and first <= row.ends_on <= vantage.day:
            turns[row.patient_id].setdefault(row.ends_on, NOT_RECORDED)
        if first <= row.starts_on <= vantage.day:
            turns[row.patient_id][row.starts_on] = row.payer.value
    for row in rows:
        for day, payer in turns.get(row.patient_id, {}).items():
            facts[row.episode_id].append(_dated(work, day, _DAY_BEGINS, payer=payer))


def _dated(work: Work, day: date, phase: int, **changes: Any) -> _Fact:
    return _Fact(day, phase, work.site.day_start(day), _BEFORE_MOVES, 0, changes=changes)


def _add_birthdays(work: Work, facts: _Facts, rows: list[Any], *, first: date, until: date) -> None:
    for row in rows:
        band = age_band(row.birth_date, on=first - ONE_DAY)
        if band == age_band(row.birth_date, on=until):
            continue
        day = first
        while age_band(row.birth_date, on=day) == band:
            day += ONE_DAY
        fact = _dated(work, day, _DAY_BEGINS, age=age_band(row.birth_date, on=day))
        facts[row.episode_id].append(fact)


def _courses(work: Work, *, vantage: Vantage, first: date) -> _Courses:
    known = [] if vantage.known_by is None else [Course.recorded_at <= vantage.known_by]
    found: defaultdict[UUID, list[_Course]] = defaultdict(list)
    for row in work.session.execute(
        sa.select(Course.episode_id, Course.modality, Course.starts_on, Course.ended_on).where(
            Course.site_id == work.site.id,
            Course.starts_on <= vantage.day,
            sa.or_(Course.ended_on.is_(None), Course.ended_on >= first),
            *known,
        )
    ):
        found[row.episode_id].append(_Course(row.modality, row.starts_on, row.ended_on))
    return found


def _course_facts(
    work: Work, courses: list[_Course], *, first: date, until: date
) -> Iterator[_Fact]:
    """A course begins with its first day and is over when its last one is."""
    for day in {one.starts_on for one in courses if first <= one.starts_on <= until}:
        there = frozenset(one.modality for one in courses if one.runs_on(day))
        yield _dated(work, day, _DAY_BEGINS, modalities=there)
    for day in {one.ended_on for one in courses if one.ended_on and first <= one.ended_on <= until}:
        left = frozenset(one.modality for one in courses if one.runs_after(day))
        yield _dated(work, day, _DAY_ENDS, modalities=left)


def _replay(row: Any, position: Position, facts: list[_Fact]) -> Iterator[Step]:
    for fact in sorted(facts, key=lambda one: one.order):
        before = replace(position, state=fact.from_state) if fact.is_move else position
        position = replace(before, **fact.changes)
        if position != before:
            yield Step(row.episode_id, row.patient_id, fact.service_date, before, position)


def _names(work: Work, counselors: set[UUID]) -> dict[str, str]:
    rows = work.session.execute(
        sa.select(UserAccount.id, UserAccount.display_name).where(UserAccount.id.in_(counselors))
    )
    return {str(user_id): name for user_id, name in rows}
