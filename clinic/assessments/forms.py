"""What is keyed when an instrument is filled: one row of scores per item."""

from __future__ import annotations

from typing import Any

from wtforms import Field, Form, HiddenField, RadioField, StringField
from wtforms.validators import Length, Optional, ValidationError

from clinic.assessments.facts import Instrument, Item
from clinic.web.forms import OnceForm, choice

_ROW = "answer_"


class AssessmentForm(OnceForm):
    """What every instrument's form has beside its rows."""

    instrument = HiddenField()
    note = StringField("Note", validators=[Optional(), Length(max=200)])

    @property
    def rows(self) -> list[RadioField]:
        """The items' fields in the order of the form."""
        return [field for field in self if field.name.startswith(_ROW)]

    def answers_made(self) -> dict[str, int]:
        """The scores somebody chose, once the form is valid."""
        return {row.name.removeprefix(_ROW): int(row.data) for row in self.rows if row.data}

    def validate_instrument(self, _field: HiddenField) -> None:
        if not any(row.data for row in self.rows):
            raise ValidationError("Answer at least one item.")


def form_of(instrument: Instrument) -> type[AssessmentForm]:
    """The form of one edition: its items as rows, blank until somebody answers."""
    rows = {f"{_ROW}{item.name}": _row(item) for item in instrument.items}
    return type("FilledForm", (AssessmentForm,), rows)


def _row(item: Item) -> RadioField:
    legal = [str(score) for score in item.legal]

    def blank_or_legal(_form: Form, field: Field) -> None:
        if field.data and field.data not in legal:
            raise ValidationError(f"One of {', '.join(legal)}.")

    return RadioField(
        item.label,
        choices=[_choice(one.score, one.label) for one in item.choices],
        validate_choice=False,
        validators=[blank_or_legal],
    )


def _choice(score: int, label: str) -> Any:
    return choice(str(score), f"{score} {label}".strip())
