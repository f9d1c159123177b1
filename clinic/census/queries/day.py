"""The census of one clinic day and of a run of them, derived from the transitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from clinic.census.facts import (
    CARE_LEVELS,
    CensusDay,
    CensusSeries,
    Counts,
    DoseCount,
    Group,
    LevelLine,
    MoveCount,
    MoveKind,
)
from clinic.census.models import CensusSnapshot
from clinic.census.queries.standing import has_returned, standing
from clinic.core.service_dates import ONE_DAY
from clinic.data.work import Work
from clinic.dosing.models import Dose, DoseVoid, MedicationOrder
from clinic.programs.facts import (
    LEVELS_OF_CARE,
    WAITING,
    CareState,
    DischargeReason,
    MedicationState,
)
from clinic.programs.models import CareTransition
from clinic.sites.queries import closed_dates
from clinic.stock.facts import Form
from clinic.therapies.catalogue import CATALOGUE
from clinic.therapies.models import Course


def census_on(work: Work, *, day: date) -> CensusDay:
    """Who is in care at the end of a service date, and the moves that led there.

    Invariant: a past day answers the same whenever it is asked, until somebody records a fact
    of that day. Yesterday, the moves and today are three reads; four statements in all.
    Source: clinical-rules 5.2 (three axes), 8.4.
    """
    before = _states(_standing_counts(work, day=day - ONE_DAY))
    moves = _moves(work, first=day, until=day + ONE_DAY, told_apart=True)
    now = _standing_counts(work, day=day)
    states = _states(now)
    return CensusDay(
        day=day,
        levels=tuple(
            LevelLine.of(level, yesterday=before[level], moves=moves, today=states[level])
            for level in CARE_LEVELS
        ),
        medications=_medications(now),
        modalities=_modalities(work, day=day),
        discharge_reasons=_reasons(moves),
        readmitted=sum(move.count for move in moves if move.returned),
        waiting=sum(states[state] for state in WAITING),
    )


def series(work: Work, *, first: date, until: date) -> CensusSeries:
    """The census at the end of each day of ``[first, until)``, by level of care.

    Two statements however long: the first evening, and the moves since. The cost follows the
    transitions in the window, not days times patients.
    """
    standing_then = _states(_standing_counts(work, day=first - ONE_DAY))
    moves = _moves(work, first=first, until=until)
    days = tuple(first + timedelta(days=offset) for offset in range((until - first).days))
    change: Counter[tuple[CareState, date]] = Counter()
    admitted: Counter[date] = Counter()
    discharged: Counter[date] = Counter()
    for move in moves:
        change[move.to_state, move.service_date] += move.count
        if move.from_state is not None:
            change[move.from_state, move.service_date] -= move.count
        admitted[move.service_date] += move.count * (move.kind is MoveKind.ADMISSION)
        discharged[move.service_date] += move.count * (move.kind is MoveKind.DISCHARGE)
    counts: dict[CareState, list[int]] = {}
    for level in CARE_LEVELS:
        running = standing_then[level]
        counts[level] = [running := running + change[level, day] for day in days]
    return CensusSeries(
        days=days,
        counts=counts,
        admitted=[admitted[day] for day in days],
        discharged=[discharged[day] for day in days],
    )


def doses_on(work: Work, *, day: date) -> DoseCount:
    """Patients who took a dose that service date, of those expected to.

    Expected is whoever had an order in force or took a dose. An order expects nobody on a day
    the site is closed, and an injection is no daily dose.
    """
    given = sa.select(Dose.patient_id).where(
        Dose.site_id == work.site.id,
        Dose.service_date == day,
        ~sa.exists().where(DoseVoid.site_id == Dose.site_id, DoseVoid.dose_id == Dose.id),
    )
    ordered = sa.select(MedicationOrder.patient_id).where(
        MedicationOrder.site_id == work.site.id,
        MedicationOrder.starts_on <= day,
        sa.or_(MedicationOrder.ends_on.is_(None), MedicationOrder.ends_on > day),
        MedicationOrder.form != Form.INJECTION,
    )
    is_closed = day in closed_dates(work, first=day, until=day + ONE_DAY)
    expected = given.distinct() if is_closed else given.union(ordered)
    row = work.session.execute(
        sa.select(_how_many(given.distinct()).label("given"), _how_many(expected).label("expected"))
    ).one()
    return DoseCount(expected=row.expected, given=row.given)


def _how_many(patients: sa.SelectBase) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(patients.subquery()).scalar_subquery()


def snapshots(work: Work, *, first: date, until: date) -> dict[date, tuple[datetime, Counts]]:
    """What was written down of each day in ``[first, until)``, and when."""
    rows = work.session.execute(
        sa.select(CensusSnapshot.service_date, CensusSnapshot.taken_at, CensusSnapshot.counts)
        .where(
            CensusSnapshot.site_id == work.site.id,
            CensusSnapshot.service_date >= first,
            CensusSnapshot.service_date < until,
        )
        .order_by(CensusSnapshot.service_date)
    )
    return {row.service_date: (row.taken_at, row.counts) for row in rows}


def modality_label(code: str) -> str:
    """The name of a treatment; a code the catalogue has lost still shows."""
    entry = CATALOGUE.get(code)
    return entry.name if entry else code


_Standing = Mapping[tuple[CareState, MedicationState], int]


def _standing_counts(work: Work, *, day: date) -> _Standing:
    where = standing(work, day=day)
    rows = work.session.execute(
        sa.select(where.c.state, where.c.medication, sa.func.count())
        .where(where.c.state.is_not(None))
        .group_by(where.c.state, where.c.medication)
    )
    counts: Counter[tuple[CareState, MedicationState]] = Counter()
    for state, medication, count in rows:
        counts[state, medication or MedicationState.NONE] += count
    return counts


def _states(counts: _Standing) -> Counter[CareState]:
    states: Counter[CareState] = Counter()
    for (state, _), count in counts.items():
        states[state] += count
    return states


def _medications(counts: _Standing) -> tuple[Group, ...]:
    medications: Counter[MedicationState] = Counter()
    for (state, medication), count in counts.items():
        medications[medication] += count * (state in LEVELS_OF_CARE)
    return tuple(
        Group(medication.value, medication.label, medications[medication])
        for medication in MedicationState
        if medications[medication]
    )


def _modalities(work: Work, *, day: date) -> tuple[Group, ...]:
    where = standing(work, day=day)
    rows = work.session.execute(
        sa.select(Course.modality, sa.func.count(Course.patient_id.distinct()))
        .join(where, where.c.episode_id == Course.episode_id)
        .where(course_is_open(work, day=day), where.c.state.in_(CARE_LEVELS))
        .group_by(Course.modality)
    )
    groups = [Group(code, modality_label(code), count) for code, count in rows]
    return tuple(sorted(groups, key=lambda group: group.label))


def course_is_open(work: Work, *, day: date) -> sa.ColumnElement[bool]:
    """The course runs at the end of ``day``."""
    return sa.and_(
        Course.site_id == work.site.id,
        Course.starts_on <= day,
        sa.or_(Course.ended_on.is_(None), Course.ended_on > day),
    )


def _moves(
    work: Work, *, first: date, until: date, told_apart: bool = False
) -> tuple[MoveCount, ...]:
    reason = CareTransition.discharge_reason if told_apart else sa.null()
    returned = has_returned() if told_apart else sa.false()
    moves = (
        sa.select(
            CareTransition.service_date,
            CareTransition.from_state,
            CareTransition.to_state,
            reason.label("reason"),
            returned.label("returned"),
        )
        .where(
            CareTransition.site_id == work.site.id,
            CareTransition.service_date >= first,
            CareTransition.service_date < until,
        )
        .subquery("moves")
    )
    rows = work.session.execute(
        sa.select(*moves.c, sa.func.count().label("how_many")).group_by(*moves.c)
    )
    return tuple(
        MoveCount(
            service_date=row.service_date,
            from_state=row.from_state,
            to_state=row.to_state,
            count=row.how_many,
            reason=row.reason,
            returned=bool(row.returned),
        )
        for row in rows
    )


def _reasons(moves: Iterable[MoveCount]) -> tuple[Group, ...]:
    counts: Counter[DischargeReason] = Counter()
    for move in moves:
        if move.kind is MoveKind.DISCHARGE and move.reason is not None:
            counts[move.reason] += move.count
    return tuple(
        Group(reason.value, reason.label, counts[reason])
        for reason in DischargeReason
        if counts[reason]
    )
