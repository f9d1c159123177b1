"""The bottles: what is where, what is open at a window, what went through each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from clinic.core.units import mg, ml
from clinic.data.work import Work
from clinic.stock.facts import (
    INSIDE,
    BottleRecord,
    OpenBottle,
    Pack,
    Spot,
    StockMovementKind,
    StockPlace,
    product,
)
from clinic.stock.models import StockBottle, StockMovement

CLOSED_SHOWN = 20

CHANGE = sa.case(
    (StockMovement.from_place.not_in(INSIDE), StockMovement.quantity),
    (StockMovement.to_place.not_in(INSIDE), -StockMovement.quantity),
    else_=0,
)
"""What a movement adds to its bottle; nothing when the whole bottle is carried elsewhere."""


def bottles(work: Work, *, closed_shown: int = CLOSED_SHOWN) -> list[BottleRecord]:
    """Every bottle in stock by place, then the last closed ones; two statements."""
    here = StockBottle.site_id == work.site.id
    standing = records(work, here & StockBottle.closed_at.is_(None))
    closed = (
        sa.select(StockBottle.id)
        .where(here, StockBottle.closed_at.is_not(None))
        .order_by(StockBottle.closed_at.desc(), StockBottle.id)
        .limit(closed_shown)
    )
    gone = records(work, StockBottle.id.in_(closed)) if closed_shown else []
    standing.sort(key=lambda one: (_ORDER[one.spot.place], one.spot.number, one.lot))
    gone.sort(key=lambda one: str(one.closed_at), reverse=True)
    return [*standing, *gone]


_ORDER = {
    place: number
    for number, place in enumerate(
        (
            StockPlace.WINDOW,
            StockPlace.PUMP,
            StockPlace.PREPARATION,
            StockPlace.QUARANTINE,
            StockPlace.SAFE,
        )
    )
}


def records(work: Work, condition: sa.ColumnElement[bool]) -> list[BottleRecord]:
    """The bottles of a condition, each with what went through it; one statement."""
    kind = StockMovement.kind

    def sum_of(*kinds: StockMovementKind) -> sa.Label[int]:
        moved = sa.case((kind.in_(kinds), CHANGE), else_=0)
        return sa.func.coalesce(sa.func.sum(moved), 0).label("_".join(kinds))

    found = work.session.execute(
        sa.select(
            StockBottle,
            sum_of(
                StockMovementKind.RECEIVED, StockMovementKind.INITIAL, StockMovementKind.RETURNED
            ),
            sum_of(
                StockMovementKind.DOSE,
                StockMovementKind.DOSE_RETURNED,
                StockMovementKind.TAKE_HOME,
                StockMovementKind.VOLUME_RETURNED,
            ),
            sum_of(StockMovementKind.WASTE, StockMovementKind.SPILL, StockMovementKind.DESTROYED),
        )
        .join(StockMovement, StockMovement.bottle_id == StockBottle.id)
        .where(condition)
        .group_by(*sa.inspect(StockBottle).columns)
    )
    return [_record(*row) for row in found]


def _record(row: StockBottle, received: int, dispensed: int, wasted: int) -> BottleRecord:
    what = product(row.product)
    return BottleRecord(
        id=row.id,
        product=what,
        lot=row.lot,
        expires_on=row.expires_on,
        spot=Spot(row.place, row.window),
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        held=what.amount(row.balance),
        received=what.amount(received),
        dispensed=what.amount(-dispensed),
        wasted=what.amount(-wasted),
    )


_COLUMNS = (
    StockBottle.id,
    StockBottle.product,
    StockBottle.medication,
    StockBottle.lot,
    StockBottle.strength_ug,
    StockBottle.balance,
)


def open_at(work: Work, window: int) -> tuple[OpenBottle | Pack, ...]:
    """What is open at a window: bottles of liquid and packs of units, soonest to expire first."""
    return tuple(_opened(row) for row in _standing(work, Spot(StockPlace.WINDOW, window)))


def packs_at(work: Work, window: int) -> tuple[Pack, ...]:
    """The packs of whole units open at a window."""
    return tuple(one for one in open_at(work, window) if isinstance(one, Pack))


def liquids_at(work: Work, window: int) -> tuple[OpenBottle, ...]:
    """The bottles of liquid open at a window."""
    return tuple(one for one in open_at(work, window) if isinstance(one, OpenBottle))


def at_spot(work: Work, spot: Spot) -> tuple[OpenBottle | Pack, ...]:
    """What stands at any place, as at a window."""
    return tuple(_opened(row) for row in _standing(work, spot))


def _standing(work: Work, spot: Spot) -> Sequence[Any]:
    return work.session.execute(
        sa.select(*_COLUMNS)
        .where(
            StockBottle.site_id == work.site.id,
            StockBottle.place == spot.place,
            StockBottle.window == spot.number,
            StockBottle.closed_at.is_(None),
        )
        .order_by(StockBottle.expires_on, StockBottle.id)
    ).all()


def _opened(row: Any) -> OpenBottle | Pack:
    what = product(row.product)
    if what.is_liquid:
        return OpenBottle(row.id, row.medication, row.lot, mg(row.strength_ug), ml(row.balance))
    return Pack(row.id, what, row.lot, row.balance)
