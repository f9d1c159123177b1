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
    RadioField,
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

from clinic.core.decision import Decision, Effect
from clinic.core.errors import NotFound
from clinic.core.units import plain
from clinic.dosing.facts import (
    TYPED_AGAIN,
    LongActingProduct,
    OrderPlanTerms,
    OrderProposal,
    PlanKind,
)
from clinic.dosing.forms.asked import AskedForm
from clinic.dosing.forms.window import PORTIONS_MAX
from clinic.stock.facts import Form, Medication
from clinic.web.forms import OnceForm, choice, given

DOSE_MG_MAX = 2000
"""No field takes more: above any dose of these medications, so it can only be a slip."""
_ORDERABLE = [choice(one.value, one.label) for one in Medication if one is not Medication.OTHER]


def _mg_field(label: str, *, smallest: int, description: str = "") -> DecimalField:
    return DecimalField(
        label,
        places=None,
        validators=[InputRequired(), NumberRange(min=smallest, max=DOSE_MG_MAX)],
        description=description,
        render_kw={"data-unit": "mg", "inputmode": "decimal"},
    )


_PRODUCTS = [choice(one.value, one.label) for one in LongActingProduct]
_TAKEN_DAILY = [one for one in Form if one is not Form.INJECTION]


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
    product = SelectField(
        "Long-acting product",
        choices=[choice("", "none: taken daily"), *_PRODUCTS],
        validators=[Optional()],
        description="For an injection: it decides when the next one is due.",
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
            product=self._product,
        )

    @property
    def _product(self) -> LongActingProduct | None:
        if self.form.data != Form.INJECTION or not self.product.data:
            return None
        return LongActingProduct(self.product.data)

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


class PlanForm(AskedForm):
    """Steps up or a taper. Every question has a box: the doses stand in a table above them."""

    kind = RadioField(
        "Plan",
        choices=[choice(one.value, one.label) for one in PlanKind],
        default=PlanKind.TITRATION,
        validators=[InputRequired()],
    )
    medication = SelectField("Medication", choices=_ORDERABLE)
    form = SelectField("Form", choices=[choice(one.value, one.label) for one in _TAKEN_DAILY])
    first_mg = _mg_field("First dose", smallest=0)
    last_mg = _mg_field("Last dose", smallest=0, description="0 in a taper: it ends there.")
    step_mg = _mg_field("Each step", smallest=0)
    every_days = IntegerField(
        "Every",
        default=3,
        validators=[InputRequired(), NumberRange(1, 90)],
        render_kw={"data-unit": "days"},
    )
    portions = IntegerField(
        "Portions", default=1, validators=[InputRequired(), NumberRange(1, PORTIONS_MAX)]
    )
    starts_on = DateField("First day", validators=[InputRequired()])
    rationale = TextAreaField("Reason", validators=[Optional(), Length(max=2000)])

    @property
    def terms(self) -> OrderPlanTerms:
        return OrderPlanTerms(
            kind=PlanKind(self.kind.data),
            medication=Medication(self.medication.data),
            form=Form(self.form.data),
            first_mg=plain(given(self.first_mg.data)),
            last_mg=plain(given(self.last_mg.data)),
            step_mg=plain(given(self.step_mg.data)),
            every_days=given(self.every_days.data),
            starts_on=given(self.starts_on.data),
            portions=given(self.portions.data),
            rationale=self.rationale.data or "",
        )

    @property
    def answered(self) -> frozenset[str]:
        return frozenset(self.confirmed.data or ())

    def ask(self, decision: Decision) -> None:
        """Offer one box for each question."""
        self.confirmed.choices = [
            choice(reason.code, reason.message)
            for reason in decision.reasons
            if reason.effect is Effect.ASK
        ]


class StopForm(OnceForm):
    order_number = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    reason = StringField("Why", validators=[DataRequired(), Length(max=200)])
