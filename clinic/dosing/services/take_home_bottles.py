"""Bottles: prepare, check, hand out, take back, lose, destroy. Each once, each with a name."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.decision import Decision
from clinic.core.errors import Clash, NotFound, Refused
from clinic.core.permissions import Permission
from clinic.core.units import micrograms
from clinic.data.work import Work
from clinic.dosing.facts import RATIONALE_LENGTH_MIN, BottleEventKind, BottleKind, BottleState
from clinic.dosing.facts.pickups import DueBottle
from clinic.dosing.models import TakeHomeBottle, TakeHomeEvent
from clinic.dosing.queries.pickups import Pickup, pickup
from clinic.dosing.queries.tables import TAKE_HOME, TAKE_HOME_EVENT
from clinic.dosing.rules.asks import answered, unanswered
from clinic.dosing.rules.pickups import may_hand_out
from clinic.dosing.services import pouring
from clinic.patients import services as patients
from clinic.stock import services as stock
from clinic.stock.facts import PREPARATION, IncidentKind

NOTHING_DUE = "No bottle is due at this visit."
_CODE_BYTES = 6


@dataclass(frozen=True, slots=True)
class Prepared:
    """The answer of preparing or handing out: which bottles, for which dates."""

    codes: tuple[str, ...]
    take_on: tuple[date, ...]

    def to_json(self) -> dict[str, Any]:
        return {"codes": list(self.codes), "take_on": [day.isoformat() for day in self.take_on]}


def code_of(bottle_id: UUID) -> str:
    """What the label's bar code says: made of the id, short enough to type.

    Shape: ``TH-`` and ten letters or digits, of the id's random end.
    """
    text = base64.b32encode(bottle_id.bytes[-_CODE_BYTES - 1 :]).decode()[:10]
    return f"TH-{text}"


def prepare(
    work: Work, *, patient_id: UUID, window: int, confirmed: Collection[str] = ()
) -> Prepared:
    """Fill every bottle due at today's visit out of the stock, with a label's facts each.

    Invariant: asked behind the patient's lock; a date never gets a second live bottle, and a
    UNIQUE index stands behind the rule.
    Raises: Refused with every reason, also for questions nobody answered; Clash; Forbidden.
    """
    work.actor.require(Permission.GIVE_DOSE)
    patients.take_turn(work, patient_id=patient_id)
    visit = _visit(work, patient_id)
    decision = visit.plan.decision
    decision.require()
    left = unanswered(decision, confirmed=confirmed)
    if left:
        raise Refused([reason.message for reason in left], decision=decision)
    if not visit.plan.due:
        raise Refused(NOTHING_DUE, decision=decision)
    stored = decision.to_json() | {"confirmed": answered(decision, confirmed=confirmed)}
    made = bottle_rows(
        work, patient_id, visit.plan.due, prepared_for=work.service_date, decision=stored
    )
    for one in made:
        pouring.pour(work, one.fill, window=window, subject_id=one.row["id"])
    write_bottles(work, made, window=window)
    prepared = _answer(one.row for one in made)
    audit.record(
        work,
        action="take_homes.prepare",
        subject=f"{len(made)} bottles",
        patient_id=patient_id,
        detail=prepared.to_json(),
    )
    return prepared


@dataclass(frozen=True, slots=True)
class FilledBottle:
    """A bottle's row, and what is in it."""

    row: dict[str, Any]
    fill: pouring.Fill


def bottle_rows(
    work: Work,
    patient_id: UUID,
    due: Sequence[DueBottle],
    *,
    prepared_for: date,
    decision: dict[str, Any],
    emergency_id: UUID | None = None,
) -> list[FilledBottle]:
    """Rows of new bottles for one patient; nothing is written.

    Raises: Refused for a dose nothing in stock makes up.
    """
    made = []
    for number, one in enumerate(due, start=1):
        order = one.order
        fill = pouring.fill_of(order.medication, form=order.form, dose_mg=order.portion_mg)
        if fill is None:
            raise pouring.cannot_fill(order.medication, order.form, order.portion_mg)
        bottle_id = work.new_id()
        row = {
            "id": bottle_id,
            "site_id": work.site.id,
            "code": code_of(bottle_id),
            "patient_id": patient_id,
            "order_id": order.id,
            "order_number": order.number,
            "ordered_by_name": order.ordered_by,
            "medication": order.medication,
            "form": order.form,
            "dose_ug": micrograms(order.portion_mg),
            "volume_ul": fill.volume_ul,
            "units": fill.units,
            "concentration_ug_per_ml": fill.concentration_ug_per_ml,
            "prepared_for": prepared_for,
            "take_on": one.take_on,
            "portion": one.portion,
            "number": number,
            "bottles": len(due),
            "kind": one.kind,
            "state": BottleState.PREPARED,
            "covers": True,
            "handed_out_on": None,
            "emergency_id": emergency_id,
            "decision": decision,
            "version": 1,
            **work.attribution,
        }
        made.append(FilledBottle(row, fill))
    return made


