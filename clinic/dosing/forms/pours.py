"""What is typed about a pour."""

from __future__ import annotations

from wtforms import DecimalField, IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange
from wtforms.widgets import HiddenInput

from clinic.staff.forms import SecondPersonForm
from clinic.web.forms import OnceForm

PORTIONS_MAX = 4
CUP_ML_MAX = 100


class PourForm(OnceForm):
    """The portion as the nurse saw it."""

    order_number = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    portion = IntegerField(
        widget=HiddenInput(), validators=[InputRequired(), NumberRange(1, PORTIONS_MAX)]
    )


class MeasuredForm(SecondPersonForm):
    measured_ml = DecimalField(
        "Measured in the cup",
        places=3,
        validators=[InputRequired(), NumberRange(0, CUP_ML_MAX)],
        description="0 when nothing came out.",
    )
    reason = StringField("Why the pump cannot tell", validators=[DataRequired(), Length(max=200)])


class WastePourForm(SecondPersonForm):
    reason = StringField("Why it is wasted", validators=[DataRequired(), Length(max=200)])
