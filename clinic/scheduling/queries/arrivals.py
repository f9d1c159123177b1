"""Since when each patient of a day is here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.data.work import Work
from clinic.scheduling.facts import BookingStatus
from clinic.scheduling.models import Arrival, AttendanceEvent, Booking


def arrivals(work: Work, *, day: date) -> dict[UUID, datetime]:
    """The latest arrival of everybody who came on a day, in the site's wall time.

    Whoever was checked in to a visit only is here since that check-in. Two statements.
    """
    checked_in_at: sa.ScalarSelect[
        Any
    ] = (  # for each booking of the day: a join walked every event of the site
        sa.select(sa.func.min(AttendanceEvent.occurred_at))
        .where(
            AttendanceEvent.site_id == Booking.site_id,
            AttendanceEvent.booking_id == Booking.id,
            AttendanceEvent.status == BookingStatus.CHECKED_IN,
        )
        .scalar_subquery()
    )
    booked = work.session.execute(
        sa.select(Booking.patient_id, checked_in_at.label("at"))
        .where(
            Booking.site_id == work.site.id,
            Booking.service_date == day,
            Booking.status == BookingStatus.CHECKED_IN,
        )
        .order_by(sa.desc("at"))
    )
    found = {patient_id: work.site.local(at) for patient_id, at in booked if at is not None}
    return found | arrived(work, day=day)


def arrived(work: Work, *, day: date) -> dict[UUID, datetime]:
    """The latest arrival of everybody whom somebody saw come in, visit or not; one statement."""
    rows = work.session.execute(
        sa.select(Arrival.patient_id, sa.func.max(Arrival.occurred_at))
        .where(Arrival.site_id == work.site.id, Arrival.service_date == day)
        .group_by(Arrival.patient_id)
    )
    return {patient_id: work.site.local(at) for patient_id, at in rows}


def latest_arrival(work: Work, *, patient_id: UUID) -> datetime | None:
    """Since when one patient is here today, in the site's wall time; None when they are not."""
    return arrivals(work, day=work.service_date).get(patient_id)
