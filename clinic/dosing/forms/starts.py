"""What is found before a first dose, and an ECG."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    IntegerField,
    RadioField,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from clinic.core.service_dates import SiteClock
from clinic.dosing.facts import NaloxoneChallenge, OpioidClass, QtcMethod
from clinic.web.forms import OnceForm, choice, given


class FindingsForm(OnceForm):
    opioid_class = RadioField(
        "Last opioid",
        choices=[choice(one.value, one.label.capitalize()) for one in OpioidClass],
        validators=[InputRequired()],
    )
    last_opioid_at = DateTimeLocalField("Taken at", validators=[InputRequired()])
    naloxone_challenge = RadioField(
        "Naloxone challenge",
        choices=[choice(one.value, one.label) for one in NaloxoneChallenge],
        default=NaloxoneChallenge.NOT_DONE,
        validators=[InputRequired()],
    )
    withdrawal_signs = BooleanField("Signs of withdrawal")
    on_opioid_analgesic = BooleanField("Takes an opioid for pain")
    acute_hepatitis_or_liver_failure = BooleanField("Acute hepatitis or liver failure")
    note = StringField("Note", validators=[Optional(), Length(max=200)])

    def as_findings(self, clock: SiteClock) -> dict[str, Any]:
        """The arguments of ``services.record_start_findings``; the wall time is the site's."""
        wall: datetime = given(self.last_opioid_at.data)
        return {
            "opioid_class": OpioidClass(self.opioid_class.data),
            "last_opioid_at": wall.replace(tzinfo=clock.zone).astimezone(UTC),
            "naloxone_challenge": NaloxoneChallenge(self.naloxone_challenge.data),
            "withdrawal_signs": self.withdrawal_signs.data,
            "on_opioid_analgesic": self.on_opioid_analgesic.data,
            "acute_hepatitis_or_liver_failure": self.acute_hepatitis_or_liver_failure.data,
            "note": self.note.data or "",
        }


class EcgForm(OnceForm):
    measured_on = DateField("Measured on", validators=[InputRequired()])
    qtc_ms = IntegerField(
        "QTc", validators=[InputRequired(), NumberRange(200, 800)], render_kw={"data-unit": "ms"}
    )
    method = RadioField(
        "Corrected by",
        choices=[choice(one.value, one.label) for one in QtcMethod],
        default=QtcMethod.BAZETT,
        validators=[InputRequired()],
    )
    read_by = StringField("Read by", validators=[DataRequired(), Length(max=200)])

    def as_ecg(self) -> dict[str, Any]:
        """The arguments of ``services.record_ecg``."""
        return {
            "measured_on": given(self.measured_on.data),
            "qtc_ms": given(self.qtc_ms.data),
            "method": QtcMethod(self.method.data),
            "read_by": self.read_by.data or "",
        }
