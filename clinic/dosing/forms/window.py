"""What is keyed at the window."""

from __future__ import annotations

from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    IntegerField,
    RadioField,
    StringField,
)
from wtforms.validators import (
    InputRequired,
    Length,
    NumberRange,
    Optional,
)
from wtforms.widgets import HiddenInput

from clinic.dosing.facts import (
    HoldReason,
    VoidReason,
)
from clinic.dosing.facts.line import ImpairmentSign, LinePriority, SecondIdentifier
from clinic.dosing.forms.asked import AskedForm
from clinic.staff.forms import SecondPersonForm
from clinic.web.forms import ChecksField, OnceForm, PageForm, choice, given

WINDOWS_MAX = 20
PORTIONS_MAX = 4


class GiveDoseForm(AskedForm):
    """The dose as the nurse saw it: the order's number and the portion travel with it.

    ``identity`` is the deliberate second key: nothing is sent until it is chosen.
    """

    identity = RadioField(
        "Second identifier",
        choices=[choice(one.value, one.label) for one in SecondIdentifier],
        validators=[InputRequired()],
    )
    looks_well = BooleanField("No sign of impairment")

    order_number = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    portion = IntegerField(
        widget=HiddenInput(), validators=[InputRequired(), NumberRange(1, PORTIONS_MAX)]
    )


class HoldForm(OnceForm):
    reason = RadioField(
        "Why",
        choices=[choice(one.value, one.label) for one in HoldReason],
    )
    note = StringField("Note", validators=[Optional(), Length(max=200)])


class ScreenForm(OnceForm):
    """Signs of impairment. Any of them holds the doses at once."""

    signs = ChecksField(
        "What is seen",
        choices=[choice(one.value, one.label) for one in ImpairmentSign],
        validators=[InputRequired()],
    )
    note = StringField("Note", validators=[Optional(), Length(max=100)])


class WeightForm(OnceForm):
    weight_kg = DecimalField(
        "Weight",
        places=None,
        validators=[InputRequired(), NumberRange(min=20, max=400)],
        render_kw={"data-unit": "kg", "inputmode": "decimal"},
    )

    @property
    def weight_g(self) -> int:
        """Whole grams."""
        return round(given(self.weight_kg.data) * 1000)


class CowsForm(OnceForm):
    score = IntegerField(
        "COWS total",
        validators=[InputRequired(), NumberRange(0, 48)],
        description="0 to 48.",
        render_kw={"inputmode": "numeric"},
    )


class PriorityForm(PageForm):
    priority = RadioField(
        "Goes first",
        choices=[choice(one.value, one.label) for one in LinePriority],
        default=LinePriority.NONE.value,
    )
    reason = StringField("Why", validators=[Optional(), Length(max=200)])
    until = DateField("Until", validators=[Optional()], description="Left empty: until changed.")


class WindowForm(PageForm):
    window = IntegerField("Window", validators=[InputRequired(), NumberRange(1, WINDOWS_MAX)])


class VoidForm(SecondPersonForm):
    reason = RadioField(
        "What happened",
        choices=[choice(one.value, one.label) for one in VoidReason],
    )
    note = StringField("Note", validators=[Optional(), Length(max=200)])


class SpillForm(VoidForm):
    """A dose that did not reach the patient as ordered: the poured volume becomes waste."""

    reason = RadioField(
        "What happened",
        choices=[
            choice(one.value, one.label)
            for one in VoidReason
            if one is not VoidReason.RECORDED_IN_ERROR
        ],
    )