def write_bottles(work: Work, made: Sequence[FilledBottle], *, window: int | None) -> None:
    """Write bottles and the event that made them: two statements for any number."""
    connection = work.session.connection()
    connection.execute(sa.insert(TAKE_HOME), [one.row for one in made])
    events = [_event_row(work, one.row, BottleEventKind.PREPARED, window=window) for one in made]
    connection.execute(sa.insert(TAKE_HOME_EVENT), events)


def check(work: Work, *, patient_id: UUID) -> int:
    """A second person has looked at every prepared bottle of the patient; how many.

    Raises: Refused when the same person prepared them; Clash when nothing is left to check.
    """
    work.actor.require(Permission.GIVE_DOSE)
    patients.take_turn(work, patient_id=patient_id)
    checked = sa.select(TakeHomeEvent.bottle_id).where(
        TakeHomeEvent.site_id == work.site.id,
        TakeHomeEvent.patient_id == patient_id,
        TakeHomeEvent.kind == BottleEventKind.CHECKED,
    )
    bottles = [
        one
        for one in _bottles(work, patient_id=patient_id, state=BottleState.PREPARED)
        if one.id not in set(work.session.scalars(checked))
    ]
    if not bottles:
        raise Clash("Every prepared bottle has been checked.")
    if any(bottle.recorded_by == work.actor.id for bottle in bottles):
        raise Refused("Somebody else checks what you prepared.")
    for bottle in bottles:
        _happened(work, bottle, BottleEventKind.CHECKED)
    work.session.flush()
    audit.record(
        work,
        action="take_homes.check",
        subject=f"{len(bottles)} bottles",
        patient_id=patient_id,
        detail={"codes": [bottle.code for bottle in bottles]},
    )
    return len(bottles)


def hand_out(
    work: Work, *, patient_id: UUID, codes: Collection[str], window: int | None = None
) -> Prepared:
    """Give the patient these prepared bottles, all of them or none.

    Asked again at the counter: a hold since they were prepared stops them, and so does a date
    that was dosed or covered meanwhile.
    Raises: Refused with every reason; Clash when one is no longer here; NotFound; Forbidden.
    """
    work.actor.require(Permission.GIVE_DOSE)
    patients.take_turn(work, patient_id=patient_id)
    wanted = {code.strip().upper() for code in codes if code.strip()}
    if not wanted:
        raise Refused("Scan the bottles, or tick them.")
    bottles = [one for one in _bottles(work, patient_id=patient_id) if one.code.upper() in wanted]
    missing = wanted - {bottle.code.upper() for bottle in bottles}
    if missing:
        raise NotFound(f"bottle {', '.join(sorted(missing))} of this patient")
    gone = [bottle for bottle in bottles if bottle.state is not BottleState.PREPARED]
    if gone:
        said = ", ".join(f"{one.code} ({one.take_on:%d %b}) {one.state.label}" for one in gone)
        raise Clash(f"Not here any more: {said}.")
    decision = handing_out(work, patient_id=patient_id, bottles=bottles)
    decision.require()
    for bottle in bottles:
        bottle.state = BottleState.HANDED_OUT
        bottle.handed_out_on = work.service_date
        _happened(
            work, bottle, BottleEventKind.HANDED_OUT, window=window, decision=decision.to_json()
        )
    work.session.flush()
    given = _answer({"code": one.code, "take_on": one.take_on} for one in bottles)
    audit.record(
        work,
        action="take_homes.hand_out",
        subject=f"{len(bottles)} bottles",
        patient_id=patient_id,
        detail=given.to_json(),
    )
    return given


def handing_out(work: Work, *, patient_id: UUID, bottles: Iterable[TakeHomeBottle]) -> Decision:
    """What the rule says of these bottles at the counter now."""
    visit = _visit(work, patient_id)
    chosen = list(bottles)
    own = {(bottle.take_on, bottle.portion) for bottle in chosen}
    regular = {one.take_on for one in chosen if one.kind is BottleKind.REGULAR}
    later = [one for one in chosen if one.kind is BottleKind.LATER_PORTION]
    others = tuple(
        one for one in visit.facts.bottles if (one.take_on, one.portion) not in own or one.is_out
    )
    facts = replace(visit.facts, bottles=others)
    return may_hand_out(
        facts,
        take_on={one.take_on for one in chosen if one not in later},
        regular=regular,
        later_portions=[(one.take_on, one.portion) for one in later],
    )


