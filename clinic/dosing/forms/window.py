"""What is keyed at the window."""

from __future__ import annotations

from wtforms import (
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
from clinic.dosing.forms.asked import AskedForm
from clinic.staff.forms import SecondPersonForm
from clinic.web.forms import OnceForm, PageForm, choice

WINDOWS_MAX = 20
PORTIONS_MAX = 4


class GiveDoseForm(AskedForm):
    """The dose as the nurse saw it: the order's number and the portion travel with it."""

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


class WindowForm(PageForm):
    window = IntegerField("Window", validators=[InputRequired(), NumberRange(1, WINDOWS_MAX)])


class VoidForm(SecondPersonForm):
    reason = RadioField(
        "What happened",
        choices=[choice(one.value, one.label) for one in VoidReason],
    )
    note = StringField("Note", validators=[Optional(), Length(max=200)])
