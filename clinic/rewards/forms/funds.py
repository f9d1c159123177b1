"""Naming who pays, setting budgets, listing cards and prizes, taking them into stock."""

from __future__ import annotations

from wtforms import DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from clinic.core.money import cents_from_text
from clinic.rewards.facts import NOT_OFFERED, FunderKind, GoodsCategory, Protocol, RedeemedAs
from clinic.web.forms import OnceForm, choice, given

_DOLLARS_HINT = "Type dollars and cents, such as 750.00."


def _require_dollars(field: StringField) -> None:
    try:
        cents_from_text(given(field.data))
    except ValueError as error:
        raise ValidationError(_DOLLARS_HINT) from error


class SourceForm(OnceForm):
    name = StringField("Name", validators=[DataRequired(), Length(max=80)])
    kind = RadioField(
        "Kind",
        choices=[choice(kind.value, kind.label) for kind in FunderKind],
        default=FunderKind.GRANT.value,
    )
    pays_for = SelectField("Pays for", validators=[Optional()])
    year_cap = StringField(
        "Most for one patient in a calendar year",
        validators=[Optional(), Length(max=12)],
        render_kw={"inputmode": "decimal", "data-unit": "$"},
    )
    terms = StringField(
        "Where that is written",
        validators=[DataRequired(), Length(max=200)],
        description="Grant number, contract, or rule.",
    )
    starts_on = DateField("From", validators=[InputRequired()])
    ends_on = DateField("Until, not included", validators=[Optional()])

    def validate_year_cap(self, field: StringField) -> None:
        _require_dollars(field)

    def offer(self, protocols: tuple[Protocol, ...]) -> SourceForm:
        """Let the form name any of these protocols, or none of them."""
        self.pays_for.choices = [
            choice("", "Every protocol no other source names"),
            *(choice(one.name, one.title) for one in protocols),
        ]
        return self

    @property
    def year_cap_cents(self) -> int | None:
        return cents_from_text(self.year_cap.data) if self.year_cap.data else None


class BudgetForm(OnceForm):
    calendar_year = IntegerField("Year", validators=[InputRequired(), NumberRange(2000, 2999)])
    amount = StringField(
        "Budget",
        validators=[DataRequired(), Length(max=16)],
        render_kw={"inputmode": "decimal", "data-unit": "$"},
    )

    def validate_amount(self, field: StringField) -> None:
        _require_dollars(field)

    @property
    def amount_cents(self) -> int:
        return cents_from_text(given(self.amount.data))


class InstrumentForm(OnceForm):
    kind = RadioField(
        "Kind",
        choices=[
            choice(RedeemedAs.GIFT_CARD.value, "Gift card"),
            choice(RedeemedAs.GOODS.value, "Prize"),
            choice(RedeemedAs.VOUCHER.value, "Voucher"),
        ],
        default=RedeemedAs.GIFT_CARD.value,
    )
    issuer = StringField("Shop or maker", validators=[DataRequired(), Length(max=80)])
    name = StringField("What it is", validators=[DataRequired(), Length(max=80)])
    category = SelectField(
        "Good for",
        choices=[choice(one.value, one.label) for one in GoodsCategory],
        description=f"Not offered: {', '.join(NOT_OFFERED)}.",
    )
    face = StringField(
        "Face value",
        validators=[DataRequired(), Length(max=12)],
        render_kw={"inputmode": "decimal", "data-unit": "$"},
    )

    def validate_face(self, field: StringField) -> None:
        _require_dollars(field)

    @property
    def face_cents(self) -> int:
        return cents_from_text(given(self.face.data))


class ReceiveForm(OnceForm):
    serials = TextAreaField(
        "Serial numbers",
        validators=[DataRequired(), Length(max=50_000)],
        description="One a line. Scan one after the other.",
        render_kw={"rows": 8},
    )

    @property
    def serial_numbers(self) -> list[str]:
        return [line.strip() for line in given(self.serials.data).splitlines() if line.strip()]