def take_back(
    work: Work, *, patient_id: UUID, codes: Collection[str], full: Collection[str] = ()
) -> int:
    """Record bottles the patient brought back, empty; those in ``full`` with the dose in them.

    A full one goes to quarantine, and its date may be covered again.
    Raises: Clash when one is not out; NotFound; Forbidden.
    """
    work.actor.require(Permission.GIVE_DOSE)
    patients.take_turn(work, patient_id=patient_id)
    still_full = {code.strip().upper() for code in full}
    wanted = {code.strip().upper() for code in codes} | still_full
    bottles = [one for one in _bottles(work, patient_id=patient_id) if one.code.upper() in wanted]
    if not wanted or len(bottles) != len(wanted):
        raise NotFound("bottle of this patient")
    for bottle in bottles:
        if bottle.state is not BottleState.HANDED_OUT:
            raise Clash(f"{bottle.code} is not out: {bottle.state.label.lower()}.")
        if bottle.code.upper() in still_full:
            _into_quarantine(work, bottle, "brought back full")
            bottle.state, bottle.covers = BottleState.RETURNED_FULL, False
            _happened(work, bottle, BottleEventKind.RETURNED_FULL)
        else:
            bottle.state = BottleState.RETURNED_EMPTY
            _happened(work, bottle, BottleEventKind.RETURNED_EMPTY)
    work.session.flush()
    audit.record(
        work,
        action="take_homes.take_back",
        subject=f"{len(bottles)} bottles",
        patient_id=patient_id,
        detail={"codes": sorted(wanted), "full": sorted(still_full)},
    )
    return len(bottles)


def report_lost(work: Work, *, bottle_id: UUID, account: str, stolen: bool = False) -> None:
    """Note that a bottle is lost or stolen. Nothing replaces one that went home: the prescriber
    decides.

    Shape: what a patient loses was dispensed and is no loss of the clinic's stock; a prepared
    bottle missing here is, so it opens a stock incident, and its date is free again.
    Source: 21 CFR 1301.76(b), which speaks of the registrant's own stock.
    Raises: Clash when it is neither out nor here; Refused without an account; NotFound; Forbidden.
    """
    work.actor.require(Permission.GIVE_DOSE)
    if len(account.strip()) < RATIONALE_LENGTH_MIN:
        raise Refused("Write down what is known of what happened.")
    bottle = _one(work, bottle_id)
    if bottle.state is BottleState.PREPARED:
        _report_missing(work, bottle, account, stolen=stolen)
        bottle.covers = False
    elif bottle.state is not BottleState.HANDED_OUT:
        raise Clash(f"{bottle.code} is not out: {bottle.state.label.lower()}.")
    bottle.state = BottleState.STOLEN if stolen else BottleState.LOST
    kind = BottleEventKind.STOLEN if stolen else BottleEventKind.LOST
    _happened(work, bottle, kind, note=account)
    work.session.flush()
    audit.record(
        work,
        action=f"take_homes.{kind.value}",
        subject=f"bottle {bottle.code}",
        patient_id=bottle.patient_id,
        detail={"take_on": bottle.take_on.isoformat(), "account": account},
    )


def _report_missing(work: Work, bottle: TakeHomeBottle, account: str, *, stolen: bool) -> None:
    fill = pouring.fill_of(bottle.medication, form=bottle.form, dose_mg=bottle.dose_mg)
    for product, quantity in fill.parts if fill else ():
        stock.report_loss(
            work,
            spot=PREPARATION,
            code=product.code,
            amount=product.amount(quantity),
            kind=IncidentKind.THEFT if stolen else IncidentKind.LOSS,
            note=f"Prepared bottle {bottle.code} for {bottle.take_on:%d %b %Y}: {account}",
        )


def answer_loss(work: Work, *, bottle_id: UUID, replaced: bool, reason: str) -> None:
    """The prescriber lets the date of a lost bottle be covered again, or does not.

    Raises: Clash when nothing is lost or it was answered; Refused without a reason; NotFound.
    """
    work.actor.require(Permission.DECIDE_TAKE_HOMES)
    if not reason.strip():
        raise Refused("Say why.")
    bottle = _one(work, bottle_id)
    if bottle.state not in {BottleState.LOST, BottleState.STOLEN} or not bottle.covers:
        raise Clash(f"{bottle.code} waits for no answer.")
    answer = BottleEventKind.RELEASED if replaced else BottleEventKind.NOT_REPLACED
    bottle.covers = not replaced
    _happened(work, bottle, answer, note=reason)
    work.session.flush()
    audit.record(
        work,
        action=f"take_homes.{answer.value}",
        subject=f"bottle {bottle.code}",
        patient_id=bottle.patient_id,
        detail={"take_on": bottle.take_on.isoformat(), "reason": reason},
    )


