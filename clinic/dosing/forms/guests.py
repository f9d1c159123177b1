"""What is keyed about guest dosing."""

from __future__ import annotations

from datetime import date

from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from clinic.core.units import plain
from clinic.dosing.facts.guests import (
    GuestDirection,
    GuestProposal,
    GuestReason,
    LastDose,
    OtherProgram,
)
from clinic.dosing.forms.orders import DOSE_MG_MAX
from clinic.stock.facts import Medication
from clinic.web.forms import OnceForm, choice, given

_MEDICATIONS = [
    choice(one.value, one.label)
    for one in (
        Medication.METHADONE,
        Medication.BUPRENORPHINE,
        Medication.BUPRENORPHINE_NALOXONE,
    )
]


class GuestForm(OnceForm):
    """A stay and its packet; what only a guest from elsewhere brings is asked of them alone."""

    direction = RadioField(
        "Who goes where",
        choices=[choice(one.value, one.label) for one in GuestDirection],
        default=GuestDirection.OUT.value,
        validators=[InputRequired()],
    )
    other_name = StringField("The other program", validators=[DataRequired(), Length(max=200)])
    other_address = StringField("Its address", validators=[Optional(), Length(max=200)])
    other_telephone = StringField("Its telephone", validators=[DataRequired(), Length(max=80)])
    other_contact = StringField("Contact nurse there", validators=[Optional(), Length(max=200)])
    starts_on = DateField("First day", validators=[InputRequired()])
    last_on = DateField("Last day", validators=[InputRequired()])
    reason = SelectField("Why", choices=[choice(one.value, one.label) for one in GuestReason])
    justification = TextAreaField(
        "Why the home program cannot be reached",
        validators=[DataRequired(), Length(min=10, max=1000)],
        render_kw={"rows": 2},
    )
    consent_on = DateField(
        "Consent signed on",
        validators=[Optional()],
        description="That both programs may speak of the treatment.",
    )
    id_seen = StringField(
        "Identification seen",
        validators=[Optional(), Length(max=200)],
        description="Kind and number of the document copied for the packet.",
    )
    urine_summary = StringField("Last urine tests", validators=[Optional(), Length(max=200)])
    allergies = StringField("Allergies", validators=[Optional(), Length(max=200)])
    medication = SelectField("Medication", choices=_MEDICATIONS)
    dose_mg = DecimalField(
        "Dose at home",
        places=None,
        validators=[Optional(), NumberRange(min=0, max=DOSE_MG_MAX)],
        render_kw={"data-unit": "mg", "inputmode": "decimal"},
    )
    last_dose_mg = DecimalField(
        "Last dose",
        places=None,
        validators=[Optional(), NumberRange(min=0, max=DOSE_MG_MAX)],
        render_kw={"data-unit": "mg", "inputmode": "decimal"},
    )
    last_dose_on = DateField("Given on", validators=[Optional()])
    last_dose_time = StringField("At", validators=[Optional(), Length(max=5)])
    last_dose_observed = BooleanField("Observed", default=True)
    take_homes_in_hand = IntegerField(
        "Take-homes in hand", default=0, validators=[Optional(), NumberRange(0, 62)]
    )
    verified_with = StringField(
        "Confirmed by telephone with",
        validators=[Optional(), Length(max=200)],
        description="Who said so, and when.",
    )

    @property
    def proposal(self) -> GuestProposal:
        """The stay as asked for; people name a last day."""
        last: date = given(self.last_on.data)
        return GuestProposal(
            direction=GuestDirection(self.direction.data),
            other=OtherProgram(
                self.other_name.data or "",
                self.other_address.data or "",
                self.other_telephone.data or "",
                self.other_contact.data or "",
            ),
            starts_on=given(self.starts_on.data),
            ends_on=date.fromordinal(last.toordinal() + 1) if last < date.max else last,
            reason=GuestReason(self.reason.data),
            justification=self.justification.data or "",
            consent_on=self.consent_on.data,
            dose_mg=None if self.dose_mg.data is None else plain(self.dose_mg.data),
            last_dose=self._last_dose(),
            take_homes_in_hand=self.take_homes_in_hand.data or 0,
            urine_summary=self.urine_summary.data or "",
            allergies=self.allergies.data or "",
            id_seen=self.id_seen.data or "",
            verified_with=self.verified_with.data or "",
        )

    def _last_dose(self) -> LastDose | None:
        if self.last_dose_mg.data is None or self.last_dose_on.data is None:
            return None
        return LastDose(
            dose_mg=plain(self.last_dose_mg.data),
            given_on=self.last_dose_on.data,
            given_at=self.last_dose_time.data or "",
            observed=bool(self.last_dose_observed.data),
        )


class ReportedDoseForm(OnceForm):
    given_on = DateField("Day", validators=[InputRequired()])
    dose_mg = DecimalField(
        "Dose",
        places=None,
        validators=[InputRequired(), NumberRange(min=0, max=DOSE_MG_MAX)],
        render_kw={"data-unit": "mg", "inputmode": "decimal"},
    )
    told_by = StringField("Who told whom", validators=[DataRequired(), Length(max=200)])


class EndStayForm(OnceForm):
    reason = StringField("Why", validators=[DataRequired(), Length(max=200)])
