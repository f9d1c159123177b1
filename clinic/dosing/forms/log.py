"""What is keyed under and beside the dispensing log."""

from __future__ import annotations

from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length

from clinic.dosing.facts import CORRECTABLE
from clinic.web.forms import OnceForm, choice


class SignLogForm(OnceForm):
    """Only the key: who signs is who is signed in."""


class CorrectionForm(OnceForm):
    field = SelectField(
        "What is wrong", choices=[choice(name, label) for name, label in CORRECTABLE.items()]
    )
    reads = StringField("It should read", validators=[DataRequired(), Length(max=200)])
    reason = StringField("Why", validators=[DataRequired(), Length(max=200)])
