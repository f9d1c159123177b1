"""What becomes of a booking: arrived, seen, missed, cancelled; each step a row of its own."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Clash, NotFound, Refused
from clinic.data.work import STALE, Work
from clinic.programs.facts import Discharged
from clinic.scheduling.facts import (
    CANCELLED,
    HOLDS_PLACE,
    AttendanceRecorded,
    BookingPolicy,
    BookingStatus,
    SessionStatus,
)
from clinic.scheduling.models import AttendanceEvent, Booking, Session, SessionResource
from clinic.scheduling.rules.outcomes import cancellation, may_become, may_undo
from clinic.scheduling.services.arrivals import arrive_once
from clinic.scheduling.services.booking import free_place
from clinic.sites.queries import policy

_OPEN = (BookingStatus.BOOKED, BookingStatus.CHECKED_IN)
_PATIENT_CANCELS = frozenset({BookingStatus.LATE_CANCEL, BookingStatus.TIMELY_CANCEL})


def check_in(work: Work, *, booking_id: UUID, version: int) -> None:
    """The patient has arrived for this booking.

    Raises: as ``mark``.
    """
    mark(work, booking_id=booking_id, status=BookingStatus.CHECKED_IN, reason="", version=version)


def check_in_patient(work: Work, *, patient_id: UUID) -> int:
    """The patient has arrived: for every booking of today that is still open, and for a dose.

    Shape: the number of bookings checked in; those checked in before are left alone.
    """
    arrive_once(work, patient_id=patient_id)
    bookings = work.session.scalars(
        sa.select(Booking)
        .where(
            Booking.site_id == work.site.id,
            Booking.patient_id == patient_id,
            Booking.service_date == work.service_date,
        )
        .order_by(Booking.starts_at)
    ).all()
    waiting = [booking for booking in bookings if booking.status is BookingStatus.BOOKED]
    for booking in waiting:
        _take_step(work, booking, BookingStatus.CHECKED_IN, reason="")
        _announce(work, booking)
    return len(waiting)


def attend_today(work: Work, *, patient_id: UUID, modality: str) -> int:
    """The patient was seen for a treatment today: its bookings that are still open are attended.

    Shape: the number of bookings marked. One somebody else is marking now is left to them.
    """
    bookings = work.session.scalars(
        sa.select(Booking)
        .join(Session, Session.id == Booking.session_id)
        .where(
            Booking.site_id == work.site.id,
            Booking.patient_id == patient_id,
            Booking.service_date == work.service_date,
            Booking.status.in_(_OPEN),
            Session.modality == modality,
        )
        .order_by(Booking.starts_at)
        .with_for_update(of=Booking, skip_locked=True)
    ).all()
    for booking in bookings:
        _take_step(work, booking, BookingStatus.ATTENDED, reason="")
        _announce(work, booking)
    return len(bookings)


def mark(
    work: Work, *, booking_id: UUID, status: BookingStatus, reason: str, version: int
) -> BookingStatus:
    """Record what became of a booking; gives back the status it now has.

    Whether a patient's cancellation is late or timely is decided by its hour, whichever of the
    two is given. A cancelled visit of one patient frees its resources.
    Raises: NotFound; Refused with every reason; Clash when somebody was faster.
    """
    booking = _booking(work, booking_id, version)
    terms = _policy(work)
    if status in _PATIENT_CANCELS:
        status = cancellation(booking.starts_at, cancelled_at=work.now, policy=terms)
    may_become(
        status,
        current=booking.status,
        starts_at=booking.starts_at,
        service_date=booking.service_date,
        now=work.now,
        today=work.service_date,
        reason=reason,
        policy=terms,
    ).require()
    _take_step(work, booking, status, reason=reason)
    _announce(work, booking)
    return status


def undo(work: Work, *, booking_id: UUID, version: int) -> None:
    """Take the last step back: the booking stands booked again, with its resources.

    Raises: NotFound; Refused after the minutes the site allows; Clash when the time or the
    place was given away meanwhile.
    """
    booking = _booking(work, booking_id, version)
    changed_at = work.session.scalar(
        sa.select(AttendanceEvent.occurred_at)
        .where(AttendanceEvent.booking_id == booking.id)
        .order_by(AttendanceEvent.sequence.desc())
        .limit(1)
    )
    may_undo(
        current=booking.status, changed_at=changed_at, now=work.now, policy=_policy(work)
    ).require()
    if booking.status in CANCELLED:
        _hold_again(work, booking)
    _take_step(work, booking, BookingStatus.BOOKED, reason="undone")
    _announce(work, booking)


def cancel_session(work: Work, *, session_id: UUID, reason: str, version: int) -> int:
    """The clinic calls a session off: everybody's booking is cancelled, every resource freed.

    Shape: the number of bookings cancelled.
    Raises: NotFound; Refused without a reason, or when somebody has attended it; Clash.
    """
    held = (
        sa.select(Booking)
        .where(Booking.session_id == session_id, Booking.status.in_(HOLDS_PLACE))
        .order_by(Booking.id)
    )
    work.session.execute(held.with_for_update())
    session = work.session.scalar(
        sa.select(Session)
        .where(Session.site_id == work.site.id, Session.id == session_id)
        .with_for_update()
    )
    if session is None:
        raise NotFound("session")
    if session.version != version:
        raise Clash(STALE)
    if not reason:
        raise Refused("A cancellation needs a reason.")
    bookings = work.session.scalars(
        sa.select(Booking).where(Booking.session_id == session_id, Booking.status.in_(HOLDS_PLACE))
    ).all()
    if any(booking.status not in _OPEN for booking in bookings):
        raise Refused("The session has taken place; its attendance stands.")
    _clinic_cancels(work, bookings, reason=reason)
    _release(work, session)
    audit.record(work, action="session.cancel", subject=f"session {session_id}")
    return len(bookings)


def cancel_course_bookings(work: Work, *, course_id: UUID, reason: str) -> int:
    """Cancel what is still ahead of a course; the number of bookings cancelled."""
    return _cancel_ahead(work, Booking.course_id == course_id, reason=reason)


def cancel_future_bookings(work: Work, fact: Discharged) -> None:
    """Care has ended: everything the patient still has ahead at this site is cancelled."""
    _cancel_ahead(
        work,
        Booking.patient_id == fact.patient_id,
        reason=f"discharged: {fact.reason.label.lower()}",
    )


def _cancel_ahead(work: Work, which: sa.ColumnElement[bool], *, reason: str) -> int:
    bookings = work.session.scalars(
        sa.select(Booking)
        .where(
            Booking.site_id == work.site.id,
            which,
            Booking.status == BookingStatus.BOOKED,
            Booking.starts_at > work.now,
        )
        .order_by(Booking.id)
        .with_for_update()
    ).all()
    _clinic_cancels(work, bookings, reason=reason)
    return len(bookings)


def _clinic_cancels(work: Work, bookings: Sequence[Booking], *, reason: str) -> None:
    for booking in bookings:
        _take_step(work, booking, BookingStatus.CLINIC_CANCEL, reason=reason)


def _booking(work: Work, booking_id: UUID, version: int) -> Booking:
    """Raises: NotFound; Clash when the version is not the one that was shown."""
    booking = work.session.scalar(
        sa.select(Booking)
        .where(Booking.site_id == work.site.id, Booking.id == booking_id)
        .with_for_update()
    )
    if booking is None:
        raise NotFound("booking")
    if booking.version != version:
        raise Clash(STALE)
    return booking


def _take_step(work: Work, booking: Booking, status: BookingStatus, *, reason: str) -> None:
    """Move the booking, append the step, and let go of what a cancelled visit held."""
    steps = work.session.scalar(
        sa.select(sa.func.count()).where(AttendanceEvent.booking_id == booking.id)
    )
    booking.status = status
    work.session.flush()
    work.session.add(
        AttendanceEvent(
            id=work.new_id(),
            booking_id=booking.id,
            patient_id=booking.patient_id,
            sequence=(steps or 0) + 1,
            status=status,
            reason=reason,
            **work.on_service_day(),
            site_id=work.site.id,
            **work.attribution,
        )
    )
    work.session.flush()
    if status in CANCELLED and booking.capacity == 1:
        _release(work, work.session.get_one(Session, booking.session_id))
    audit.record(
        work,
        action=f"booking.{status.value}",
        subject=f"booking {booking.id}",
        patient_id=booking.patient_id,
        detail={"reason": reason} if reason else None,
    )


def _release(work: Work, session: Session) -> None:
    session.status = SessionStatus.CANCELLED
    _hold(work, session, is_held=False)


def _hold_again(work: Work, booking: Booking) -> None:
    session = work.session.get_one(Session, booking.session_id)
    if session.status is SessionStatus.CANCELLED:
        if session.capacity > 1:
            raise Refused("The whole session was cancelled. Book another.")
        session.status = SessionStatus.PLANNED
        _hold(work, session, is_held=True)
    place = free_place(work, session_id=session.id, capacity=session.capacity)
    if place is None:
        raise Clash("Every place in the session has been taken meanwhile.")
    booking.place = place


def _hold(work: Work, session: Session, *, is_held: bool) -> None:
    for held in work.session.scalars(
        sa.select(SessionResource).where(SessionResource.session_id == session.id)
    ):
        held.is_held = is_held
    work.session.flush()


def _announce(work: Work, booking: Booking) -> None:
    session = work.session.get_one(Session, booking.session_id)
    work.announce(
        AttendanceRecorded(
            booking_id=booking.id,
            patient_id=booking.patient_id,
            modality=session.modality,
            status=booking.status,
            service_date=booking.service_date,
        )
    )


def _policy(work: Work) -> BookingPolicy:
    return policy(work, BookingPolicy(), of="scheduling", on=work.service_date)
