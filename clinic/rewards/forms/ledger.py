"""Handing over for a balance with a signature, taking back with two, and closing a month."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    PasswordField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    EqualTo,
    InputRequired,
    Length,
    Optional,
    ValidationError,
)

from clinic.core.money import cents_from_text
from clinic.rewards.facts import RedeemedAs, Signature
from clinic.staff.forms import SecondPersonForm
from clinic.staff.rules import may_be_pin
from clinic.web.forms import OnceForm, PageForm, choice, given

STROKES_MAX = 200
POINTS_MAX = 5000
STROKES_LENGTH_MAX = 100_000
_NOT_DRAWN = "The drawn signature cannot be read. Clear it and sign again."

NOT_SIGNED = "The patient has to sign for it, by name or by PIN."

Strokes = tuple[tuple[tuple[int, int], ...], ...]


class SignedForm(SecondPersonForm):
    """What a patient signs for; a second person signs too where the amount asks for it."""

    witness = StringField(
        "Second person's username",
        validators=[Optional(), Length(max=80)],
        description="Only where the amount takes two people.",
        render_kw={"autocomplete": "off"},
    )
    signed_name = StringField(
        "Patient's name, typed",
        validators=[Optional(), Length(max=200)],
        description="Not needed with the patient's PIN.",
        render_kw={"autocomplete": "off"},
    )
    pin = PasswordField(
        "Or the patient's own PIN",
        validators=[Optional(), Length(max=20)],
        description="The patient types it.",
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    received = BooleanField(
        "The patient has it in hand and signs for it",
        validators=[DataRequired(message="Tick this when the patient has it in hand.")],
    )
    strokes = HiddenField(validators=[Optional(), Length(max=STROKES_LENGTH_MAX)])

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.witness_password.validators = [Optional(), Length(max=200)]
        self.witness_password.flags.required = False
        self.witness_password.label.text = "Second person's PIN or password"

    @property
    def has_second_person(self) -> bool:
        return bool(self.witness.data)

    def signature(self, pin_id: UUID | None) -> Signature:
        """The patient's: ``pin_id`` is the PIN that was right, if one was typed."""
        return Signature(
            name=self.signed_name.data or "", strokes=_strokes(self.strokes.data), pin_id=pin_id
        )

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """WTForms hook: a name or a PIN, one of the two."""
        is_valid: bool = super().validate(extra_validators)
        if self.signed_name.data or self.pin.data:
            return is_valid
        self.signed_name.errors = [*self.signed_name.errors, NOT_SIGNED]
        return False

    def validate_strokes(self, field: HiddenField) -> None:
        """WTForms hook. Raises: ValidationError when the drawing is not one."""
        try:
            _strokes(field.data)
        except (ValueError, TypeError, RecursionError) as error:
            raise ValidationError(_NOT_DRAWN) from error


class HandOverForm(SignedForm):
    serial = StringField(
        "Serial number",
        validators=[DataRequired(), Length(max=80)],
        description="Scan or type the card's or prize's number.",
        render_kw={"autocomplete": "off", "data-scan": True},
    )
    amount = StringField(
        "Amount in dollars",
        validators=[Optional(), Length(max=12)],
        description="Empty: all the card is worth. Less leaves the rest on the card, in stock.",
        render_kw={"inputmode": "decimal"},
    )

    def validate_amount(self, field: StringField) -> None:
        _require_cents(field)

    @property
    def amount_cents(self) -> int | None:
        return cents_from_text(self.amount.data) if self.amount.data else None


class GoodsForm(SignedForm):
    amount = StringField(
        "Amount in dollars",
        validators=[DataRequired(), Length(max=12)],
        render_kw={"inputmode": "decimal"},
    )
    handed_over = RadioField(
        "Handed over as",
        choices=[choice(form.value, form.label) for form in (RedeemedAs.GOODS, RedeemedAs.VOUCHER)],
        default=RedeemedAs.GOODS.value,
        description="Never cash; no alcohol, tobacco, cannabis, weapons or gambling.",
    )
    memo = StringField(
        "What exactly",
        validators=[DataRequired(), Length(max=150)],
        description="The goods, or the shop and the voucher's number.",
    )

    def validate_amount(self, field: StringField) -> None:
        _require_cents(field)

    @property
    def amount_cents(self) -> int:
        return cents_from_text(given(self.amount.data))

    @property
    def memo_line(self) -> str:
        return f"{RedeemedAs(self.handed_over.data).label}: {self.memo.data}"


class PatientPinForm(PageForm):
    """The patient types the same six digits twice, at the desk or on their own page."""

    pin = PasswordField(
        "PIN the patient chooses",
        validators=[DataRequired(), Length(max=20)],
        description="Six digits, not a row and no pattern. The patient types them, nobody else.",
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    pin_again = PasswordField(
        "PIN again",
        validators=[DataRequired(), EqualTo("pin", message="The two do not match.")],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )

    def validate_pin(self, field: PasswordField) -> None:
        """WTForms hook. Raises: ValidationError with what is wrong with the digits."""
        reasons = may_be_pin(field.data or "").reasons
        if reasons:
            raise ValidationError(" ".join(reason.message for reason in reasons))


class OwnPinForm(PatientPinForm):
    """On the patient's own page the password stands beside it, as with every PIN."""

    password = PasswordField("Your password", validators=[DataRequired(), Length(max=200)])


class VoidForm(SecondPersonForm):
    reason = TextAreaField("Reason", validators=[DataRequired(), Length(max=150)])


class CloseForm(OnceForm):
    first_on = DateField("Month", validators=[InputRequired()])


def _require_cents(field: StringField) -> None:
    try:
        cents = cents_from_text(given(field.data))
    except ValueError as error:
        raise ValidationError("Type dollars and cents, such as 12.50.") from error
    if cents == 0:
        raise ValidationError("The amount must be more than zero.")


def _strokes(text: str | None) -> Strokes:
    """The drawn signature. Raises: ValueError or TypeError when it is none."""
    found: Strokes = tuple(
        tuple((int(x), int(y)) for x, y in stroke) for stroke in json.loads(text or "[]")
    )
    if len(found) > STROKES_MAX or sum(map(len, found)) > POINTS_MAX:
        raise ValueError("too long for a signature")
    return found
