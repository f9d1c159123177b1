"""What an administrator types about a machine."""

from __future__ import annotations

from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp

from clinic.hardware.facts import LabelSize, PrinterKind
from clinic.web.forms import PageForm, choice

WINDOWS_MAX = 20
DPI = ("203", "300", "600")


class PrinterForm(PageForm):
    name = StringField("Name", validators=[DataRequired(), Length(max=80)])
    kind = SelectField("Prints", choices=[choice(one.value, one.label) for one in PrinterKind])
    host = StringField(
        "Address",
        validators=[
            Optional(),
            Length(max=200),
            Regexp(r"[A-Za-z0-9.\-]+$", message="A name or number on the network."),
        ],
    )
    port = IntegerField("Port", default=9100, validators=[InputRequired(), NumberRange(1, 65535)])
    dpi = SelectField("Dots per inch", choices=[choice(one, one) for one in DPI])
    size = SelectField("Label", choices=[choice(one.value, one.label) for one in LabelSize])
    window = IntegerField(
        "Window",
        validators=[Optional(), NumberRange(1, WINDOWS_MAX)],
        description="Empty: for every window without a printer of its own.",
    )


class PumpForm(PageForm):
    name = StringField("Name", validators=[DataRequired(), Length(max=80)])
    window = IntegerField("Window", validators=[InputRequired(), NumberRange(1, WINDOWS_MAX)])
    address = StringField(
        "Address",
        validators=[DataRequired(), Length(max=200)],
        description="socket://host:port or a serial port such as /dev/ttyUSB0.",
    )
