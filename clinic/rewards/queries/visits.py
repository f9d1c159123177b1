"""Visits as judged, the one that comes next, and what it would bring."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from clinic.core.errors import NotFound
from clinic.data.work import Work
from clinic.rewards.facts import (
    Award,
    AwardState,
    CappedPayment,
    CapStanding,
    ConfirmationPolicy,
    Enrolment,
    Incentive,
    NextDay,
    Preview,
    RewardedVisit,
    Verdict,
    VisitOutcome,
)
from clinic.rewards.models import PrizeDraw, RewardConfirmation, RewardHold, RewardVisit
from clinic.rewards.queries.caps import SETTINGS, cap_policy, cap_standings
from clinic.rewards.rules.caps import pay_within_caps, with_caps
from clinic.rewards.rules.outcomes import earns_bonus, in_good_faith
from clinic.rewards.rules.schedules import award_for
from clinic.scheduling import queries as scheduling
from clinic.scheduling.facts import CANCELLED, BookingStatus
from clinic.sites.queries import policy
from clinic.toxicology.facts import Analyte, Reading
from clinic.toxicology.models import ConfirmationRequest

CONTINGENCY_MANAGEMENT = "contingency_management"
"""The catalogue's code of the treatment this domain does the work of."""
NOTHING_READ: Mapping[Analyte, Reading] = MappingProxyType({})
_AHEAD = timedelta(days=60)


class Judgement(NamedTuple):
    """What a visit earns, what the caps let be paid of it, and the sentence that says why."""

    award: Award
    payment: CappedPayment
    standings: tuple[CapStanding, ...]
    sentence: str


def visits(work: Work, *, enrolment_id: UUID) -> tuple[RewardedVisit, ...]:
    """Every visit the enrolment has judged, oldest first."""
    return in_good_faith(_visits(work, RewardVisit.enrolment_id == enrolment_id))


def visits_by_enrolment(
    work: Work, *, enrolment_ids: Collection[UUID]
) -> dict[UUID, list[RewardedVisit]]:
    """The visits of many enrolments, oldest first, in one statement."""
    found: defaultdict[UUID, list[RewardedVisit]] = defaultdict(list)
    for row in _rows(work, RewardVisit.enrolment_id.in_(enrolment_ids)):
        found[row.enrolment_id].append(_visit(row))
    return dict(found)


def visit(work: Work, *, patient_id: UUID, visit_id: UUID) -> RewardedVisit:
    """One visit of a patient.

    Raises: NotFound.
    """
    found = _visits(work, (RewardVisit.patient_id == patient_id) & (RewardVisit.id == visit_id))
    if not found:
        raise NotFound("visit")
    return found[0]


def visit_of_specimen(work: Work, *, specimen_id: UUID) -> RewardedVisit | None:
    """The visit a specimen was judged as, under the enrolment of its time."""
    return next(iter(_visits(work, RewardVisit.specimen_id == specimen_id)), None)


def judged(
    work: Work,
    *,
    enrolment: Enrolment,
    before: Sequence[RewardedVisit],
    outcome: VisitOutcome,
    on: date,
    readings: Mapping[Analyte, Reading] = NOTHING_READ,
) -> Judgement:
    """What the visit after those ``before`` it earns by its outcome, within the caps of a day."""
    award = award_for(
        enrolment.protocol,
        outcomes=[*(one.outcome for one in before), outcome],
        earns_bonus_draws=earns_bonus(readings),
    )
    standings = cap_standings(work, enrolment=enrolment, on=on)
    paid = pay_within_caps(
        [standing.cap for standing in standings],
        incentives=[Incentive(earned_on=on, amount_cents=award.total_cents)],
        policy=cap_policy(work, on=on),
    )
    sentence = with_caps(award.sentence, paid=paid, standings=standings)
    return Judgement(award, paid.payments[0], standings, sentence)


def preview(
    work: Work,
    *,
    enrolment: Enrolment,
    outcome: VisitOutcome,
    readings: Mapping[Analyte, Reading] = NOTHING_READ,
) -> Preview:
    """What posting the next visit now would bring; nothing is written."""
    before = visits(work, enrolment_id=enrolment.id)
    judgement = judged(
        work,
        enrolment=enrolment,
        before=before,
        outcome=outcome,
        on=work.service_date,
        readings=readings,
    )
    tightest = min(judgement.standings, key=lambda one: one.left_cents, default=None)
    paid_cents = judgement.payment.paid_cents
    return Preview(
        sentence=judgement.sentence,
        paid_cents=paid_cents,
        draws=judgement.award.draws,
        left_cents=tightest.left_cents - paid_cents if tightest else None,
        left_under=tightest.cap.name if tightest else "",
        waits=waits_for_laboratory(work, enrolment=enrolment, judgement=judgement),
    )


