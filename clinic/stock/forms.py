"""What the stock pages take in."""

from __future__ import annotations

from typing import Any

from wtforms import (
    DateField,
    DecimalField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from clinic.staff.forms import SecondPersonForm
from clinic.stock.facts import (
    NUMBERED,
    PRODUCT_OF,
    PRODUCTS,
    CountMoment,
    Finding,
    IncidentKind,
    IncidentStepKind,
    Schedule,
    Spot,
    StockMovementKind,
    StockPlace,
)
from clinic.web.forms import OnceForm, choice, given

WINDOWS_MAX = 20
AMOUNT_MAX = 1_000_000
_PRODUCTS = [choice(one.code, one.name) for one in PRODUCTS]
_SAFE, _WINDOW, _BENCH, _PUMP, _QUARANTINE = (
    choice(one.value, one.label)
    for one in (
        StockPlace.SAFE,
        StockPlace.WINDOW,
        StockPlace.PREPARATION,
        StockPlace.PUMP,
        StockPlace.QUARANTINE,
    )
)


def _amount(label: str, **more: Any) -> DecimalField:
    return DecimalField(
        label,
        places=None,
        validators=[InputRequired(), NumberRange(0, AMOUNT_MAX)],
        render_kw={"inputmode": "decimal", "autocomplete": "off"} | more,
    )


def _number(label: str) -> IntegerField:
    """Which window or pump; nothing to any other place."""
    return IntegerField(label, default=1, validators=[InputRequired(), NumberRange(1, WINDOWS_MAX)])


def _spot(place: str, number: int | None) -> Spot:
    where = StockPlace(place)
    return Spot(where, given(number) if where in NUMBERED else 0)


class BringInForm(SecondPersonForm):
    """A bottle that was in hand before this record began: no paper says where it came from."""

    product = SelectField("Product", choices=_PRODUCTS)
    amount = _amount("Holds")
    lot = StringField("Lot", validators=[DataRequired(), Length(max=80)])
    expires_on = DateField("Expires", validators=[Optional()])
    place = SelectField("Stands in", choices=[_WINDOW, _SAFE, _BENCH, _PUMP])
    number = _number("Window or pump")

    @property
    def spot(self) -> Spot:
        return _spot(self.place.data, self.number.data)


class ReceiveForm(OnceForm):
    product = SelectField("Product", choices=_PRODUCTS)
    bottles = IntegerField(
        "Bottles or boxes", default=1, validators=[InputRequired(), NumberRange(1, 500)]
    )
    size = _amount("In each")
    lot = StringField("Lot", validators=[DataRequired(), Length(max=80)])
    expires_on = DateField("Expires", validators=[DataRequired()])
    order_form = StringField("DEA 222 or CSOS number", validators=[Optional(), Length(max=80)])
    invoice = StringField("Invoice", validators=[Optional(), Length(max=80)])
    supplier = StringField("Supplier", validators=[DataRequired(), Length(max=200)])
    supplier_registration = StringField(
        "Supplier's DEA registration", validators=[Optional(), Length(max=80)]
    )
    ndc = StringField("NDC", validators=[Optional(), Length(max=80)])

    def validate(self, extra_validators: Any = None) -> bool:
        """With the papers the law asks of what is controlled said at their fields."""
        is_valid = super().validate(extra_validators)
        what = PRODUCT_OF.get(self.product.data or "")
        schedule = what.schedule if what else Schedule.NOT_CONTROLLED
        missing = [
            field
            for field, needed_for in (
                (self.order_form, {Schedule.C_II}),
                (self.supplier_registration, {Schedule.C_II, Schedule.C_III}),
            )
            if schedule in needed_for and not field.data
        ]
        for field in missing:
            field.errors = [f"A {schedule.label} delivery needs it."]
        return is_valid and not missing


class WindowForm(OnceForm):
    window = _number("Window")


class MoveForm(OnceForm):
    """A whole bottle to another place; at a window it is opened instead."""

    place = SelectField("To", choices=[_BENCH, _PUMP, _SAFE])
    number = _number("Pump number")
    reason = StringField("Why", validators=[Optional(), Length(max=200)])

    @property
    def spot(self) -> Spot:
        return _spot(self.place.data, self.number.data)


class QuarantineForm(OnceForm):
    reason = StringField("Why", validators=[DataRequired(), Length(max=200)])


class PutBackForm(OnceForm):
    """Only the key: the bottle is in the address."""


class WasteForm(SecondPersonForm):
    amount = _amount("Amount")
    kind = SelectField(
        "How",
        choices=[
            choice(StockMovementKind.WASTE.value, "Wasted"),
            choice(StockMovementKind.SPILL.value, "Spilled"),
            choice(StockMovementKind.DESTROYED.value, "Destroyed: Form 41 or distributor"),
        ],
    )
    reason = StringField("Why", validators=[DataRequired(), Length(max=200)])


class CountForm(OnceForm):
    """One product in one place, as one person counted it."""

    product = HiddenField(validators=[DataRequired(), Length(max=80)])
    spot = HiddenField(validators=[DataRequired(), Length(max=40)])
    amount = _amount("Counted")


class SecondCountForm(OnceForm):
    amount = _amount("Counted")


class CloseDayForm(SecondPersonForm):
    """Two people close a day."""


class InventoryForm(SecondPersonForm):
    moment = SelectField(
        "At",
        choices=[
            choice(CountMoment.OPENING.value, "Opening of business"),
            choice(CountMoment.CLOSING.value, "Close of business"),
        ],
    )


class LossForm(OnceForm):
    product = SelectField("Product", choices=_PRODUCTS)
    place = SelectField("Where", choices=[_SAFE, _WINDOW, _BENCH, _PUMP, _QUARANTINE])
    number = _number("Window or pump")
    amount = _amount("Missing")
    kind = SelectField(
        "What",
        choices=[
            choice(IncidentKind.LOSS.value, IncidentKind.LOSS.label),
            choice(IncidentKind.THEFT.value, IncidentKind.THEFT.label),
        ],
    )
    note = StringField("What is known", validators=[DataRequired(), Length(max=2000)])

    @property
    def spot(self) -> Spot:
        return _spot(self.place.data, self.number.data)


class SignOffForm(OnceForm):
    finding = SelectField("Finding", choices=[choice(one.value, one.label) for one in Finding])
    note = StringField("What was found", validators=[DataRequired(), Length(max=2000)])


class ReportForm(OnceForm):
    kind = SelectField(
        "What went out",
        choices=[
            choice(one.value, one.label)
            for one in (IncidentStepKind.DEA_NOTIFIED, IncidentStepKind.FORM_106)
        ],
    )
    reference = StringField("Reference", validators=[DataRequired(), Length(max=80)])
