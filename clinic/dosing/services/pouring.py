"""Fill bottles out of the stock: what one bottle takes, and from which place."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa

from clinic.core.errors import Refused
from clinic.core.units import micrograms, plain
from clinic.data.work import Work
from clinic.stock import services as stock
from clinic.stock.facts import (
    PREPARATION,
    PRODUCTS,
    Form,
    Medication,
    Product,
    Spot,
    StockMovementKind,
    at_window,
)
from clinic.stock.models import StockBottle


@dataclass(frozen=True, slots=True)
class Fill:
    """What one bottle holds: so much of each product."""

    parts: tuple[tuple[Product, int], ...]

    @property
    def volume_ul(self) -> int | None:
        return next((quantity for product, quantity in self.parts if product.is_liquid), None)

    @property
    def units(self) -> int | None:
        solid = [quantity for product, quantity in self.parts if not product.is_liquid]
        return sum(solid) if solid else None

    @property
    def concentration_ug_per_ml(self) -> int | None:
        return next((one.strength_ug for one, _ in self.parts if one.is_liquid), None)


def fill_of(medication: Medication, *, form: Form, dose_mg: Decimal) -> Fill | None:
    """What makes up a dose: the fewest units, the strongest first; None when nothing does."""
    left = micrograms(dose_mg)
    parts: list[tuple[Product, int]] = []
    fitting = [one for one in PRODUCTS if (one.medication, one.form) == (medication, form)]
    seen: set[int] = set()
    for product in sorted(fitting, key=lambda one: (-one.strength_ug, one.code)):
        if product.strength_ug in seen:
            continue  # a film and a tablet of one strength: the first stands for both
        seen.add(product.strength_ug)
        if product.is_liquid:
            quantity, rest = divmod(left * 1000, product.strength_ug)
            return None if rest else Fill(((product, quantity),))
        quantity, left = divmod(left, product.strength_ug)
        if quantity:
            parts.append((product, quantity))
    return None if left or not parts else Fill(tuple(parts))


def pour(work: Work, fill: Fill, *, window: int, subject_id: UUID) -> None:
    """Take what a bottle, or a whole set of them, holds out of the stock.

    Each product comes from the take-home bench when enough of it is open there, else from the
    window's own.
    Raises: Clash when the place does not hold that much.
    """
    for product, quantity in fill.parts:
        stock.take(
            work,
            spot=_place_of(work, product, quantity, window=window),
            code=product.code,
            quantity=quantity,
            subject_id=subject_id,
            kind=StockMovementKind.TAKE_HOME,
        )


def _place_of(work: Work, product: Product, quantity: int, *, window: int) -> Spot:
    on_bench = work.session.scalar(
        sa.select(sa.func.sum(StockBottle.balance)).where(
            StockBottle.site_id == work.site.id,
            StockBottle.place == PREPARATION.place,
            StockBottle.product == product.code,
            StockBottle.closed_at.is_(None),
        )
    )
    return PREPARATION if (on_bench or 0) >= quantity else at_window(window)


def cannot_fill(medication: Medication, form: Form, dose_mg: Decimal) -> Refused:
    """The refusal for a dose no product makes up."""
    what = f"{medication.label}, {form.label.lower()}"
    return Refused(f"{plain(dose_mg)} mg of {what} cannot be made up of what is stocked.")
