"""What the stock pages take in."""

from __future__ import annotations

from decimal import Decimal

from wtforms import (
    DecimalField,
    IntegerField,
    SelectField,
    StringField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
)

from clinic.stock.facts import Medication
from clinic.web.forms import OnceForm, choice

WINDOWS_MAX = 20


class BottleForm(OnceForm):
    window = IntegerField(
        "Window", default=1, validators=[InputRequired(), NumberRange(1, WINDOWS_MAX)]
    )
    medication = SelectField(
        "Medication",
        choices=[choice(Medication.METHADONE.value, Medication.METHADONE.label)],
    )
    lot = StringField("Lot", validators=[DataRequired(), Length(max=80)])
    concentration_mg_per_ml = DecimalField(
        "Strength",
        places=None,
        default=Decimal(10),
        validators=[InputRequired(), NumberRange(min=Decimal("0.001"), max=1000)],
        render_kw={"data-unit": "mg/mL", "inputmode": "decimal"},
    )
    volume_ml = DecimalField(
        "Volume",
        places=None,
        default=Decimal(1000),
        validators=[InputRequired(), NumberRange(min=Decimal("0.001"), max=20000)],
        render_kw={"data-unit": "mL", "inputmode": "decimal"},
    )
