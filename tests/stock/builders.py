"""Deliveries, bottles and counts, for tests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.data.work import Work
from clinic.stock import queries, services
from clinic.stock.facts import CountMoment, Spot, StockPlace, product
from clinic.stock.models import StockBottle
from tests import cast

METHADONE = "methadone_concentrate_10"
FILMS = "buprenorphine_naloxone_film_8"
TABLETS = "methadone_tablet_10"
WINDOW_ONE = Spot(StockPlace.WINDOW, 1)


def a_delivery(work: Work, **changes: Any) -> list[UUID]:
    """A litre bottle of methadone concentrate into the safe, unless changed; its bottles."""
    values: dict[str, Any] = {
        "product": METHADONE,
        "lot": "LOT-9",
        "expires_on": date(2027, 9, 1),
        "bottles": 1,
        "size": Decimal(1000),
        "supplier": "Wholesale Example",
        "supplier_registration": "RE0000000",
        "order_form": "222-0001",
    }
    receipt_id = services.receive(work, delivery=services.Delivery(**(values | changes)))
    return list(
        work.session.scalars(
            sa.select(StockBottle.id)
            .where(StockBottle.receipt_id == receipt_id)
            .order_by(StockBottle.id)
        )
    )


def in_hand(work: Work, **changes: Any) -> UUID:
    """A litre of methadone 10 mg/mL that was in hand, open at window 1 unless changed."""
    witness = cast.NORA if work.actor.id == cast.NELL.id else cast.NELL
    values: dict[str, Any] = {
        "code": METHADONE,
        "lot": "LOT-1",
        "expires_on": None,
        "amount": Decimal(1000),
        "spot": WINDOW_ONE,
        "witness_id": witness.id,
    }
    return services.bring_in_hand(work, **(values | changes))


def open_at_window(work: Work, *, window: int = 1, **changes: Any) -> UUID:
    """A bottle received and opened at a window; its id."""
    (bottle_id,) = a_delivery(work, **changes)
    services.open_at(work, bottle_id=bottle_id, window=window)
    return bottle_id


def count_everything(
    work: Work, *, moment: CountMoment = CountMoment.CLOSING, **off: Decimal
) -> None:
    """Count what stands in the safe and at window 1 as the book has it, ``off`` by place."""
    for (code, spot), held in queries.expected_at(work).items():
        amount = product(code).amount(held) + off.get(spot.place.value, Decimal(0))
        services.record_count(work, spot=spot, code=code, amount=amount, moment=moment)
