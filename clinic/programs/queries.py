"""Care over time as the house reads it: where a patient stands, how they got there, who waits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import zip_longest
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core.errors import NotFound
from clinic.data.work import Work
from clinic.patients import queries as patients
from clinic.patients.facts import Banner, PersonName
from clinic.patients.models import Patient
from clinic.programs.facts import (
    CARE_STATE_KINDS,
    EMERGENCY,
    LEVELS_OF_CARE,
    WAITING,
    Bar,
    Capacity,
    CareState,
    EncounterFacts,
    EpisodeFacts,
    Lane,
    Mark,
    MedicationState,
    Particulars,
    Pathway,
    PriorityTerms,
    Standing,
    Transition,
    Waiting,
)
from clinic.programs.models import (
    CareTransition,
    Encounter,
    Episode,
    EpisodeParticulars,
    MedicationTransition,
)
from clinic.programs.rules import waiting as waiting_rules
from clinic.programs.rules.moves import is_admission
from clinic.sites import queries as sites

_MARGIN = timedelta(days=7)
"""Empty days the pathway shows before the first bar and after today."""

_LAST_SEQUENCE = (
    sa.select(sa.func.max(CareTransition.sequence))
    .where(CareTransition.site_id == Episode.site_id, CareTransition.episode_id == Episode.id)
    .correlate(Episode)
    .scalar_subquery()
)
_ADMITTED_ON = (
    sa.select(sa.func.min(CareTransition.service_date))
    .where(
        CareTransition.site_id == Episode.site_id,
        CareTransition.episode_id == Episode.id,
        CareTransition.to_state.in_(sorted(LEVELS_OF_CARE)),
    )
    .correlate(Episode)
    .scalar_subquery()
)
_MEDICATION = (
    sa.select(MedicationTransition.to_medication)
    .where(
        MedicationTransition.site_id == Episode.site_id,
        MedicationTransition.episode_id == Episode.id,
    )
    .order_by(MedicationTransition.sequence.desc())
    .limit(1)
    .correlate(Episode)
    .scalar_subquery()
)
_LAST_MOVE = sa.and_(
    CareTransition.site_id == Episode.site_id,
    CareTransition.episode_id == Episode.id,
    CareTransition.sequence == _LAST_SEQUENCE,
)


def episode(work: Work, *, episode_id: UUID) -> EpisodeFacts:
    """One episode of this site and where it stands.

    Raises: NotFound.
    """
    found = _episodes(work, Episode.id == episode_id)
    if not found:
        raise NotFound("episode")
    return found[0]


def open_episode(work: Work, *, patient_id: UUID) -> EpisodeFacts | None:
    """The patient's open episode at this site, None when there is none."""
    found = _episodes(work, Episode.patient_id == patient_id, Episode.closed_on.is_(None))
    return found[0] if found else None


def open_episodes(work: Work, *, patient_ids: Collection[UUID]) -> dict[UUID, EpisodeFacts]:
    """The open episodes of many patients at this site, by patient, in one statement."""
    if not patient_ids:
        return {}
    wanted = Episode.patient_id.in_(set(patient_ids))
    return {one.patient_id: one for one in _episodes(work, wanted, Episode.closed_on.is_(None))}


def episodes(work: Work, *, patient_id: UUID) -> list[EpisodeFacts]:
    """Every episode of the patient at this site, latest first."""
    return _episodes(work, Episode.patient_id == patient_id)


def particulars(work: Work, *, episode_id: UUID) -> tuple[int, Particulars, datetime]:
    """The number of the last change, what holds since, and since when.

    Raises: NotFound.
    """
    row = work.session.execute(
        sa.select(Episode, EpisodeParticulars)
        .outerjoin(EpisodeParticulars, EpisodeParticulars.episode_id == Episode.id)
        .where(Episode.site_id == work.site.id, Episode.id == episode_id)
        .order_by(EpisodeParticulars.sequence.desc())
        .limit(1)
    ).first()
    if row is None:
        raise NotFound("episode")
    asked: Episode = row[0]
    last: EpisodeParticulars | None = row[1]
    if last is None:
        before = Particulars(asked.counselor_id, "", asked.injects, asked.pregnant)
        return 0, before, asked.requested_at
    holds = Particulars(last.counselor_id, last.unit, last.injects, last.pregnant)
    return last.sequence, holds, last.occurred_at


def units(work: Work) -> list[str]:
    """The units and buildings this site has named so far."""
    return list(
        work.session.scalars(
            sa.select(EpisodeParticulars.unit)
            .where(EpisodeParticulars.site_id == work.site.id, EpisodeParticulars.unit != "")
            .distinct()
            .order_by(EpisodeParticulars.unit)
        )
    )


