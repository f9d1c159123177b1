"""What is done to the schedule: resources, bookings, attendance."""

from __future__ import annotations

from clinic.scheduling.services.arrivals import arrive, arrive_once
from clinic.scheduling.services.attendance import (
    attend_today,
    cancel_course_bookings,
    cancel_future_bookings,
    cancel_session,
    check_in,
    check_in_patient,
    mark,
    undo,
)
from clinic.scheduling.services.booking import book_series, book_session, join_session
from clinic.scheduling.services.resources import add_resource, set_resource_active

__all__ = [
    "add_resource",
    "arrive",
    "arrive_once",
    "attend_today",
    "book_series",
    "book_session",
    "cancel_course_bookings",
    "cancel_future_bookings",
    "cancel_session",
    "check_in",
    "check_in_patient",
    "join_session",
    "mark",
    "set_resource_active",
    "undo",
]
