"""Who comes for contingency management today, and what their visits would bring."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from clinic.data.work import Work
from clinic.patients import queries as patients
from clinic.rewards.facts import (
    AwardState,
    CapStanding,
    DueVisit,
    Enrolment,
    Incentive,
    Protocol,
    RewardedVisit,
    Target,
    Verdict,
    brings,
)
from clinic.rewards.models import (
    PrizeCommitment,
    PrizeDraw,
    RewardConfirmation,
    RewardEnrolment,
    RewardVisit,
)
from clinic.rewards.queries.caps import standings
from clinic.rewards.queries.protocols import protocol_of
from clinic.rewards.queries.visits import CONTINGENCY_MANAGEMENT, visits_by_enrolment
from clinic.rewards.rules.caps import pay_within_caps
from clinic.rewards.rules.schedules import next_if_negative
from clinic.scheduling import queries as scheduling
from clinic.scheduling.queries import BoardItem


@dataclass(frozen=True, slots=True)
class _Enrolled:
    enrolment: Enrolment
    visits: Sequence[RewardedVisit]


def due_today(work: Work) -> tuple[DueVisit, ...]:
    """Everybody booked for contingency management today, everybody who came without a booking,
    and everybody who has draws left to draw; what is still to do first, by time.

    Shape: what the next visit brings is within the caps of today. So many statements, however
    many come.
    """
    return _due_on(work, work.service_date, waiting=draws_waiting(work))


def due_next(work: Work) -> tuple[date, tuple[DueVisit, ...]] | None:
    """The next day anybody is booked for contingency management, and who; None while nobody is."""
    day = scheduling.next_booked_day(work, modality=CONTINGENCY_MANAGEMENT, after=work.service_date)
    return None if day is None else (day, _due_on(work, day, waiting={}))


def _due_on(work: Work, day: date, *, waiting: Mapping[UUID, int]) -> tuple[DueVisit, ...]:
    enrolled = _enrolled(work)
    booked = {row.patient_id: row.items for row in scheduling.day_board(work, day=day)}
    caps = standings(work, enrolments=[one.enrolment for one in enrolled], on=day)
    lines = [
        _line(
            one,
            day=day,
            items=booked.get(one.enrolment.patient_id, ()),
            draws=waiting.get(one.enrolment.patient_id, 0),
            brings=_brings(one, caps=caps[one.enrolment.id], on=day),
        )
        for one in enrolled
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
            RewardEnrolment.starts_on,
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
            Enrolment(
                id=row.id,
                patient_id=row.patient_id,
                protocol=protocols[row.protocol, row.protocol_version],
                starts_on=row.starts_on,
                ended_on=row.ended_on,
            ),
            found.get(row.id, ()),
        )
        for row in rows
    ]


def _protocols(work: Work, keys: Collection[tuple[str, int]]) -> dict[tuple[str, int], Protocol]:
    return {
        (name, version): protocol_of(work, name=name, version=version) for name, version in keys
    }


def _line(
    one: _Enrolled, *, day: date, items: Iterable[BoardItem], draws: int, brings: str
) -> DueVisit | None:
    """None for somebody who has nothing to do with the day."""
    protocol = one.enrolment.protocol
    attends = protocol.target is Target.ATTENDANCE
    booking = next(
        (item for item in items if attends or item.modality == CONTINGENCY_MANAGEMENT), None
    )
    recorded = [visit for visit in one.visits if visit.service_date == day]
    if booking is None and not recorded and not draws:
        return None
    last = recorded[-1] if recorded else None
    return DueVisit(
        patient_id=one.enrolment.patient_id,
        name="",
        protocol=protocol.title,
        visit_number=last.number if last else len(one.visits) + 1,
        booked_at=booking.starts_at if booking else None,
        status=booking.status.label if booking else "Walk-in" if recorded else "Draws left",
        brings=brings,
        recorded=_recorded(last) if last else "",
        draws_waiting=draws,
        is_due=booking is not None or last is not None,
    )


def _recorded(visit: RewardedVisit) -> str:
    if visit.state is AwardState.POSTED:
        return visit.outcome.label
    return f"{visit.outcome.label}, {visit.state.label.lower()}"


def _brings(one: _Enrolled, *, caps: Sequence[CapStanding], on: date) -> str:
    """What the next visit brings if the target is met; nothing after the last."""
    protocol = one.enrolment.protocol
    award = next_if_negative(protocol, outcomes=[visit.outcome for visit in one.visits])
    if award is None or one.enrolment.ended_on is not None:
        return ""
    paid = pay_within_caps(
        [standing.cap for standing in caps],
        incentives=[Incentive(earned_on=on, amount_cents=award.total_cents)],
    )
    return brings(paid.total_paid_cents, award.draws)
