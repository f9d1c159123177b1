"""What is keyed on the card of a visit."""

from __future__ import annotations

from collections.abc import Collection

from wtforms import BooleanField, Field, Form, IntegerField, RadioField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import HiddenInput

from clinic.core.errors import Refused
from clinic.rewards.facts import Collected, Mark
from clinic.rewards.rules.visits import UNREAD, collected
from clinic.toxicology.facts import PANEL, Analyte
from clinic.web.forms import OnceForm, choice

VISITS_MAX = 1000
CAME = {
    Mark.NEGATIVE: "Kept",
    Mark.EXCUSED: "Excused",
    Mark.MISSED: "Missed",
}


class VisitForm(OnceForm):
    """The visit the card stands for, and one row of keys per analyte of the protocol.

    ``shown`` is what the preview said the visit brings; empty when nobody looked.
    """

    number = IntegerField(
        widget=HiddenInput(), validators=[InputRequired(), NumberRange(min=1, max=VISITS_MAX)]
    )
    came = RadioField(
        "The visit",
        choices=[choice(mark.value, label) for mark, label in CAME.items()],
        validate_choice=False,
    )
    was_observed = BooleanField("Collection observed")
    note = StringField("Note", validators=[Optional(), Length(max=200)])
    shown = StringField(validators=[Optional(), Length(max=40)])
    laboratory = StringField(
        "Send to the laboratory",
        validators=[Optional(), Length(max=200)],
        description="Name the laboratory, and its result is awaited.",
    )

    def row(self, analyte: Analyte) -> RadioField:
        """The field of an analyte."""
        field: RadioField = self[row_of(analyte)]
        return field

    def marks(self, rows: Collection[Analyte]) -> dict[Analyte, Mark]:
        """The keys pressed so far, by analyte."""
        return {analyte: Mark(self.row(analyte).data) for analyte in rows if self.row(analyte).data}

    def read(self, rows: Collection[Analyte]) -> Collected | None:
        """What the rows come to; None, with the reason on the first open row, while they do not."""
        marks = self.marks(rows)
        try:
            return collected(marks, rows=rows)
        except Refused as refused:
            unread = (analyte for analyte in rows if analyte not in marks)
            field = self.row(next(unread, next(iter(rows))))
            field.errors = [*field.errors, str(refused)]
            return None

    def answers(self, rows: Collection[Analyte]) -> bool:
        """Whether the card says what its protocol asks; if not, the fields say what is missing."""
        if rows:
            return self.read(rows) is not None
        if self.came_mark is None:
            self.came.errors = [UNREAD]
        return self.came_mark is not None

    @property
    def came_mark(self) -> Mark | None:
        return Mark(self.came.data) if self.came.data in set(CAME) else None


def row_of(analyte: Analyte) -> str:
    """The name of an analyte's field."""
    return f"row_{analyte.value}"


def _blank_or_a_mark(_form: Form, field: Field) -> None:
    if field.data and field.data not in set(Mark):
        raise ValidationError("Not a valid choice.")


def _row(analyte: Analyte) -> RadioField:
    return RadioField(
        analyte.label,
        choices=[choice(mark.value, mark.label) for mark in Mark],
        validate_choice=False,
        validators=[_blank_or_a_mark],
    )


for _analyte in PANEL:
    setattr(VisitForm, row_of(_analyte), _row(_analyte))
