"""What is typed from the paper log: a line a patient, and whatever the list did not foresee."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wtforms import (
    DateField,
    DecimalField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    RadioField,
    StringField,
    TimeField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)
from wtforms.widgets import TextInput

from clinic.dosing.facts.downtime import PaperDose
from clinic.web.forms import OnceForm, PageForm, choice, stripped

LINES_MAX = 1000
DOSE_MG_MAX = 1000
SPARE_LINES = 5
WINDOWS_MAX = 20
GIVEN, NOT_GIVEN = "given", "not_given"
HALF_A_LINE = "A line needs the patient's code, the amount, the time and the initials."


class PaperLineForm(Form):
    """One line. Empty but for the code that was printed on the screen: nobody wrote on it."""

    code = StringField("Code", filters=[stripped], validators=[Optional(), Length(max=40)])
    dose_mg = DecimalField("mg", places=2, validators=[Optional(), NumberRange(0.01, DOSE_MG_MAX)])
    given_at = TimeField(
        "Time",
        format=["%H:%M", "%H%M"],
        validators=[Optional()],
        widget=TextInput(),  # one stop of Tab, not three
        render_kw={"inputmode": "numeric", "placeholder": "0712"},
    )
    initials = StringField("Initials", filters=[stripped], validators=[Optional(), Length(max=8)])

    @property
    def is_written(self) -> bool:
        """Somebody typed an amount, a time or initials."""
        return bool(self.dose_mg.raw_data and self.dose_mg.raw_data[0]) or bool(
            self.given_at.data or self.initials.data
        )

    def validate_code(self, field: StringField) -> None:
        """Raises: ValidationError when the line is only half there."""
        whole = field.data and self.dose_mg.data and self.given_at.data and self.initials.data
        if self.is_written and not whole:
            raise ValidationError(HALF_A_LINE)


class SheetForm(OnceForm):
    day = DateField("Clinic day", validators=[InputRequired()])
    serial = StringField(
        "Serial of the sheet",
        validators=[DataRequired(), Length(max=40)],
        description="As printed over the log.",
    )
    window = IntegerField("Window", validators=[InputRequired(), NumberRange(1, WINDOWS_MAX)])
    lines = FieldList(FormField(PaperLineForm), max_entries=LINES_MAX)

    class Meta(OnceForm.Meta):
        """A list of lines takes no filters: its fields strip themselves."""

        def bind_field(self, form: PageForm, unbound_field: Any, options: dict[str, Any]) -> Any:
            if issubclass(unbound_field.field_class, FieldList | FormField):
                return unbound_field.bind(form=form, **options)
            return super().bind_field(form, unbound_field, options)

    @property
    def doses(self) -> list[PaperDose]:
        """The lines somebody wrote on."""
        return list(self._written())

    def _written(self) -> Iterator[PaperDose]:
        for entry in self.lines:
            line: Any = entry.form
            if line.is_written:
                yield PaperDose(
                    line.code.data, line.dose_mg.data, line.given_at.data, line.initials.data
                )


class SettleLineForm(OnceForm):
    outcome = RadioField(
        "What is true",
        choices=[
            choice(GIVEN, "It was given: record it"),
            choice(NOT_GIVEN, "It is no dose of its own"),
        ],
        validators=[DataRequired()],
    )
    note = StringField(
        "What you found out, and from whom", validators=[DataRequired(), Length(max=200)]
    )
