"""How much there is and how long it lasts, what came in, what is in a bottle, inventories."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

import sqlalchemy as sa

from clinic.core.errors import NotFound
from clinic.core.rates import rounded
from clinic.data.work import Work
from clinic.sites import queries as sites
from clinic.staff.models import UserAccount
from clinic.stock.facts import (
    QUARANTINE,
    BottleRecord,
    Inventory,
    InventoryLine,
    MovementRecord,
    Receipt,
    Spot,
    StockPlace,
    StockPolicy,
    Supply,
    product,
)
from clinic.stock.models import StockBottle, StockInventory, StockMovement, StockReceipt
from clinic.stock.queries.bottles import bottles, records

RECEIPTS_SHOWN = 100
_POLICY = StockPolicy()


def supplies(work: Work) -> list[Supply]:
    """Every product in stock: where it stands, how many days it lasts, what expires soon."""
    today = work.service_date
    policy = sites.policy(work, _POLICY, of="stock", on=today)
    pace = _pace(work, since=today - timedelta(days=policy.pace_days), until=today)
    by_code: defaultdict[str, list[BottleRecord]] = defaultdict(list)
    for bottle in bottles(work, closed_shown=0):
        by_code[bottle.product.code].append(bottle)
    found = []
    for code in sorted(by_code.keys() | pace.keys()):
        a_day = Fraction(pace.get(code, 0), policy.pace_days)
        found.append(_supply(code, by_code.get(code, []), a_day, today, policy))
    return found


def _supply(
    code: str, standing: list[BottleRecord], a_day: Fraction, today: date, policy: StockPolicy
) -> Supply:
    what = product(code)
    spots: defaultdict[Spot, int] = defaultdict(int)
    for bottle in standing:
        spots[bottle.spot] += what.quantity(bottle.held)
    usable = sum(held for spot, held in spots.items() if spot != QUARANTINE)
    days_left = int(usable / a_day) if a_day else None
    notice = today + timedelta(days=policy.expiry_notice_days)
    return Supply(
        product=what,
        held=usable,
        by_spot=tuple(sorted(spots.items())),
        a_day=rounded(Fraction(what.amount(1)) * a_day, places=1),
        days_left=days_left,
        is_low=days_left is not None and days_left < policy.low_days,
        expiring=tuple(
            one for one in standing if one.expires_on is not None and one.expires_on <= notice
        ),
    )


def _pace(work: Work, *, since: date, until: date) -> dict[str, int]:
    """What left to patients of each product in ``[since, until)``."""
    rows = work.session.execute(
        sa.select(StockBottle.product, sa.func.sum(StockMovement.quantity))
        .join(StockBottle, StockBottle.id == StockMovement.bottle_id)
        .where(
            StockMovement.site_id == work.site.id,
            StockMovement.service_date >= since,
            StockMovement.service_date < until,
            StockMovement.to_place == StockPlace.PATIENT,
        )
        .group_by(StockBottle.product)
    )
    return {code: int(moved) for code, moved in rows}


def receipts(work: Work, *, shown: int | None = RECEIPTS_SHOWN) -> list[Receipt]:
    """The last deliveries, newest first; all of them when ``shown`` is None."""
    rows = work.session.scalars(
        sa.select(StockReceipt)
        .where(StockReceipt.site_id == work.site.id)
        .order_by(StockReceipt.occurred_at.desc(), StockReceipt.id)
        .limit(shown)
    )
    return [
        Receipt(
            received_at=work.site.local(row.occurred_at),
            product=product(row.product),
            lot=row.lot,
            expires_on=row.expires_on,
            bottles=row.bottles,
            size=row.size,
            supplier=row.supplier,
            supplier_registration=row.supplier_registration,
            order_form=row.order_form,
            invoice=row.invoice,
            received_by=row.recorded_by_name,
        )
        for row in rows
    ]


def bottle(work: Work, *, bottle_id: UUID) -> BottleRecord:
    """One bottle of this site.

    Raises: NotFound.
    """
    found = records(work, (StockBottle.site_id == work.site.id) & (StockBottle.id == bottle_id))
    if not found:
        raise NotFound("bottle")
    return found[0]


def history(work: Work, *, bottle_id: UUID) -> list[MovementRecord]:
    """Everything that moved in, out or with a bottle, in order.

    Raises: NotFound at another site.
    """
    what = bottle(work, bottle_id=bottle_id).product
    rows = work.session.execute(
        sa.select(StockMovement, UserAccount.display_name)
        .outerjoin(UserAccount, UserAccount.id == StockMovement.witnessed_by)
        .where(StockMovement.site_id == work.site.id, StockMovement.bottle_id == bottle_id)
        .order_by(StockMovement.sequence)
    )
    return [
        MovementRecord(
            at=work.site.local(row.occurred_at),
            kind=row.kind.label,
            origin=Spot(row.from_place, row.from_number),
            goal=Spot(row.to_place, row.to_number),
            quantity=what.amount(row.quantity),
            balance=what.amount(row.balance_after),
            by=row.recorded_by_name,
            reason=row.reason,
            witness=witness or "",
        )
        for row, witness in rows
    ]


def inventory(work: Work, *, taken_on: date) -> Inventory:
    """The full physical count of a day.

    Raises: NotFound.
    """
    found = next((one for one in inventories(work) if one.taken_on == taken_on), None)
    if found is None:
        raise NotFound("inventory")
    return found


def inventories(work: Work) -> list[Inventory]:
    """The full physical counts, newest first."""
    rows = work.session.scalars(
        sa.select(StockInventory)
        .where(StockInventory.site_id == work.site.id)
        .order_by(StockInventory.service_date.desc())
    )
    return [
        Inventory(
            taken_on=row.service_date,
            moment=row.moment,
            taken_by=row.recorded_by_name,
            witness=row.witness_name,
            next_due_on=row.next_due_on,
            lines=tuple(
                InventoryLine(product(line["product"]), line["place"], line["quantity"])
                for line in row.lines["lines"]
            ),
        )
        for row in rows
    ]
