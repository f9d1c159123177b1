"""The word a patient says before a draw."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import DataRequired, Length

from clinic.rewards.facts import CHOICE_LENGTH_MAX
from clinic.web.forms import OnceForm


class DrawForm(OnceForm):
    choice = StringField(
        "The patient's word or number",
        validators=[DataRequired(), Length(max=CHOICE_LENGTH_MAX)],
        description="Anything the patient likes. It is mixed with the committed seed.",
        render_kw={"autocomplete": "off"},
    )