def waits_for_laboratory(work: Work, *, enrolment: Enrolment, judgement: Judgement) -> bool:
    """Whether the site pays such an award only once a laboratory has confirmed the test."""
    terms = policy(work, ConfirmationPolicy(), of=SETTINGS, on=work.service_date)
    earns = bool(judgement.payment.paid_cents or judgement.award.draws)
    return earns and bool(enrolment.protocol.target.analytes) and not terms.pays_at_once


def next_day(work: Work, *, patient_id: UUID) -> NextDay | None:
    """The next visit booked for contingency management after today; None when none is."""
    tomorrow = work.service_date + timedelta(days=1)
    ahead = scheduling.bookings_of(
        work, patient_id=patient_id, first=tomorrow, until=tomorrow + _AHEAD
    )
    booked = (
        one
        for one in ahead
        if one.status is BookingStatus.BOOKED and one.modality == CONTINGENCY_MANAGEMENT
    )
    return next((NextDay(one.service_date, one.starts_at) for one in booked), None)


def booked_today(work: Work, *, patient_id: UUID) -> NextDay | None:
    """Today's booking for contingency management; None for a walk-in."""
    today = work.service_date
    items = scheduling.bookings_of(
        work, patient_id=patient_id, first=today, until=today + timedelta(days=1)
    )
    booked = (
        item
        for item in items
        if item.modality == CONTINGENCY_MANAGEMENT and item.status not in CANCELLED
    )
    return next((NextDay(item.service_date, item.starts_at) for item in booked), None)


def _visits(work: Work, which: sa.ColumnElement[bool]) -> tuple[RewardedVisit, ...]:
    return tuple(_visit(row) for row in _rows(work, which))


def _rows(work: Work, which: sa.ColumnElement[bool]) -> Iterable[sa.Row[*tuple[Any, ...]]]:
    return work.session.execute(
        sa.select(
            RewardVisit.id,
            RewardVisit.enrolment_id,
            RewardVisit.specimen_id,
            RewardVisit.number,
            RewardVisit.service_date,
            RewardVisit.occurred_at,
            RewardVisit.outcome,
            RewardVisit.amount_cents,
            RewardVisit.sentence,
            RewardVisit.recorded_by_name,
            PrizeDraw.id.label("draw_id"),
            PrizeDraw.paid_cents.label("drawn_cents"),
            RewardConfirmation.verdict,
            RewardConfirmation.outcome.label("confirmed_outcome"),
            RewardConfirmation.amount_cents.label("confirmed_cents"),
            RewardConfirmation.sentence.label("verdict_sentence"),
            RewardConfirmation.recorded_at.label("confirmed_at"),
            RewardHold.id.label("hold_id"),
            ConfirmationRequest.id.label("request_id"),
        )
        .outerjoin(PrizeDraw, _of_visit(PrizeDraw))
        .outerjoin(RewardConfirmation, _of_visit(RewardConfirmation))
        .outerjoin(RewardHold, _of_visit(RewardHold))
        .outerjoin(
            ConfirmationRequest,
            (ConfirmationRequest.site_id == RewardVisit.site_id)
            & (ConfirmationRequest.specimen_id == RewardVisit.specimen_id),
        )
        .where(RewardVisit.site_id == work.site.id, which)
        .order_by(RewardVisit.number)
    )


def _of_visit(
    table: type[PrizeDraw | RewardConfirmation | RewardHold],
) -> sa.ColumnElement[bool]:
    return (table.site_id == RewardVisit.site_id) & (table.reward_visit_id == RewardVisit.id)


def _visit(row: sa.Row[*tuple[Any, ...]]) -> RewardedVisit:
    return RewardedVisit(
        id=row.id,
        specimen_id=row.specimen_id,
        number=row.number,
        service_date=row.service_date,
        outcome=VisitOutcome(row.confirmed_outcome or row.outcome),
        amount_cents=_paid_cents(row),
        sentence=row.sentence,
        is_drawn=row.draw_id is not None,
        state=_state(row),
        recorded_by_name=row.recorded_by_name,
        occurred_at=row.occurred_at,
        verdict_sentence=row.verdict_sentence or "",
        confirmed_at=row.confirmed_at,
    )


def _paid_cents(row: sa.Row[*tuple[Any, ...]]) -> int:
    if row.verdict is Verdict.REVERSED:
        return 0
    own_cents = row.amount_cents if row.verdict is None else row.confirmed_cents
    return int(own_cents + (row.drawn_cents or 0))


def _state(row: sa.Row[*tuple[Any, ...]]) -> AwardState:
    if row.verdict is not None:
        return AwardState(row.verdict.value)
    if row.hold_id is not None:
        return AwardState.HELD
    return AwardState.PENDING if row.request_id is not None else AwardState.POSTED
