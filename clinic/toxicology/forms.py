"""What is typed, or keyed, when a cup is read."""

from __future__ import annotations

from wtforms import BooleanField, Field, Form, RadioField, StringField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from clinic.toxicology.facts import PANEL, Analyte, CollectionOutcome, Reading
from clinic.web.forms import OnceForm, choice


class ResultForm(OnceForm):
    """The outcome of a test and one row of keys per analyte of the panel, blank until read."""

    outcome = RadioField(
        "Outcome",
        choices=[choice(outcome.value, outcome.label) for outcome in CollectionOutcome],
        default=CollectionOutcome.COLLECTED.value,
    )
    was_random = BooleanField("Random test")
    was_observed = BooleanField("Collection observed")
    note = StringField("Note", validators=[Optional(), Length(max=200)])

    @property
    def rows(self) -> list[RadioField]:
        """The readings' fields in the order of the panel."""
        return [self[row_of(analyte)] for analyte in PANEL]

    def readings_made(self) -> dict[Analyte, Reading]:
        """The readings somebody made, once the form is valid."""
        return {
            analyte: Reading(row.data)
            for analyte, row in zip(PANEL, self.rows, strict=True)
            if row.data
        }

    def validate_outcome(self, field: RadioField) -> None:
        is_collected = field.data == CollectionOutcome.COLLECTED
        is_read = any(row.data for row in self.rows)
        if is_collected and not is_read:
            raise ValidationError("Read at least one analyte, or say why there is no specimen.")
        if is_read and not is_collected:
            raise ValidationError(
                "Without a specimen there is nothing to read. Clear the readings."
            )


def row_of(analyte: Analyte) -> str:
    """The name of an analyte's field."""
    return f"reading_{analyte.value}"


def _blank_or_a_reading(_form: Form, field: Field) -> None:
    if field.data and field.data not in set(Reading):
        raise ValidationError("Not a valid choice.")


def _reading_of(analyte: Analyte) -> RadioField:
    return RadioField(
        analyte.label,
        choices=[choice(reading.value, reading.label) for reading in Reading],
        validate_choice=False,
        validators=[_blank_or_a_reading],
    )


for _analyte in PANEL:
    setattr(ResultForm, row_of(_analyte), _reading_of(_analyte))


class ConfirmationForm(OnceForm):
    """What the laboratory read: one row per analyte, blank where it did not read."""

    report = StringField("Report number", validators=[Length(max=200)])

    @property
    def rows(self) -> list[RadioField]:
        """The readings' fields in the order of the panel."""
        return [self[row_of(analyte)] for analyte in PANEL]

    def readings_made(self) -> dict[Analyte, Reading]:
        """The readings the laboratory made, once the form is valid."""
        return {
            analyte: Reading(row.data)
            for analyte, row in zip(PANEL, self.rows, strict=True)
            if row.data
        }

    def validate_report(self, _field: StringField) -> None:
        if not any(row.data for row in self.rows):
            raise ValidationError("The laboratory read at least one analyte.")


class SendForm(OnceForm):
    """Which laboratory gets the specimen."""

    laboratory = StringField("Laboratory", validators=[DataRequired(), Length(max=200)])


def _found_or_not(_form: Form, field: Field) -> None:
    if field.data and field.data not in _FOUND:
        raise ValidationError("Not a valid choice.")


def _confirmed(analyte: Analyte) -> RadioField:
    return RadioField(
        analyte.label,
        choices=[choice(reading.value, reading.label) for reading in _FOUND],
        validate_choice=False,
        validators=[_found_or_not],
    )


_FOUND = (Reading.NEGATIVE, Reading.POSITIVE)

for _analyte in PANEL:
    setattr(ConfirmationForm, row_of(_analyte), _confirmed(_analyte))
