"""The bottles at the windows."""

from __future__ import annotations

import sqlalchemy as sa

from clinic.core.units import mg, ml
from clinic.data.work import Work
from clinic.stock.facts import BottleRecord, OpenBottle, StockMovementKind
from clinic.stock.models import StockBottle, StockMovement

CLOSED_SHOWN = 20


def bottles(work: Work) -> list[BottleRecord]:
    """The open bottles by window, then the last closed ones; one statement."""
    movement = StockMovement

    def sum_of(*kinds: StockMovementKind) -> sa.Label[int]:
        volume = sa.case((movement.kind.in_(kinds), movement.volume_ul), else_=0)
        return sa.func.coalesce(sa.func.sum(volume), 0).label("_".join(kinds))

    found = work.session.execute(
        sa.select(
            StockBottle,
            sum_of(StockMovementKind.OPENED),
            sum_of(StockMovementKind.DOSE, StockMovementKind.DOSE_RETURNED),
            sum_of(StockMovementKind.WASTE),
        )
        .join(
            movement,
            (movement.site_id == StockBottle.site_id) & (movement.bottle_id == StockBottle.id),
        )
        .where(StockBottle.site_id == work.site.id)
        .group_by(*sa.inspect(StockBottle).columns)
        .order_by(
            StockBottle.closed_at.is_not(None), StockBottle.closed_at.desc(), StockBottle.window
        )
        .limit(CLOSED_SHOWN)
    )
    return [
        BottleRecord(
            bottle=OpenBottle(
                row.id,
                row.medication,
                row.lot,
                mg(row.concentration_ug_per_ml),
                ml(row.balance_ul),
            ),
            window=row.window,
            opened_at=row.opened_at,
            closed_at=row.closed_at,
            received_ml=ml(received),
            dispensed_ml=ml(-dispensed),
            wasted_ml=ml(-wasted),
        )
        for row, received, dispensed, wasted in found
    ]
