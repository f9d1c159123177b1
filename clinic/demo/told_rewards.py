"""Rewards with a story: a cup the laboratory contradicts, one it was unfair by, and attendance.

Written through the services themselves, by the people of the site.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from clinic.core.actors import Actor
from clinic.core.errors import Refused
from clinic.data.work import Work
from clinic.rewards import services
from clinic.rewards.facts import ATTENDANCE, Mark, VisitOutcome
from clinic.rewards.models import RewardConfirmation, RewardVisit
from clinic.scheduling import queries as scheduling
from clinic.scheduling.facts import BookingStatus
from clinic.scheduling.models import Booking
from clinic.staff import queries as staff
from clinic.staff.facts import Role, verbs_of
from clinic.toxicology import services as toxicology
from clinic.toxicology.facts import Analyte, Reading, ResultConfirmed
from clinic.toxicology.models import ConfirmationRequest

LOOKS_BACK: Final = timedelta(days=28)
ATTENDING: Final = 4
CONTRADICTED: Final = (
    (VisitOutcome.NEGATIVE, Reading.POSITIVE, 2),
    (VisitOutcome.POSITIVE, Reading.NEGATIVE, 1),
)
"""What the cup said, what the laboratory says, and of how many."""


def tell_rewards(work: Work) -> None:
    """What came back from the laboratory this morning, and who is rewarded for coming at all."""
    counselor = _counselor(work)
    if counselor is None:
        return
    hears = replace(counselor, reactions={ResultConfirmed: (services.settle_confirmation,)})
    for outcome, reading, count in CONTRADICTED:
        for number, (patient_id, specimen_id) in enumerate(_awaited(hears, outcome, count), 1):
            toxicology.record_confirmation(
                hears,
                patient_id=patient_id,
                specimen_id=specimen_id,
                readings={Analyte.COCAINE: reading},
                report=f"contradiction {outcome.value}{number}",
            )
    rewarded = 0
    for patient_id, days in _regulars(counselor):
        rewarded += _reward(counselor, patient_id, days)
        if rewarded == ATTENDING:
            return


def _counselor(work: Work) -> Work | None:
    for person_id, name in staff.names_by_role(work, role=Role.COUNSELOR):
        actor = Actor(person_id, name, verbs_of(frozenset({Role.COUNSELOR})))
        return replace(work, actor=actor)
    return None


def _awaited(work: Work, outcome: VisitOutcome, count: int) -> list[tuple[UUID, UUID]]:
    """Patients and specimens at the laboratory whose cup said this, the oldest first."""
    rows = work.session.execute(
        sa.select(ConfirmationRequest.patient_id, ConfirmationRequest.specimen_id)
        .join(RewardVisit, RewardVisit.specimen_id == ConfirmationRequest.specimen_id)
        .outerjoin(RewardConfirmation, RewardConfirmation.reward_visit_id == RewardVisit.id)
        .where(
            ConfirmationRequest.site_id == work.site.id,
            RewardVisit.outcome == outcome.value,
            RewardConfirmation.id.is_(None),
        )
        .order_by(ConfirmationRequest.id)
        .limit(count)
    ).all()
    return [(patient_id, specimen_id) for patient_id, specimen_id in rows]


def _regulars(work: Work) -> list[tuple[UUID, list[date]]]:
    """Patients who come again today or soon, with a day in each of the last weeks they came."""
    today = work.service_date
    ahead = work.session.scalars(
        sa.select(Booking.patient_id)
        .where(
            Booking.site_id == work.site.id,
            Booking.service_date >= today,
            Booking.status == BookingStatus.BOOKED,
        )
        .group_by(Booking.patient_id)
        .order_by(sa.func.min(Booking.starts_at), Booking.patient_id)
        .limit(ATTENDING * 6)
    ).all()
    found = []
    for patient_id in ahead:
        by_week = {
            item.service_date.isocalendar().week: item.service_date
            for item in scheduling.bookings_of(
                work, patient_id=patient_id, first=today - LOOKS_BACK, until=today
            )
            if item.status is BookingStatus.ATTENDED
        }
        if len(by_week) > 1:
            found.append((patient_id, sorted(by_week.values())))
    return found


def _reward(work: Work, patient_id: UUID, days: list[date]) -> bool:
    """Enrol a patient on the first of these days and reward each; False for who may not."""
    began = replace(work, now=work.site.day_start(days[0]) + timedelta(hours=9))
    try:
        services.enrol(began, patient_id=patient_id, protocol_code=ATTENDANCE.name)
    except Refused:
        return False
    for number, day in enumerate(days, 1):
        services.post_visit(
            replace(work, now=work.site.day_start(day) + timedelta(hours=10)),
            patient_id=patient_id,
            number=number,
            marks={},
            came=Mark.NEGATIVE,
        )
    return True