def standing(work: Work, *, episode: EpisodeFacts) -> Standing:
    """What ``rules.moves.may_move`` has to know of an episode."""
    interrupted = episode.came_from if episode.state is EMERGENCY else None
    return Standing(
        state=episode.state,
        since=episode.moved_at,
        returns_to=interrupted if interrupted in LEVELS_OF_CARE else None,
        ahead=_ahead(work, episode) if episode.state in WAITING else 0,
    )


def chart_banner(work: Work, *, patient_id: UUID) -> Banner:
    """The patient's banner with level of care and medication.

    Raises: NotFound outside the organisation.
    """
    banner = patients.banner(work, patient_id=patient_id)
    here = open_episode(work, patient_id=patient_id)
    if here is None:
        return replace(banner, level_of_care=None, medication=None)
    medicated = here.medication is not MedicationState.NONE
    return replace(
        banner,
        level_of_care=here.state.label,
        medication=here.medication.label if medicated else None,
    )


def transitions(work: Work, *, episode_id: UUID) -> list[Transition]:
    """The moves of one episode, in the order they happened.

    Raises: NotFound.
    """
    found = _transitions(work, CareTransition.episode_id == episode_id)
    if not found:
        raise NotFound("episode")
    return found


def history(work: Work, *, patient_id: UUID) -> list[Transition]:
    """Every move of the patient at this site, latest first."""
    return _transitions(work, CareTransition.patient_id == patient_id)[::-1]


def pathway(work: Work, *, patient_id: UUID) -> Pathway:
    """The first two axes over time: level of care and medication, over all episodes.

    Shape: whoever stands above adds the lane of courses.
    """
    moves = _transitions(work, CareTransition.patient_id == patient_id)
    care = Lane("Level of care", tuple(_care_bars(moves)))
    medication = Lane("Medication", tuple(_medication_bars(work, patient_id, moves)))
    today = work.service_date
    first = min((bar.first for bar in care.bars), default=today)
    return Pathway(
        lanes=(care, medication),
        start=first - _MARGIN,
        end=today + _MARGIN,
        marks=tuple(_marks(moves)),
        today=today,
    )


def waitlist(work: Work) -> list[Waiting]:
    """Everybody who waits at this site, in the order they are to be admitted."""
    rows = work.session.execute(
        sa.select(Episode, CareTransition.to_state, CareTransition.sequence, Patient)
        .join(CareTransition, _LAST_MOVE)
        .join(Patient, Patient.id == Episode.patient_id)
        .where(
            Episode.site_id == work.site.id,
            Episode.closed_on.is_(None),
            CareTransition.to_state.in_(sorted(WAITING)),
        )
    ).all()
    has_room = capacity(work).has_room
    terms = sites.policy(work, PriorityTerms(), of="programs", on=work.service_date)
    waiting = [_waiting(work, row, has_room=has_room, terms=terms) for row in rows]
    return sorted(waiting, key=lambda one: (one.priority, one.requested_at, one.episode_id))


def capacity(work: Work) -> Capacity:
    """How many are in a level of care at this site now, and how many there is room for."""
    in_care = work.session.scalar(
        sa.select(sa.func.count())
        .select_from(Episode)
        .join(CareTransition, _LAST_MOVE)
        .where(
            Episode.site_id == work.site.id,
            Episode.closed_on.is_(None),
            CareTransition.to_state.in_(sorted(LEVELS_OF_CARE)),
        )
    )
    return Capacity(in_care or 0, sites.site(work).capacity)


def encounters(work: Work, *, patient_id: UUID, limit: int = 5) -> list[EncounterFacts]:
    """The latest visits other systems recorded."""
    rows = work.session.execute(
        sa.select(
            Encounter.encounter_class, Encounter.text, Encounter.started_at, Encounter.ended_at
        )
        .where(Encounter.site_id == work.site.id, Encounter.patient_id == patient_id)
        .order_by(Encounter.started_at.desc().nulls_last(), Encounter.id.desc())
        .limit(limit)
    )
    return [EncounterFacts(*row) for row in rows]


def _episodes(work: Work, *conditions: sa.ColumnElement[bool]) -> list[EpisodeFacts]:
    rows = work.session.execute(
        sa.select(Episode, CareTransition, _ADMITTED_ON, _MEDICATION)
        .join(CareTransition, _LAST_MOVE)
        .where(Episode.site_id == work.site.id, *conditions)
        .order_by(Episode.patient_id, Episode.number.desc())
    )
    return [_episode_facts(*row) for row in rows]


