"""What is typed to enrol a patient, to draw prizes, to redeem a balance, and to void an award."""

from __future__ import annotations

from wtforms import RadioField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from clinic.core.money import cents_from_text
from clinic.rewards.facts import CHOICE_LENGTH_MAX, PROTOCOLS, RedeemedAs
from clinic.web.forms import OnceForm, PageForm, choice, given


class EnrolForm(PageForm):
    protocol = RadioField(
        "Protocol",
        choices=[choice(code, protocol.title) for code, protocol in PROTOCOLS.items()],
        description=(
            "For tests negative for stimulants. Paying for opioid-free tests is not offered:"
            " lost tolerance raises the risk of overdose (SAMHSA, January 2025)."
        ),
    )


class DrawForm(OnceForm):
    choice = StringField(
        "The patient's word or number",
        validators=[DataRequired(), Length(max=CHOICE_LENGTH_MAX)],
        description="Anything the patient likes. It is mixed with the committed seed.",
        render_kw={"autocomplete": "off"},
    )


class RedeemForm(OnceForm):
    amount = StringField(
        "Amount in dollars",
        validators=[DataRequired(), Length(max=12)],
        render_kw={"inputmode": "decimal"},
    )
    handed_over = RadioField(
        "Handed over as",
        choices=[choice(form.value, form.label) for form in RedeemedAs],
        default=RedeemedAs.GIFT_CARD.value,
        description="Never cash; no alcohol, tobacco, cannabis, weapons or gambling.",
    )
    memo = StringField(
        "What exactly",
        validators=[DataRequired(), Length(max=150)],
        description="Shop and card number, or the goods.",
    )

    def validate_amount(self, field: StringField) -> None:
        try:
            cents = cents_from_text(given(field.data))
        except ValueError as error:
            raise ValidationError("Type dollars and cents, such as 12.50.") from error
        if cents == 0:
            raise ValidationError("The amount must be more than zero.")

    @property
    def amount_cents(self) -> int:
        return cents_from_text(given(self.amount.data))

    @property
    def memo_line(self) -> str:
        return f"{RedeemedAs(self.handed_over.data).label}: {self.memo.data}"


class VoidForm(OnceForm):
    reason = StringField("Reason", validators=[DataRequired(), Length(max=150)])
