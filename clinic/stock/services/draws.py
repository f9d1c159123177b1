"""What dosing and take-homes ask of the stock: take, give back, return, waste before two people."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Clash, Refused
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.staff import queries as staff
from clinic.staff.facts import Role
from clinic.stock.facts import (
    DESTROYED,
    INSIDE,
    PATIENT,
    QUARANTINE,
    WASTED,
    Drawn,
    Spot,
    StockMovementKind,
    StockPlace,
    product,
)
from clinic.stock.models import StockBottle, StockMovement
from clinic.stock.services.ledger import Cause, bring_in, locked, shift, spot_of, write

WITNESSES = (Role.NURSE, Role.PHARMACIST, Role.PRESCRIBER, Role.MEDICAL_DIRECTOR)
NEEDS_WITNESS = "A second person must witness this, not the one who records it."
WRONG_WITNESS = "The witness must be a nurse, pharmacist or prescriber of this site."
_OUT = {
    StockMovementKind.WASTE: WASTED,
    StockMovementKind.SPILL: WASTED,
    StockMovementKind.DESTROYED: DESTROYED,
}


def take(
    work: Work,
    *,
    spot: Spot,
    code: str,
    quantity: int,
    subject_id: UUID,
    kind: StockMovementKind = StockMovementKind.DOSE,
) -> tuple[Drawn, ...]:
    """Take a quantity of a product out of what is open at a place, soonest to expire first.

    ``subject_id`` is the dose or take-home bottle it is for; ``kind`` DOSE or TAKE_HOME.
    Units: microlitres of a liquid, whole units of anything else.
    Raises: Clash, in words, when the place does not hold that much; NotFound.
    """
    what = product(code)
    bottles = _open_bottles(work, spot=spot, code=code)
    held = sum(bottle.balance for bottle in bottles)
    if quantity < 1 or held < quantity:
        raise Clash(
            f"{spot.label} holds {what.said(held)} of {what.name}; this takes"
            f" {what.said(quantity)}. Open another, then repeat it."
        )
    drawn, left = [], quantity
    for bottle in bottles:
        share = min(left, bottle.balance)
        if not share:
            continue
        balance = shift(
            work,
            bottle_id=bottle.id,
            quantity=share,
            origin=spot,
            goal=PATIENT,
            cause=Cause(kind, subject_id),
        )
        drawn.append(Drawn(bottle.id, bottle.lot, share, balance, bottle.strength_ug))
        left -= share
    return tuple(drawn)


def take_from(
    work: Work,
    *,
    bottle_id: UUID,
    spot: Spot,
    quantity: int,
    subject_id: UUID,
    kind: StockMovementKind = StockMovementKind.DOSE,
) -> int:
    """Take a quantity out of one bottle whose place is known; its new balance. The hot path.

    Raises: Clash when it is closed or does not hold that much.
    """
    return shift(
        work,
        bottle_id=bottle_id,
        quantity=quantity,
        origin=spot,
        goal=PATIENT,
        cause=Cause(kind, subject_id),
    )


def give_back(
    work: Work,
    *,
    subject_id: UUID,
    kind: StockMovementKind = StockMovementKind.DOSE_RETURNED,
) -> tuple[Drawn, ...]:
    """Return to its bottles everything that was taken for a subject, and is not back yet.

    A poured or opened dose then goes on to ``waste_for``: it is never used again.
    Raises: Clash when one of the bottles is closed meanwhile.
    """
    movements = _taken_for(work, subject_id)
    drawn = []
    for movement, bottle in movements:
        balance = shift(
            work,
            bottle_id=bottle.id,
            quantity=movement.quantity,
            origin=PATIENT,
            goal=spot_of(bottle),
            cause=Cause(kind, subject_id),
        )
        drawn.append(Drawn(bottle.id, bottle.lot, movement.quantity, balance, bottle.strength_ug))
    return tuple(drawn)


def waste_for(work: Work, *, subject_id: UUID, witness_id: UUID, reason: str) -> tuple[Drawn, ...]:
    """Return on paper what was taken for a subject and waste it at once: two cancelling moves.

    Raises: Refused without a proper witness.
    """
    require_witness(work, witness_id)
    back = []
    for movement, bottle in _taken_for(work, subject_id):
        cause = Cause(StockMovementKind.WASTE, subject_id, reason, witness_id)
        _cancel(work, bottle, movement.quantity, cause)
        back.append(
            Drawn(bottle.id, bottle.lot, movement.quantity, bottle.balance, bottle.strength_ug)
        )
    return tuple(back)


def _cancel(work: Work, bottle: StockBottle, quantity: int, cause: Cause) -> None:
    """In from the patient and out to waste: the bottle holds what it held, open or closed."""
    spot = spot_of(bottle)
    first = Cause(StockMovementKind.DOSE_RETURNED, cause.subject_id, cause.reason)
    version = work.session.execute(
        sa.update(StockBottle)
        .where(StockBottle.id == bottle.id)
        .values(version=StockBottle.version + 2)
        .returning(StockBottle.version)
        .execution_options(synchronize_session=False)
    ).scalar_one()
    work.session.expire(bottle)
    steps = (
        (first, (PATIENT, spot), bottle.balance + quantity),
        (cause, (spot, WASTED), bottle.balance),
    )
    for sequence, (why, ends, balance) in enumerate(steps, start=version - 1):
        write(
            work,
            bottle_id=bottle.id,
            sequence=sequence,
            balance=balance,
            quantity=quantity,
            ends=ends,
            cause=why,
        )


def return_volume(
    work: Work, *, bottle_id: UUID, volume_ul: int, subject_id: UUID | None = None, reason: str
) -> int:
    """Put back into its bottle what a pump drew and did not pour; the bottle's new balance.

    Raises: Clash for more than was ever taken out of it, or a closed bottle; NotFound.
    """
    bottle = locked(work, bottle_id)
    if bottle.balance + volume_ul > bottle.size or volume_ul < 1:
        raise Clash("A bottle cannot hold more than it came with.")
    return shift(
        work,
        bottle_id=bottle_id,
        quantity=volume_ul,
        origin=PATIENT,
        goal=spot_of(bottle),
        cause=Cause(StockMovementKind.VOLUME_RETURNED, subject_id, reason),
    )


def return_take_home(
    work: Work, *, code: str, quantity: int, lot: str, subject_id: UUID, reason: str = ""
) -> UUID:
    """Take a bottle a patient brought back into quarantine, as a bottle of its own; its id.

    It leaves quarantine only as waste before two people.
    Raises: Refused for nothing in it; NotFound for an unknown product.
    """
    what = product(code)
    if quantity < 1:
        raise Refused("An empty bottle holds nothing to take back.")
    bottle = StockBottle(
        id=work.new_id(),
        site_id=work.site.id,
        product=what.code,
        medication=what.medication,
        form=what.form,
        strength_ug=what.strength_ug,
        lot=lot,
        place=StockPlace.QUARANTINE,
        window=0,
        size=quantity,
        balance=quantity,
        placed_at=work.now,
        opened_at=work.now,
    )
    cause = Cause(StockMovementKind.RETURNED, subject_id, reason)
    bring_in(work, bottle, origin=PATIENT, cause=cause)
    audit.record(
        work,
        action="stock.return",
        subject=f"bottle {bottle.id}",
        detail={"product": code, "quantity": quantity, "reason": reason},
    )
    return bottle.id


def waste(
    work: Work,
    *,
    bottle_id: UUID,
    quantity: int,
    witness_id: UUID,
    reason: str,
    kind: StockMovementKind = StockMovementKind.WASTE,
) -> int:
    """Waste, spill or destroy some of a bottle before a witness; what it then holds.

    A bottle in quarantine that is empty now is closed.
    Raises: Refused without a proper witness or a reason; Clash beyond what it holds; Forbidden.
    """
    work.actor.require(Permission.MANAGE_STOCK)
    if kind not in _OUT:
        raise ValueError(f"{kind} wastes nothing")
    if not reason:
        raise Refused("Say why it is wasted.")
    require_witness(work, witness_id)
    bottle = locked(work, bottle_id)
    if bottle.closed_at is not None or not 0 < quantity <= bottle.balance:
        held = product(bottle.product).said(bottle.balance)
        raise Clash(f"This bottle holds {held}; it is not closed and cannot lose more than that.")
    balance = shift(
        work,
        bottle_id=bottle_id,
        quantity=quantity,
        origin=spot_of(bottle),
        goal=_OUT[kind],
        cause=Cause(kind, None, reason, witness_id),
    )
    if not balance and spot_of(bottle) == QUARANTINE:
        work.session.refresh(bottle)
        bottle.closed_at = work.now
        work.session.flush()
    audit.record(
        work,
        action=f"stock.{kind.value}",
        subject=f"bottle {bottle_id}",
        detail={"quantity": quantity, "reason": reason, "witness": str(witness_id)},
    )
    return balance


def require_witness(work: Work, witness_id: UUID) -> None:
    """Raises: Refused when the witness records it too, or is nobody who may witness here."""
    if witness_id == work.actor.id:
        raise Refused(NEEDS_WITNESS)
    known = {one for role in WITNESSES for one, _ in staff.names_by_role(work, role=role)}
    if witness_id not in known:
        raise Refused(WRONG_WITNESS)


def _open_bottles(work: Work, *, spot: Spot, code: str) -> list[StockBottle]:
    return list(
        work.session.scalars(
            sa.select(StockBottle)
            .where(
                StockBottle.site_id == work.site.id,
                StockBottle.place == spot.place,
                StockBottle.window == spot.number,
                StockBottle.product == code,
                StockBottle.closed_at.is_(None),
            )
            .order_by(StockBottle.expires_on, StockBottle.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def _taken_for(work: Work, subject_id: UUID) -> Iterable[tuple[StockMovement, StockBottle]]:
    """What left bottles for a subject; nothing when it is back already."""
    rows = work.session.execute(
        sa.select(StockMovement, StockBottle)
        .join(StockBottle, StockBottle.id == StockMovement.bottle_id)
        .where(StockMovement.site_id == work.site.id, StockMovement.subject_id == subject_id)
        .order_by(StockBottle.id)
        .with_for_update(of=StockBottle)
        .execution_options(populate_existing=True)
    ).all()
    came_back = {movement.bottle_id for movement, _ in rows if movement.to_place in INSIDE}
    return [
        (movement, bottle)
        for movement, bottle in rows
        if movement.to_place is StockPlace.PATIENT and bottle.id not in came_back
    ]
