"""Bottles: received, opened at a window, carried elsewhere, put back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Clash, Refused
from clinic.core.permissions import Permission
from clinic.core.units import plain
from clinic.data.work import Work
from clinic.stock.facts import (
    NUMBERED,
    QUARANTINE,
    SAFE,
    SUPPLIER,
    Schedule,
    Spot,
    StockMovementKind,
    StockPlace,
    at_window,
    product,
)
from clinic.stock.models import StockBottle, StockReceipt
from clinic.stock.services.draws import require_witness
from clinic.stock.services.ledger import (
    Cause,
    bring_in,
    locked,
    quantity_of,
    relocate,
    spot_of,
)

BOTTLES_MAX = 500
NO_SUCH_BOTTLE = "A bottle holds something, at a place of the clinic; windows count from 1 on."
IN_HAND = "Initial inventory: in hand before this record"
EXPIRED = "This lot has expired. It goes to quarantine and nowhere else."
IN_QUARANTINE = "What is in quarantine leaves it only as waste, before two people."


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came, and on whose paper. ``size`` is millilitres or units in each bottle."""

    product: str
    lot: str
    expires_on: date
    bottles: int
    size: Decimal
    supplier: str
    supplier_registration: str
    order_form: str = ""
    invoice: str = ""
    ndc: str = ""


def receive(work: Work, *, delivery: Delivery) -> UUID:
    """Put a delivery into the safe, bottle by bottle; the receipt's id.

    Raises: Refused without the DEA 222 number of a Schedule II product, for an expired lot, or
    amounts no delivery has; Forbidden; NotFound for an unknown product.
    """
    work.actor.require(Permission.MANAGE_STOCK)
    what = product(delivery.product)
    reasons = _objections(delivery, schedule=what.schedule, today=work.service_date)
    try:
        size = what.quantity(delivery.size)
    except ValueError:
        reasons.append(f"A bottle of {what.name} holds a whole number of {what.unit}s.")
        size = 0
    if reasons:
        raise Refused(reasons)
    receipt = StockReceipt(
        id=work.new_id(),
        site_id=work.site.id,
        product=what.code,
        schedule=what.schedule.value,
        lot=delivery.lot,
        expires_on=delivery.expires_on,
        bottles=delivery.bottles,
        size=size,
        supplier=delivery.supplier,
        supplier_registration=delivery.supplier_registration,
        order_form=delivery.order_form,
        invoice=delivery.invoice,
        ndc=delivery.ndc,
        **work.on_service_day(),
        **work.attribution,
    )
    work.session.add(receipt)
    work.session.flush()
    for _ in range(delivery.bottles):
        bring_in(
            work,
            _new_bottle(work, what.code, lot=delivery.lot, size=size, spot=SAFE),
            origin=SUPPLIER,
            cause=Cause(StockMovementKind.RECEIVED, reason=delivery.order_form),
            expires_on=delivery.expires_on,
            receipt_id=receipt.id,
        )
    audit.record(
        work,
        action="stock.receive",
        subject=f"receipt {receipt.id}",
        detail={
            "product": what.code,
            "lot": delivery.lot,
            "bottles": delivery.bottles,
            "size": str(plain(delivery.size)),
            "order_form": delivery.order_form,
            "supplier_registration": delivery.supplier_registration,
        },
    )
    return receipt.id


def _objections(delivery: Delivery, *, schedule: Schedule, today: date) -> list[str]:
    """What is wrong with the paper. Source: 21 CFR 1305.03 and 1304.22(c)."""
    reasons = []
    if schedule is Schedule.C_II and not delivery.order_form:
        reasons.append("A Schedule II delivery needs the number of its DEA Form 222 or CSOS order.")
    if schedule is not Schedule.NOT_CONTROLLED and not delivery.supplier_registration:
        reasons.append("A controlled delivery needs the supplier's DEA registration number.")
    if delivery.expires_on <= today:
        reasons.append("This lot has expired. It is not taken into stock.")
    if not 1 <= delivery.bottles <= BOTTLES_MAX or delivery.size <= 0:
        reasons.append(f"A delivery is 1 to {BOTTLES_MAX} bottles that hold something.")
    return reasons


def open_at(work: Work, *, bottle_id: UUID, window: int) -> None:
    """Open a bottle of the safe at a window; the one of its kind open there goes back.

    Raises: Clash when it no longer stands in the safe; Refused when expired or at window 0;
    NotFound; Forbidden.
    """
    work.actor.require(Permission.MANAGE_STOCK)
    bottle = locked(work, bottle_id)
    if bottle.closed_at is not None or bottle.place is not StockPlace.SAFE:
        raise Clash(f"This bottle is not in the safe: {spot_of(bottle).label.lower()}.")
    if bottle.expires_on is not None and bottle.expires_on <= work.service_date:
        raise Refused(EXPIRED)
    if window < 1:
        raise Refused("Windows are numbered from 1 on.")
    _put_back_open(work, window=window, code=bottle.product)
    bottle.opened_at = bottle.opened_at or work.now
    relocate(work, bottle, goal=at_window(window), cause=Cause(StockMovementKind.OPENED))
    _note(work, "stock.open_bottle", bottle, {"window": window, "balance": bottle.balance})


