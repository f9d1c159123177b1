"""An attempt to reach a patient, and a day whose misses are the clinic's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from wtforms import DateField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from clinic.dosing.facts import ClinicCause, ContactMethod, ContactOutcome
from clinic.web.forms import OnceForm, choice, given


class ContactForm(OnceForm):
    method = RadioField(
        "How",
        choices=[choice(one.value, one.label) for one in ContactMethod],
        default=ContactMethod.PHONE,
        validators=[InputRequired()],
    )
    outcome = RadioField(
        "What came of it",
        choices=[choice(one.value, one.label) for one in ContactOutcome],
        validators=[InputRequired()],
    )
    note = StringField(
        "Note",
        validators=[Optional(), Length(max=200)],
        description="Nothing that tells a third person of treatment (42 CFR part 2).",
    )

    def as_contact(self) -> dict[str, Any]:
        """The arguments of ``services.record_contact``."""
        return {
            "method": ContactMethod(self.method.data),
            "outcome": ContactOutcome(self.outcome.data),
            "note": self.note.data or "",
        }


class AssignForm(OnceForm):
    to = SelectField("Who asks after them", validators=[Optional()])

    def offer(self, callers: Iterable[tuple[UUID, str]]) -> None:
        """Name who may be chosen; the first choice is nobody in person."""
        people = [choice(str(person_id), name) for person_id, name in callers]
        self.to.choices = [choice("", "Anybody"), *people]

    @property
    def chosen(self) -> UUID | None:
        return UUID(self.to.data) if self.to.data else None


class ClinicCausedForm(OnceForm):
    missed_on = DateField("Day", validators=[InputRequired()])
    cause = RadioField(
        "What happened",
        choices=[choice(one.value, one.label) for one in ClinicCause],
        validators=[InputRequired()],
    )
    note = StringField("Note", validators=[Optional(), Length(max=200)])

    def as_misses(self) -> dict[str, Any]:
        """The arguments of ``services.record_clinic_caused``."""
        return {
            "missed_on": given(self.missed_on.data),
            "cause": ClinicCause(self.cause.data),
            "note": self.note.data or "",
        }
