"""A patient's own page, and nobody else's: found through the account, never through an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.core.errors import NotFound
from clinic.data.work import Work
from clinic.dosing.queries.take_homes import Bottle, own_dates
from clinic.patients import queries as patients
from clinic.patients.facts import PersonName
from clinic.portal.models import PortalAccess
from clinic.rewards import queries as rewards
from clinic.rewards.facts import NextDay, PatientPin, RewardCard
from clinic.scheduling import queries as scheduling
from clinic.scheduling.facts import BookingStatus
from clinic.scheduling.queries import BoardItem

AHEAD = timedelta(days=60)
STILL_AHEAD = frozenset({BookingStatus.BOOKED, BookingStatus.CHECKED_IN})


@dataclass(frozen=True, slots=True)
class OwnPage:
    """What a patient sees of their own care."""

    patient_id: UUID
    name: PersonName
    visits: Sequence[BoardItem]
    card: RewardCard
    take_homes: Sequence[Bottle]


@dataclass(frozen=True, slots=True)
class OwnRewards:
    """A patient's rewards as they see them. ``next_day`` is None while no visit is booked."""

    patient_id: UUID
    card: RewardCard
    next_day: NextDay | None
    pin: PatientPin | None


def own_patient(work: Work) -> UUID:
    """The patient the acting account belongs to.

    Raises: NotFound for an account that is nobody's.
    """
    patient_id = work.session.scalar(
        sa.select(PortalAccess.patient_id).where(
            PortalAccess.organization_id == work.site.organization_id,
            PortalAccess.user_id == work.actor.id,
        )
    )
    if patient_id is None:
        raise NotFound("own record")
    return patient_id


def own_page(work: Work) -> OwnPage:
    """The acting patient's coming visits and rewards."""
    patient_id = own_patient(work)
    today = work.service_date
    visits = scheduling.bookings_of(work, patient_id=patient_id, first=today, until=today + AHEAD)
    return OwnPage(
        patient_id=patient_id,
        name=patients.names(work, patient_ids=[patient_id])[patient_id],
        visits=[visit for visit in visits if visit.status in STILL_AHEAD],
        card=rewards.card(work, patient_id=patient_id),
        take_homes=own_dates(work, patient_id=patient_id, day=today),
    )


def own_rewards(work: Work) -> OwnRewards:
    """The acting patient's rewards: where they stand, what came of each visit, what comes next."""
    patient_id = own_patient(work)
    card = rewards.card(work, patient_id=patient_id)
    return OwnRewards(
        patient_id=patient_id,
        card=card,
        next_day=rewards.next_day(work, patient_id=patient_id) if card.next_visit else None,
        pin=rewards.pin_of(work, patient_id=patient_id),
    )
