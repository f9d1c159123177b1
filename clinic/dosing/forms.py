"""What is typed or keyed at the window, in the prescriber's order, at the stock."""

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
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
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
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from clinic.core.decision import Decision, Effect
from clinic.core.errors import NotFound
from clinic.core.units import plain
from clinic.dosing.facts import (
    TYPED_AGAIN,
    Form,
    HoldReason,
    Medication,
    OrderProposal,
    VoidReason,
)
from clinic.web.forms import OnceForm, PageForm, choice, given

DOSE_MG_MAX = 2000
"""No field takes more: above any dose of these medications, so it can only be a slip."""

WINDOWS_MAX = 20
PORTIONS_MAX = 4

_ORDERABLE = [choice(one.value, one.label) for one in Medication if one is not Medication.OTHER]


class AskedForm(OnceForm):
    """A form that answers the questions of a decision, each by its code."""

    confirmed = SelectMultipleField(
        "I have looked at this",
        choices=[],
        validate_choice=False,  # a code nobody asked for answers nothing
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )

    def ask(self, decision: Decision) -> None:
        """Offer one box for each question that a tick answers."""
        self.confirmed.choices = [
            choice(reason.code, reason.message)
            for reason in decision.reasons
            if reason.effect is Effect.ASK and reason.code not in TYPED_AGAIN
        ]


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


class VoidForm(OnceForm):
    reason = RadioField(
        "What happened",
        choices=[choice(one.value, one.label) for one in VoidReason],
    )
    note = StringField("Note", validators=[Optional(), Length(max=200)])
    witness = StringField(
        "Witness's username",
        validators=[DataRequired(), Length(max=80)],
        render_kw={"autocomplete": "off"},
    )
    witness_password = PasswordField(
        "Witness's password",
        validators=[DataRequired(), Length(max=200)],
        description="The second person signs here, on this screen.",
        render_kw={"autocomplete": "off"},
    )

    def request_values(self) -> dict[str, Any]:
        return {k: v for k, v in super().request_values().items() if k != "witness_password"}


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
