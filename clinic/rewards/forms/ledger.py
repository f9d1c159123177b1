"""Redeeming, and voiding an award."""

from __future__ import annotations

from wtforms import RadioField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from clinic.core.money import cents_from_text
from clinic.rewards.facts import RedeemedAs
from clinic.web.forms import OnceForm, choice, given


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
