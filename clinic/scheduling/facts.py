"""Words of the schedule: kinds of resource, what a session needs, what becomes of a booking."""

from __future__ import annotations

from enum import StrEnum


class ResourceKind(StrEnum):
    STAFF = "staff"
    ROOM = "room"
    DEVICE = "device"
    BED = "bed"


class SessionStatus(StrEnum):
    PLANNED = "planned"
    CANCELLED = "cancelled"


class BookingStatus(StrEnum):
    """FHIR Appointment.status, in the clinic's words. The first three hold the place."""

    BOOKED = "booked"
    CHECKED_IN = "checked_in"
    ATTENDED = "attended"
    NO_SHOW = "no_show"
    LATE_CANCEL = "late_cancel"
    TIMELY_CANCEL = "timely_cancel"
    CLINIC_CANCEL = "clinic_cancel"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


HOLDS_PLACE = frozenset(
    {BookingStatus.BOOKED, BookingStatus.CHECKED_IN, BookingStatus.ATTENDED, BookingStatus.NO_SHOW}
)
"""A no-show held the time; a cancelled booking frees it."""


class Setting(StrEnum):
    IN_PERSON = "in_person"
    TELEHEALTH = "telehealth"
    HOME = "home"


class Disposition(StrEnum):
    """What an imported attendance list says of a visit: four states and no fewer."""

    VISIT = "visit"
    NO_VISIT = "no_visit"
    MISSING = "missing"
    BLANK = "blank"
    FINAL = "final"