def destroy(work: Work, *, bottle_id: UUID, witness_id: UUID, reason: str) -> None:
    """Waste a prepared bottle nobody will take home, before a witness; its date is free again.

    Raises: Clash when it is not here; Refused without a proper witness or reason; NotFound.
    """
    work.actor.require(Permission.MANAGE_STOCK)
    bottle = _one(work, bottle_id)
    if bottle.state is not BottleState.PREPARED:
        raise Clash(f"{bottle.code} is not here: {bottle.state.label.lower()}.")
    if not reason.strip():
        raise Refused("Say why.")
    stock.require_witness(work, witness_id)
    for quarantined, quantity in _into_quarantine(work, bottle, reason):
        stock.waste(
            work, bottle_id=quarantined, quantity=quantity, witness_id=witness_id, reason=reason
        )
    bottle.state, bottle.covers = BottleState.DESTROYED, False
    _happened(work, bottle, BottleEventKind.DESTROYED, note=reason, witnessed_by=witness_id)
    work.session.flush()
    audit.record(
        work,
        action="take_homes.destroy",
        subject=f"bottle {bottle.code}",
        patient_id=bottle.patient_id,
        detail={"reason": reason, "witness": str(witness_id)},
    )


def _into_quarantine(work: Work, bottle: TakeHomeBottle, reason: str) -> list[tuple[UUID, int]]:
    """Put what is in a bottle back on the books, where it can only be wasted."""
    fill = pouring.fill_of(bottle.medication, form=bottle.form, dose_mg=bottle.dose_mg)
    if fill is None:
        return []
    return [
        (
            stock.return_take_home(
                work,
                code=product.code,
                quantity=quantity,
                lot=bottle.code,
                subject_id=bottle.id,
                reason=reason,
            ),
            quantity,
        )
        for product, quantity in fill.parts
    ]


def _visit(work: Work, patient_id: UUID) -> Pickup:
    visit = pickup(work, patient_id=patient_id, day=work.service_date)
    if visit is None:
        raise Refused("No order covers today or any later day.")
    return visit


def _bottles(
    work: Work, *, patient_id: UUID, state: BottleState | None = None
) -> Sequence[TakeHomeBottle]:
    query = (
        sa.select(TakeHomeBottle)
        .where(TakeHomeBottle.site_id == work.site.id, TakeHomeBottle.patient_id == patient_id)
        .order_by(TakeHomeBottle.take_on, TakeHomeBottle.portion)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if state is not None:
        query = query.where(TakeHomeBottle.state == state)
    return work.session.scalars(query).all()


def _one(work: Work, bottle_id: UUID) -> TakeHomeBottle:
    """The bottle, behind its patient's lock."""
    patient_id = work.session.scalar(
        sa.select(TakeHomeBottle.patient_id).where(
            TakeHomeBottle.site_id == work.site.id, TakeHomeBottle.id == bottle_id
        )
    )
    if patient_id is None:
        raise NotFound("bottle")
    patients.take_turn(work, patient_id=patient_id)
    return work.session.scalars(
        sa.select(TakeHomeBottle)
        .where(TakeHomeBottle.site_id == work.site.id, TakeHomeBottle.id == bottle_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _happened(work: Work, bottle: TakeHomeBottle, kind: BottleEventKind, **more: Any) -> None:
    row = {"id": bottle.id, "patient_id": bottle.patient_id}
    work.session.add(TakeHomeEvent(**_event_row(work, row, kind, **more)))


def _event_row(
    work: Work, bottle: dict[str, Any], kind: BottleEventKind, **more: Any
) -> dict[str, Any]:
    return {
        "id": work.new_id(),
        "site_id": work.site.id,
        "bottle_id": bottle["id"],
        "patient_id": bottle["patient_id"],
        "kind": kind,
        "window": None,
        "note": "",
        "witnessed_by": None,
        "decision": None,
        **more,
        **work.on_service_day(),
        **work.attribution,
    }


def _answer(made: Iterable[dict[str, Any]]) -> Prepared:
    rows = list(made)
    return Prepared(
        codes=tuple(row["code"] for row in rows), take_on=tuple(row["take_on"] for row in rows)
    )