def _episode_facts(
    row: Episode, last: CareTransition, admitted_on: date | None, medication: str | None
) -> EpisodeFacts:
    return EpisodeFacts(
        id=row.id,
        patient_id=row.patient_id,
        number=row.number,
        requested_at=row.requested_at,
        referral_source=row.referral_source,
        injects=row.injects,
        pregnant=row.pregnant,
        counselor_id=row.counselor_id,
        closed_on=row.closed_on,
        state=last.to_state,
        came_from=last.from_state,
        sequence=last.sequence,
        since=last.service_date,
        moved_at=last.occurred_at,
        planned_days=last.planned_days,
        discharge_reason=last.discharge_reason,
        admitted_on=admitted_on,
        medication=MedicationState(medication or MedicationState.NONE),
    )


def _transitions(work: Work, condition: sa.ColumnElement[bool]) -> list[Transition]:
    rows = work.session.execute(
        sa.select(CareTransition, Episode.number)
        .join(Episode, Episode.id == CareTransition.episode_id)
        .where(CareTransition.site_id == work.site.id, condition)
        .order_by(Episode.number, CareTransition.sequence)
    )
    return [
        Transition(
            episode_id=row.episode_id,
            episode_number=number,
            sequence=row.sequence,
            from_state=row.from_state,
            to_state=row.to_state,
            occurred_at=row.occurred_at,
            service_date=row.service_date,
            planned_days=row.planned_days,
            discharge_reason=row.discharge_reason,
            note=row.note,
            recorded_by_name=row.recorded_by_name,
        )
        for row, number in rows
    ]


def _ahead(work: Work, episode: EpisodeFacts) -> int:
    own = waiting_rules.priority(pregnant=episode.pregnant, injects=episode.injects)
    return sum(one.priority < own for one in waitlist(work))


def _waiting(work: Work, row: Any, *, has_room: bool, terms: PriorityTerms) -> Waiting:
    asked: Episode = row[0]
    patient: Patient = row[3]
    by = waiting_rules.deadlines(
        row.to_state,
        requested_at=asked.requested_at,
        pregnant=asked.pregnant,
        injects=asked.injects,
        has_room=has_room,
        zone=work.site.zone,
        terms=terms,
    )
    return Waiting(
        episode_id=asked.id,
        patient_id=patient.id,
        code=patient.code,
        name=PersonName(patient.family_name, patient.given_names, patient.preferred_name),
        state=row.to_state,
        sequence=row.sequence,
        requested_at=asked.requested_at,
        days_waiting=(work.service_date - work.site.service_date(asked.requested_at)).days,
        priority=waiting_rules.priority(pregnant=asked.pregnant, injects=asked.injects),
        admit_by=by.admit_by,
        interim_services_by=by.interim_services_by,
        overdue=by.overdue(now=work.now, today=work.site.local(work.now).date()),
    )


def _care_bars(moves: Sequence[Transition]) -> Iterable[Bar]:
    for move, after in zip_longest(moves, moves[1:]):
        follows = after is not None and after.episode_id == move.episode_id
        until = after.service_date if after is not None and follows else None
        if move.to_state is not CareState.DISCHARGED and until != move.service_date:
            kind = CARE_STATE_KINDS[move.to_state]
            yield Bar(move.to_state.label, kind, move.service_date, until)


def _medication_bars(work: Work, patient_id: UUID, moves: Sequence[Transition]) -> Iterable[Bar]:
    closed_on = {
        move.episode_id: move.service_date
        for move in moves
        if move.to_state is CareState.DISCHARGED
    }
    changes = work.session.execute(
        sa.select(
            MedicationTransition.episode_id,
            MedicationTransition.to_medication,
            MedicationTransition.service_date,
        )
        .join(Episode, Episode.id == MedicationTransition.episode_id)
        .where(
            MedicationTransition.site_id == work.site.id,
            MedicationTransition.patient_id == patient_id,
        )
        .order_by(Episode.number, MedicationTransition.sequence)
    ).all()
    for change, after in zip_longest(changes, changes[1:]):
        until = closed_on.get(change.episode_id)
        if after is not None and after.episode_id == change.episode_id:
            until = after.service_date
        if change.to_medication is not MedicationState.NONE and until != change.service_date:
            yield Bar(change.to_medication.label, "ok", change.service_date, until)


def _marks(moves: Sequence[Transition]) -> Iterable[Mark]:
    for move in moves:
        if is_admission(move.from_state, to_state=move.to_state):
            yield Mark(move.service_date, "Admitted", "ok")
        elif move.discharge_reason is not None:
            yield Mark(move.service_date, f"Discharged: {move.discharge_reason.label}", "neutral")
