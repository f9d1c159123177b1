"""Who comes for contingency management today, and what their visits would bring."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from clinic.core.money import dollars
from clinic.data.work import Work
from clinic.patients import queries as patients
from clinic.rewards.facts import AwardState, DueVisit, Protocol, RewardedVisit, Target, Verdict
from clinic.rewards.models import (
    PrizeCommitment,
    PrizeDraw,
    RewardConfirmation,
    RewardEnrolment,
    RewardVisit,
)
from clinic.rewards.queries.protocols import protocol_of
from clinic.rewards.queries.visits import CONTINGENCY_MANAGEMENT, visits_by_enrolment
from clinic.rewards.rules.schedules import next_if_negative
from clinic.scheduling import queries as scheduling
from clinic.scheduling.queries import BoardItem


@dataclass(frozen=True, slots=True)
class _Enrolled:
    id: UUID
    patient_id: UUID
    protocol: Protocol
    ended_on: date | None
    visits: Sequence[RewardedVisit] = field(default=())


def due_today(work: Work) -> tuple[DueVisit, ...]:
    """Everybody booked for contingency management today, everybody who came without a booking,
    and everybody who has draws left to draw; what is still to do first, by time.

    Shape: amounts are before caps. So many statements, however many come.
    """
    today = work.service_date
    enrolled = _enrolled(work)
    booked = {row.patient_id: row.items for row in scheduling.day_board(work, day=today)}
    waiting = draws_waiting(work)
    lines = [
        _line(work, one, items=booked.get(one.patient_id, ()), waiting=waiting) for one in enrolled
    ]
    shown = [one for one in lines if one is not None]
    names = patients.names(work, patient_ids=[one.patient_id for one in shown])
    named = [replace(one, name=names[one.patient_id].listed) for one in shown]
    return tuple(
        sorted(
            named,
            key=lambda one: (
                not one.is_to_do,
                not one.draws_waiting,
                one.booked_at is None,
                one.booked_at or work.now,
                one.name.casefold(),
            ),
        )
    )


def draws_waiting(work: Work) -> Mapping[UUID, int]:
    """Draws earned at this site and not drawn, by patient."""
    rows = work.session.execute(
        sa.select(RewardVisit.patient_id, sa.func.sum(PrizeCommitment.draws))
        .join(RewardVisit, RewardVisit.id == PrizeCommitment.reward_visit_id)
        .outerjoin(
            PrizeDraw,
            (PrizeDraw.site_id == PrizeCommitment.site_id)
            & (PrizeDraw.reward_visit_id == PrizeCommitment.reward_visit_id),
        )
        .outerjoin(
            RewardConfirmation,
            (RewardConfirmation.site_id == PrizeCommitment.site_id)
            & (RewardConfirmation.reward_visit_id == PrizeCommitment.reward_visit_id)
            & (RewardConfirmation.verdict == Verdict.REVERSED),
        )
        .where(
            PrizeCommitment.site_id == work.site.id,
            PrizeDraw.id.is_(None),
            RewardConfirmation.id.is_(None),
        )
        .group_by(RewardVisit.patient_id)
    )
    return {patient_id: int(draws) for patient_id, draws in rows}


def _enrolled(work: Work) -> list[_Enrolled]:
    """Who earns now, and whose protocol ended today."""
    rows = work.session.execute(
        sa.select(
            RewardEnrolment.id,
            RewardEnrolment.patient_id,
            RewardEnrolment.protocol,
            RewardEnrolment.protocol_version,
            RewardEnrolment.ended_on,
        ).where(
            RewardEnrolment.site_id == work.site.id,
            RewardEnrolment.ended_on.is_(None) | (RewardEnrolment.ended_on == work.service_date),
        )
    ).all()
    found = visits_by_enrolment(work, enrolment_ids=[row.id for row in rows])
    protocols = _protocols(work, {(row.protocol, row.protocol_version) for row in rows})
    return [
        _Enrolled(
            id=row.id,
            patient_id=row.patient_id,
            protocol=protocols[row.protocol, row.protocol_version],
            ended_on=row.ended_on,
            visits=found.get(row.id, ()),
        )
        for row in rows
    ]


def _protocols(work: Work, keys: Collection[tuple[str, int]]) -> dict[tuple[str, int], Protocol]:
    return {
        (name, version): protocol_of(work, name=name, version=version) for name, version in keys
    }


def _line(
    work: Work, one: _Enrolled, *, items: Iterable[BoardItem], waiting: Mapping[UUID, int]
) -> DueVisit | None:
    """None for somebody who has nothing to do with today."""
    attends = one.protocol.target is Target.ATTENDANCE
    booking = next(
        (item for item in items if attends or item.modality == CONTINGENCY_MANAGEMENT), None
    )
    recorded = [visit for visit in one.visits if visit.service_date == work.service_date]
    draws = waiting.get(one.patient_id, 0)
    if booking is None and not recorded and not draws:
        return None
    last = recorded[-1] if recorded else None
    return DueVisit(
        patient_id=one.patient_id,
        name="",
        protocol=one.protocol.title,
        visit_number=last.number if last else len(one.visits) + 1,
        booked_at=booking.starts_at if booking else None,
        status=booking.status.label if booking else "Walk-in" if recorded else "Draws left",
        brings=_brings(one),
        recorded=_recorded(last) if last else "",
        draws_waiting=draws,
        is_due=booking is not None or last is not None,
    )


def _recorded(visit: RewardedVisit) -> str:
    if visit.state is AwardState.POSTED:
        return visit.outcome.label
    return f"{visit.outcome.label}, {visit.state.label.lower()}"


def _brings(one: _Enrolled) -> str:
    """What the next visit brings if the target is met; nothing after the last."""
    award = next_if_negative(one.protocol, outcomes=[visit.outcome for visit in one.visits])
    if award is None or one.ended_on is not None:
        return ""
    if award.draws:
        return "1 draw" if award.draws == 1 else f"{award.draws} draws"
    return dollars(award.total_cents)
