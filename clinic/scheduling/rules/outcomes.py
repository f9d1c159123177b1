"""What may become of a booking, and which name a cancellation gets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from clinic.core.decision import Decision, Reason
from clinic.scheduling.facts import CANCELLED, BookingPolicy, BookingStatus

MOVES: Final[Mapping[BookingStatus, frozenset[BookingStatus]]] = {
    BookingStatus.BOOKED: CANCELLED
    | {BookingStatus.CHECKED_IN, BookingStatus.ATTENDED, BookingStatus.NO_SHOW},
    BookingStatus.CHECKED_IN: CANCELLED | {BookingStatus.ATTENDED},
}
"""What each status may turn into; a status absent here is final but for an undo."""


def cancellation(
    starts_at: datetime, *, cancelled_at: datetime, policy: BookingPolicy
) -> BookingStatus:
    """Whether a patient's cancellation is late or timely; the very hour of the limit is timely.

    Source: site policy behind the no-show rate (24 hours).
    """
    limit = starts_at - timedelta(hours=policy.late_cancel_hours)
    return BookingStatus.TIMELY_CANCEL if cancelled_at <= limit else BookingStatus.LATE_CANCEL


def may_become(
    wanted: BookingStatus,
    *,
    current: BookingStatus,
    starts_at: datetime,
    service_date: date,
    now: datetime,
    today: date,
    reason: str,
    policy: BookingPolicy,
) -> Decision:
    """Whether a booking may take the wanted status now.

    ``service_date`` is the booking's clinic day, ``today`` the site's.
    """
    reasons = []
    if wanted not in MOVES.get(current, frozenset()):
        message = f"A visit that is {current.label.lower()} cannot become {wanted.label.lower()}."
        reasons.append(Reason("no_such_move", message, policy.source))
    if wanted is BookingStatus.NO_SHOW and now < starts_at:
        message = "The visit has not begun yet; it can only be missed once it has."
        reasons.append(Reason("not_begun", message, policy.source))
    if wanted in {BookingStatus.CHECKED_IN, BookingStatus.ATTENDED} and service_date > today:
        message = f"The visit is on {service_date:%a %d %b %Y}, not today."
        reasons.append(Reason("wrong_day", message, policy.source))
    if wanted in CANCELLED and not reason:
        reasons.append(Reason("reason_missing", "A cancellation needs a reason.", policy.source))
    return Decision.of(reasons)


def may_undo(
    *,
    current: BookingStatus,
    changed_at: datetime | None,
    now: datetime,
    policy: BookingPolicy,
) -> Decision:
    """Whether the last step may be taken back; ``changed_at`` is when it was recorded."""
    if current is BookingStatus.BOOKED or changed_at is None:
        return Decision((Reason("nothing_to_undo", "There is nothing to undo.", policy.source),))
    if now - changed_at > timedelta(minutes=policy.undo_minutes):
        message = f"It can only be undone within {policy.undo_minutes} minutes."
        return Decision((Reason("too_late_to_undo", message, policy.source),))
    return Decision()
