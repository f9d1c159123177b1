"""How visits were kept: counts over a run of days, and how far each course has come."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa

from clinic.data.work import Work
from clinic.scheduling.facts import BookingStatus
from clinic.scheduling.models import Booking
from clinic.scheduling.rules.attendance import no_show_rate

_AHEAD = (BookingStatus.BOOKED, BookingStatus.CHECKED_IN)
_MISSED = (BookingStatus.NO_SHOW, BookingStatus.LATE_CANCEL)


@dataclass(frozen=True, slots=True)
class AttendanceCounts:
    """Bookings of a run of service dates by what became of them; ``open`` have no outcome yet."""

    attended: int
    no_show: int
    late_cancel: int
    timely_cancel: int
    clinic_cancel: int
    open: int

    @property
    def no_show_percent(self) -> Decimal | None:
        return no_show_rate(self.attended, no_show=self.no_show, late_cancel=self.late_cancel)


@dataclass(frozen=True, slots=True)
class CourseProgress:
    """How far a course's bookings have come. ``last_on`` is the last date still held."""

    attended: int = 0
    missed: int = 0
    ahead: int = 0
    next_at: datetime | None = None
    last_on: date | None = None


def attendance_counts(work: Work, *, first: date, until: date) -> AttendanceCounts:
    """What became of the site's bookings with a service date in ``[first, until)``."""
    rows = work.session.execute(
        sa.select(Booking.status, sa.func.count())
        .where(
            Booking.site_id == work.site.id,
            Booking.service_date >= first,
            Booking.service_date < until,
        )
        .group_by(Booking.status)
    )
    counts = {row[0]: row[1] for row in rows}
    return AttendanceCounts(
        attended=counts.get(BookingStatus.ATTENDED, 0),
        no_show=counts.get(BookingStatus.NO_SHOW, 0),
        late_cancel=counts.get(BookingStatus.LATE_CANCEL, 0),
        timely_cancel=counts.get(BookingStatus.TIMELY_CANCEL, 0),
        clinic_cancel=counts.get(BookingStatus.CLINIC_CANCEL, 0),
        open=sum(counts.get(status, 0) for status in _AHEAD),
    )


def course_progress(work: Work, *, course_ids: Collection[UUID]) -> dict[UUID, CourseProgress]:
    """The progress of each course that has bookings; one statement."""
    ahead = Booking.status.in_(_AHEAD)
    rows = work.session.execute(
        sa.select(
            Booking.course_id,
            _number(Booking.status == BookingStatus.ATTENDED),
            _number(Booking.status.in_(_MISSED)),
            _number(ahead),
            sa.func.min(sa.case((ahead & (Booking.ends_at > work.now), Booking.starts_at))),
            sa.func.max(sa.case((ahead, Booking.service_date))),
        )
        .where(Booking.site_id == work.site.id, Booking.course_id.in_(course_ids))
        .group_by(Booking.course_id)
    )
    return {course_id: CourseProgress(*progress) for course_id, *progress in rows}


def _number(condition: sa.ColumnElement[bool]) -> sa.Function[int]:
    return sa.func.count(sa.case((condition, 1)))