def put_back(work: Work, *, bottle_id: UUID) -> None:
    """Carry what is left of an open bottle back to the safe; an empty one is closed for good.

    Raises: Clash when it stands in the safe; Refused in quarantine; NotFound; Forbidden.
    """
    work.actor.require(Permission.MANAGE_STOCK)
    bottle = locked(work, bottle_id)
    if bottle.closed_at is not None or bottle.place is StockPlace.SAFE:
        raise Clash("This bottle is not open anywhere.")
    if bottle.place is StockPlace.QUARANTINE:
        raise Refused(IN_QUARANTINE)
    _put_back(work, bottle)


def move(work: Work, *, bottle_id: UUID, goal: Spot, reason: str = "") -> None:
    """Carry a whole bottle to another place of this site: pump, preparation, quarantine.

    Raises: Clash when it is closed or there already; Refused for a place outside, and for taking
    anything out of quarantine; NotFound; Forbidden.
    """
    work.actor.require(Permission.MANAGE_STOCK)
    bottle = locked(work, bottle_id)
    if bottle.closed_at is not None or spot_of(bottle) == goal:
        raise Clash("This bottle is closed, or stands there already.")
    if not _is_a_place(goal) or goal.place is StockPlace.WINDOW:
        raise Refused("A bottle is moved within the clinic; at a window it is opened.")
    if bottle.place is StockPlace.QUARANTINE:
        raise Refused(IN_QUARANTINE)
    if bottle.expires_on is not None and bottle.expires_on <= work.service_date:
        _require_out_of_use(goal)
    relocate(work, bottle, goal=goal, cause=Cause(StockMovementKind.MOVED, reason=reason))
    _note(work, "stock.move_bottle", bottle, {"to": goal.code, "reason": reason})


def _require_out_of_use(goal: Spot) -> None:
    if goal not in {QUARANTINE, SAFE}:
        raise Refused(EXPIRED)


def quarantine(work: Work, *, bottle_id: UUID, reason: str) -> None:
    """Take an expired or damaged bottle out of use, until two people waste or destroy it."""
    move(work, bottle_id=bottle_id, goal=QUARANTINE, reason=reason)


def bring_in_hand(
    work: Work,
    *,
    code: str,
    lot: str,
    expires_on: date | None,
    amount: Decimal,
    spot: Spot,
    witness_id: UUID,
) -> UUID:
    """Take into the record a bottle that was in hand before it began: the initial inventory.

    Two people say so, because no order form says where it came from. The bottle of its kind that
    is open at that window goes back to the safe.
    Source: 21 CFR 1304.11(b).
    Raises: Refused for an amount no bottle has, a place outside, an expired lot anywhere but in
    quarantine, or without a proper witness; NotFound; Forbidden.
    """
    work.actor.require(Permission.MANAGE_STOCK)
    require_witness(work, witness_id)
    what = product(code)
    size = quantity_of(what, amount)
    if size < 1 or not _is_a_place(spot):
        raise Refused(NO_SUCH_BOTTLE)
    if expires_on is not None and expires_on <= work.service_date and spot != QUARANTINE:
        raise Refused(EXPIRED)
    if spot.place is StockPlace.WINDOW:
        _put_back_open(work, window=spot.number, code=code)
    bottle = _new_bottle(work, code, lot=lot, size=size, spot=spot)
    bring_in(
        work,
        bottle,
        origin=SUPPLIER,
        cause=Cause(StockMovementKind.INITIAL, reason=IN_HAND, witness_id=witness_id),
        expires_on=expires_on,
        opened_at=None if spot.place is StockPlace.SAFE else work.now,
    )
    about = {"to": spot.code, "size": bottle.size, "lot": lot, "witness": str(witness_id)}
    _note(work, "stock.bring_in", bottle, about)
    return bottle.id


def _is_a_place(spot: Spot) -> bool:
    """Within the clinic, and a window or pump that has a number."""
    return spot.place.is_inside and (spot.place not in NUMBERED or spot.number >= 1)


def _new_bottle(work: Work, code: str, *, lot: str, size: int, spot: Spot) -> StockBottle:
    what = product(code)
    return StockBottle(
        id=work.new_id(),
        site_id=work.site.id,
        product=what.code,
        medication=what.medication,
        form=what.form,
        strength_ug=what.strength_ug,
        lot=lot,
        place=spot.place,
        window=spot.number,
        size=size,
        balance=size,
        placed_at=work.now,
    )


def _put_back_open(work: Work, *, window: int, code: str) -> None:
    bottle = work.session.scalar(
        sa.select(StockBottle)
        .where(
            StockBottle.site_id == work.site.id,
            StockBottle.place == StockPlace.WINDOW,
            StockBottle.window == window,
            StockBottle.product == code,
            StockBottle.closed_at.is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if bottle is not None:
        _put_back(work, bottle)


def _put_back(work: Work, bottle: StockBottle) -> None:
    if not bottle.balance:
        bottle.closed_at = work.now
        work.session.flush()
    else:
        relocate(work, bottle, goal=SAFE, cause=Cause(StockMovementKind.CLOSED))
    _note(work, "stock.close_bottle", bottle, {"left": bottle.balance})


def _note(work: Work, action: str, bottle: StockBottle, detail: dict[str, object]) -> None:
    audit.record(
        work,
        action=action,
        subject=f"bottle {bottle.id}",
        detail={"product": bottle.product, **detail},
    )
