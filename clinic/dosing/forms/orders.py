"""What a prescriber's order says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from wtforms import (
    DateField,
    DecimalField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
)
from wtforms.widgets import HiddenInput

from clinic.core.errors import NotFound
from clinic.core.units import plain
from clinic.dosing.facts import TYPED_AGAIN, OrderProposal
from clinic.dosing.forms.asked import AskedForm
from clinic.dosing.forms.window import PORTIONS_MAX
from clinic.stock.facts import Form, Medication
from clinic.web.forms import OnceForm, choice, given

DOSE_MG_MAX = 2000
"""No field takes more: above any dose of these medications, so it can only be a slip."""
_ORDERABLE = [choice(one.value, one.label) for one in Medication if one is not Medication.OTHER]


class OrderForm(AskedForm):
    medication = SelectField("Medication", choices=_ORDERABLE)
    form = SelectField("Form", choices=[choice(one.value, one.label) for one in Form])
    dose_mg = DecimalField(
        "Dose for the whole day",
        places=None,
        validators=[InputRequired(), NumberRange(min=0, max=DOSE_MG_MAX)],
        render_kw={"data-unit": "mg", "inputmode": "decimal"},
    )
    portions = IntegerField(
        "Portions",
        default=1,
        validators=[InputRequired(), NumberRange(1, PORTIONS_MAX)],
        description="More than one: a split dose, given in equal parts.",
    )
    starts_on = DateField("First day", validators=[InputRequired()])
    ends_on = DateField(
        "Last day",
        validators=[Optional()],
        description="Left empty: until a newer order.",
    )
    qtc_ms = IntegerField(
        "Last QTc",
        validators=[Optional(), NumberRange(200, 800)],
        render_kw={"data-unit": "ms"},
    )
    rationale = TextAreaField(
        "Reason",
        validators=[Optional(), Length(max=2000)],
        description="Needed above 50 mg on the first day and for a fast taper.",
    )
    dose_again_mg = DecimalField(
        "Type the dose again",
        places=None,
        validators=[Optional()],
        render_kw={"data-unit": "mg", "inputmode": "decimal", "autocomplete": "off"},
    )
    reported_id = HiddenField(validators=[Optional(), Length(max=36)])

    @property
    def proposal(self) -> OrderProposal:
        """What is proposed; people name a last day, the order keeps the day after it."""
        last: date | None = self.ends_on.data
        return OrderProposal(
            medication=Medication(self.medication.data),
            form=Form(self.form.data),
            dose_mg=plain(given(self.dose_mg.data)),
            starts_on=given(self.starts_on.data),
            ends_on=date.fromordinal(last.toordinal() + 1) if last else None,
            portions=given(self.portions.data),
            rationale=self.rationale.data or "",
            qtc_ms=self.qtc_ms.data,
        )

    @property
    def answered(self) -> frozenset[str]:
        """Codes of the questions answered: by a tick, or by the same dose typed twice."""
        ticked = frozenset(self.confirmed.data or ()) - TYPED_AGAIN
        again: Decimal | None = self.dose_again_mg.data
        return ticked | TYPED_AGAIN if again == self.dose_mg.data else ticked

    @property
    def reported(self) -> UUID | None:
        """The report this order answers.

        Raises: NotFound when it is no id.
        """
        try:
            return UUID(self.reported_id.data) if self.reported_id.data else None
        except ValueError:
            raise NotFound("reported medication") from None

    def as_order(self) -> dict[str, Any]:
        """The arguments of ``services.place_order``."""
        proposal = self.proposal
        return {name: getattr(proposal, name) for name in OrderProposal.__dataclass_fields__} | {
            "confirmed_reasons": self.answered,
            "reported_id": self.reported,
        }


class StopForm(OnceForm):
    order_number = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    reason = StringField("Why", validators=[DataRequired(), Length(max=200)])
