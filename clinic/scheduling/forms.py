"""What people type to book, to mark a visit, and to enter a resource."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TimeField,
    validators,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from clinic.scheduling.facts import (
    CANCELLED,
    BookingStatus,
    ResourceKind,
    ResourceName,
    Setting,
    VisitKind,
)
from clinic.web.forms import ChecksField, OnceForm, VersionedForm, choice

MINUTES_MAX = 600
SESSIONS_MAX = 104
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_MARKS = [
    choice(status.value, status.label) for status in (BookingStatus.ATTENDED, BookingStatus.NO_SHOW)
] + [
    choice(BookingStatus.LATE_CANCEL.value, "Cancelled by the patient"),
    choice(BookingStatus.CLINIC_CANCEL.value, "Cancelled by the clinic"),
]


class BookingForm(OnceForm):
    """One visit, or the same visit on chosen weekdays until their number is reached."""

    patient_id = HiddenField(validators=[DataRequired(), validators.UUID()])
    kind = SelectField("Visit", choices=[choice(each.value, each.label) for each in VisitKind])
    title = StringField(
        "Called", validators=[Optional(), Length(max=200)], description="As the board shows it."
    )
    on = DateField("Date", validators=[InputRequired()])
    at = TimeField("Time", validators=[InputRequired()])
    minutes = IntegerField(
        "Length",
        default=60,
        validators=[InputRequired(), NumberRange(min=5, max=MINUTES_MAX)],
        render_kw={"data-unit": "min"},
    )
    setting = RadioField(
        "Where",
        choices=[choice(each.value, each.label) for each in Setting],
        default=Setting.IN_PERSON.value,
    )
    staff = SelectField("With", validators=[Optional()])
    room = SelectField("Room", validators=[Optional()])
    device = SelectField("Device", validators=[Optional()])
    sessions = IntegerField(
        "Sessions",
        default=1,
        validators=[InputRequired(), NumberRange(min=1, max=SESSIONS_MAX)],
        description="More than one: on the weekdays below, closed days made up at the end.",
    )
    weekdays = ChecksField(
        "Weekdays",
        choices=[choice(str(number), name) for number, name in enumerate(WEEKDAYS)],
        validators=[Optional()],
        description="None: the weekday of the date.",
    )

    def offer(self, names: Sequence[ResourceName]) -> BookingForm:
        """Let the user choose among the site's resources, or leave each open."""
        for field, kind in (
            (self.staff, ResourceKind.STAFF),
            (self.room, ResourceKind.ROOM),
            (self.device, ResourceKind.DEVICE),
        ):
            field.choices = [
                choice("", "\N{EM DASH}"),
                *(
                    choice(str(each.id), each.name)
                    for each in names
                    if each.kind is kind and each.is_active
                ),
            ]
        return self

    @property
    def resource_ids(self) -> tuple[UUID, ...]:
        chosen = (self.staff.data, self.room.data, self.device.data)
        return tuple(UUID(each) for each in chosen if each)

    @property
    def called(self) -> str:
        return self.title.data or VisitKind(self.kind.data).label

    @property
    def chosen_weekdays(self) -> tuple[int, ...]:
        first: date = self.on.data  # type: ignore[assignment]  # asked after validation
        return tuple(int(each) for each in self.weekdays.data or ()) or (first.weekday(),)


class MarkForm(OnceForm):
    """What became of a booking. ``version`` is the one the board showed."""

    version = IntegerField(validators=[InputRequired()])
    status = SelectField("Outcome", choices=_MARKS, validators=[DataRequired()])
    reason = StringField("Reason", validators=[Optional(), Length(max=200)])

    def validate_reason(self, field: StringField) -> None:
        """Raises: ValueError when a cancellation names no reason."""
        if self.status.data in CANCELLED and not field.data:
            raise ValueError("A cancellation needs a reason.")


class CheckInForm(OnceForm):
    version = IntegerField(validators=[InputRequired()])


class CallOffForm(VersionedForm, OnceForm):
    reason = StringField("Reason", validators=[DataRequired(), Length(max=200)])


class JoinForm(OnceForm):
    session_id = HiddenField(validators=[DataRequired(), validators.UUID()])


class ResourceForm(OnceForm):
    kind = SelectField("Kind", choices=[choice(each.value, each.label) for each in ResourceKind])
    name = StringField("Name", validators=[DataRequired(), Length(max=200)])
    skills = StringField(
        "Can do, or is",
        validators=[Optional(), Length(max=400)],
        description="Codes as the treatments name them, with commas: counselor, tms_operator;"
        " counseling_room, tms_stimulator.",
    )

    @property
    def skill_codes(self) -> list[str]:
        words = (self.skills.data or "").replace(";", ",").split(",")
        return [code for word in words if (code := "_".join(word.lower().split()))]


class InUseForm(VersionedForm):
    is_active = HiddenField(validators=[DataRequired()])


def first_offer(now: datetime, *, on: date | None) -> dict[str, Any]:
    """What a new booking starts from: now, in whole five minutes, or the morning of another day.

    Units: ``now`` is the site's wall clock.
    """
    if on is not None and on != now.date():
        return {"on": on, "at": time(9, 0)}
    return {"on": now.date(), "at": time(now.hour, now.minute - now.minute % 5)}
