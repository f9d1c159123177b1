"""The ledger's own verbs: move a quantity of a bottle between two places, once.

Every other verb of stock is made of these. A bottle's row is locked or updated in one statement,
its version is the movement's sequence, and the wall at zero stands behind both.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core.errors import Clash, NotFound, Refused
from clinic.data.work import Work
from clinic.stock.facts import Product, Spot, StockMovementKind
from clinic.stock.models import StockBottle, StockMovement

BOTTLE: sa.Table = StockBottle.__table__  # type: ignore[assignment]
MOVEMENT: sa.Table = StockMovement.__table__  # type: ignore[assignment]

NOT_ENOUGH = "The open bottle does not hold enough for this dose. Open another, then give it."

_INSERT = sa.insert(MOVEMENT)
_CHANGE = (
    sa.update(BOTTLE)
    .where(
        BOTTLE.c.site_id == sa.bindparam("site"),
        BOTTLE.c.id == sa.bindparam("bottle"),
        BOTTLE.c.closed_at.is_(None),
        BOTTLE.c.balance >= -sa.bindparam("change", type_=sa.Integer),
    )
    .values(
        balance=BOTTLE.c.balance + sa.bindparam("change", type_=sa.Integer),
        version=BOTTLE.c.version + 1,
    )
    .returning(BOTTLE.c.balance, BOTTLE.c.version)
)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why stock moves, for whom, and who saw it."""

    kind: StockMovementKind
    subject_id: UUID | None = None
    reason: str = ""
    witness_id: UUID | None = None


def shift(
    work: Work, *, bottle_id: UUID, quantity: int, origin: Spot, goal: Spot, cause: Cause
) -> int:
    """Move a quantity of a bottle between an inside and an outside account; its new balance.

    Raises: Clash when the bottle is closed or does not hold that much.
    """
    inward = goal.place.is_inside and not origin.place.is_inside
    change = quantity if inward else -quantity
    values = {"site": work.site.id, "bottle": bottle_id, "change": change}
    row = work.session.connection().execute(_CHANGE, values).first()
    if row is None:
        raise Clash(NOT_ENOUGH)
    write(
        work,
        bottle_id=bottle_id,
        sequence=row.version,
        balance=row.balance,
        quantity=quantity,
        ends=(origin, goal),
        cause=cause,
    )
    return int(row.balance)


def write(
    work: Work,
    *,
    bottle_id: UUID,
    sequence: int,
    balance: int,
    quantity: int,
    ends: tuple[Spot, Spot],
    cause: Cause,
) -> None:
    """Append the movement itself; the bottle's balance is already what it says."""
    origin, goal = ends
    work.session.connection().execute(
        _INSERT,
        {
            "id": work.new_id(),
            "site_id": work.site.id,
            "bottle_id": bottle_id,
            "sequence": sequence,
            "kind": cause.kind,
            "from_place": origin.place,
            "from_number": origin.number,
            "to_place": goal.place,
            "to_number": goal.number,
            "quantity": quantity,
            "balance_after": balance,
            "subject_id": cause.subject_id,
            "reason": cause.reason,
            "witnessed_by": cause.witness_id,
            **work.on_service_day(),
            **work.attribution,
        },
    )


def locked(work: Work, bottle_id: UUID) -> StockBottle:
    """The bottle's row, held until the work ends.

    Raises: NotFound at another site.
    """
    bottle = work.session.scalar(
        sa.select(StockBottle)
        .where(StockBottle.site_id == work.site.id, StockBottle.id == bottle_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if bottle is None:
        raise NotFound("bottle")
    return bottle


def quantity_of(what: Product, amount: Decimal) -> int:
    """A typed amount as the ledger counts it.

    Raises: Refused for part of a unit or less than nothing.
    """
    try:
        quantity = what.quantity(amount)
    except ValueError:
        raise Refused(f"{what.name} is counted in whole {what.unit}s.") from None
    if quantity < 0:
        raise Refused("An amount is nothing or more.")
    return quantity


def spot_of(bottle: StockBottle) -> Spot:
    """Where the bottle stands."""
    return Spot(bottle.place, bottle.window)


def relocate(work: Work, bottle: StockBottle, *, goal: Spot, cause: Cause) -> None:
    """Carry a whole bottle to another inside place. An empty one moves without a movement."""
    origin = spot_of(bottle)
    bottle.place, bottle.window, bottle.placed_at = goal.place, goal.number, work.now
    work.session.flush()
    if bottle.balance:
        write(
            work,
            bottle_id=bottle.id,
            sequence=bottle.version,
            balance=bottle.balance,
            quantity=bottle.balance,
            ends=(origin, goal),
            cause=cause,
        )


def bring_in(work: Work, bottle: StockBottle, *, origin: Spot, cause: Cause, **values: Any) -> None:
    """Put a new bottle where it stands, with the movement that brought what it holds."""
    for name, value in values.items():
        setattr(bottle, name, value)
    work.session.add(bottle)
    work.session.flush()
    write(
        work,
        bottle_id=bottle.id,
        sequence=bottle.version,
        balance=bottle.balance,
        quantity=bottle.balance,
        ends=(origin, spot_of(bottle)),
        cause=cause,
    )
