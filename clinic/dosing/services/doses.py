"""Give a dose, and take one back. The hot path of the house: Core statements, nothing loaded."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.decision import Decision
from clinic.core.errors import Clash, NotFound, Refused
from clinic.core.permissions import Permission
from clinic.core.units import mg, micrograms, microlitres, ml, plain
from clinic.data.work import Work
from clinic.dosing.facts import DoseFacts, DoseOrigin, GivenDose, OrderInForce, VoidReason
from clinic.dosing.models import Dose, DoseVoid
from clinic.dosing.queries import facts_for_dose
from clinic.dosing.queries.tables import BOTTLE, DOSE, MOVEMENT
from clinic.dosing.rules.asks import answered, unanswered
from clinic.dosing.rules.doses import ALREADY_GIVEN, may_dose, next_series, volume_of
from clinic.patients import services as patients
from clinic.staff import queries as staff
from clinic.staff.facts import Role
from clinic.stock.facts import StockMovementKind
from clinic.stock.models import StockBottle, StockMovement

BOTTLE_EMPTY = "The open bottle does not hold enough for this dose. Open another, then give it."
WITNESSES = (Role.NURSE, Role.PHARMACIST, Role.PRESCRIBER)

_INSERT_DOSE = sa.insert(DOSE)
_INSERT_MOVEMENT = sa.insert(MOVEMENT)
_DRAW = (
    sa.update(BOTTLE)
    .where(
        BOTTLE.c.id == sa.bindparam("bottle"),
        BOTTLE.c.closed_at.is_(None),
        BOTTLE.c.balance_ul >= sa.bindparam("needed_ul"),
    )
    .values(
        balance_ul=BOTTLE.c.balance_ul - sa.bindparam("needed_ul"), version=BOTTLE.c.version + 1
    )
    .returning(BOTTLE.c.balance_ul, BOTTLE.c.version)
)


def give_dose(
    work: Work,
    *,
    patient_id: UUID,
    order_number: int,
    window: int,
    portion: int = 1,
    confirmed: Collection[str] = (),
) -> GivenDose:
    """Record a dose as given now, and draw it from the window's open bottle.

    Invariant: the rule is asked inside the transaction, behind the patient's lock; a UNIQUE
    constraint stands behind the rule. ``confirmed`` holds the codes of questions the nurse
    answered.
    Raises: Clash naming who gave the dose and when, or what the order changed to; Refused with
    every reason; Forbidden; NotFound.
    """
    work.actor.require(Permission.GIVE_DOSE)
    patients.take_turn(work, patient_id=patient_id)
    facts = facts_for_dose(work, patient_id=patient_id, window=window, portion=portion).facts
    decision = may_dose(facts)
    order = _order_to_give(facts, decision, order_number=order_number, confirmed=confirmed)
    series, replaced = next_series(facts)
    dose_id = work.new_id()
    volume_ul, balance = _draw(work, facts)
    act = _act(work)
    dose: dict[str, Any] = act | {
        "id": dose_id,
        "patient_id": patient_id,
        "origin": DoseOrigin.WINDOW,
        "order_id": order.id,
        "order_number": order.number,
        "medication": order.medication,
        "form": order.form,
        "dose_ug": micrograms(order.portion_mg),
        "volume_ul": volume_ul,
        "concentration_ug_per_ml": None,
        "portion": portion,
        "series": series,
        "replaces_void_id": replaced.voided.id if replaced and replaced.voided else None,
        "window": window,
        "bottle_id": None,
        "decision": decision.to_json() | {"confirmed": answered(decision, confirmed=confirmed)},
    }
    connection = work.session.connection()
    if balance is not None and facts.bottle is not None:
        strength = micrograms(facts.bottle.concentration_mg_per_ml)
        dose |= {"concentration_ug_per_ml": strength, "bottle_id": facts.bottle.id}
        connection.execute(
            _INSERT_MOVEMENT,
            act
            | {
                "id": work.new_id(),
                "bottle_id": facts.bottle.id,
                "sequence": balance.version,
                "kind": StockMovementKind.DOSE,
                "volume_ul": -(volume_ul or 0),
                "balance_after_ul": balance.balance_ul,
                "dose_id": dose_id,
            },
        )
    connection.execute(_INSERT_DOSE, dose)
    given = GivenDose(
        dose_id=dose_id,
        service_date=facts.day,
        order_number=order.number,
        portion=portion,
        series=series,
        dose_mg=plain(order.portion_mg),
        volume_ml=None if volume_ul is None else ml(volume_ul),
        balance_ml=None if balance is None else ml(balance.balance_ul),
    )
    audit.record(
        work,
        action="dose.give",
        subject=f"order {order.number}",
        patient_id=patient_id,
        detail=given.to_json(),
    )
    return given


def _order_to_give(
    facts: DoseFacts, decision: Decision, *, order_number: int, confirmed: Collection[str]
) -> OrderInForce:
    """The order, when it is the one the nurse saw and nothing stops or is left unasked."""
    for reason in decision.stops:
        if reason.code == ALREADY_GIVEN:
            raise Clash(reason.message)
    order = facts.order
    if order is not None and order.number != order_number:
        raise Clash(
            f"The order changed to {plain(order.portion_mg)} mg (order {order.number},"
            f" by {order.ordered_by}). Look at the patient's page again before giving it."
        )
    decision.require()
    if order is None:
        raise Refused("No order covers today.", decision=decision)
    left = unanswered(decision, confirmed=confirmed)
    if left:
        raise Refused([reason.message for reason in left], decision=decision)
    return order


def _draw(work: Work, facts: DoseFacts) -> tuple[int | None, Any]:
    """Take the dose's volume out of the bottle; nothing for what is not liquid."""
    volume_ml = volume_of(facts)
    if facts.bottle is None or volume_ml is None:
        return None, None
    volume_ul = microlitres(volume_ml)
    values = {"bottle": facts.bottle.id, "needed_ul": volume_ul}
    balance = work.session.connection().execute(_DRAW, values).first()
    if balance is None:
        raise Clash(BOTTLE_EMPTY)
    return volume_ul, balance


def _act(work: Work) -> dict[str, Any]:
    return {
        "site_id": work.site.id,
        **work.on_service_day(),
        **work.attribution,
    }


def void_dose(
    work: Work,
    *,
    dose_id: UUID,
    service_date: date,
    reason: VoidReason,
    witness_id: UUID,
    note: str = "",
) -> UUID:
    """Take a dose row back in front of a witness. Its volume is waste, never stock again.

    A new series may then be given, if the rule lets it.
    Raises: NotFound; Clash when it was taken back already; Refused without a proper witness.
    """
    work.actor.require(Permission.GIVE_DOSE)
    dose = work.session.scalar(
        sa.select(Dose).where(
            Dose.site_id == work.site.id,
            Dose.service_date == service_date,
            Dose.id == dose_id,
            Dose.origin == DoseOrigin.WINDOW,
        )
    )
    if dose is None:
        raise NotFound("dose")
    patients.take_turn(work, patient_id=dose.patient_id)
    _require_witness(work, witness_id)
    _require_standing(work, dose_id)
    void = DoseVoid(
        id=work.new_id(),
        dose_id=dose_id,
        patient_id=dose.patient_id,
        reason=reason,
        note=note,
        witnessed_by=witness_id,
        **_act(work),
    )
    work.session.add(void)
    if dose.bottle_id is not None and dose.volume_ul is not None:
        _waste(work, bottle_id=dose.bottle_id, volume_ul=dose.volume_ul, dose_id=dose_id)
    work.session.flush()
    audit.record(
        work,
        action="dose.void",
        subject=f"dose {dose_id}",
        patient_id=dose.patient_id,
        detail={
            "reason": reason.value,
            "note": note,
            "witness": str(witness_id),
            "dose_mg": str(mg(dose.dose_ug)),
        },
    )
    return void.id


def _require_witness(work: Work, witness_id: UUID) -> None:
    if witness_id == work.actor.id:
        raise Refused("A second person must witness this, not the one who records it.")
    known = {one for role in WITNESSES for one, _ in staff.names_by_role(work, role=role)}
    if witness_id not in known:
        raise Refused("The witness must be a nurse, pharmacist or prescriber of this site.")


def _require_standing(work: Work, dose_id: UUID) -> None:
    earlier = work.session.scalar(
        sa.select(DoseVoid).where(DoseVoid.site_id == work.site.id, DoseVoid.dose_id == dose_id)
    )
    if earlier is not None:
        at = work.site.local(earlier.occurred_at)
        raise Clash(f"Already voided at {at:%H:%M} by {earlier.recorded_by_name}.")


def _waste(work: Work, *, bottle_id: UUID, volume_ul: int, dose_id: UUID) -> None:
    """Two movements that cancel out: the poured volume comes back on paper and is wasted."""
    bottle = work.session.scalars(
        sa.select(StockBottle)
        .where(StockBottle.site_id == work.site.id, StockBottle.id == bottle_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    steps = (
        (StockMovementKind.DOSE_RETURNED, volume_ul, bottle.balance_ul + volume_ul),
        (StockMovementKind.WASTE, -volume_ul, bottle.balance_ul),
    )
    first = bottle.version + 1
    for sequence, (kind, moved_ul, after_ul) in enumerate(steps, start=first):
        work.session.add(
            StockMovement(
                id=work.new_id(),
                bottle_id=bottle_id,
                sequence=sequence,
                kind=kind,
                volume_ul=moved_ul,
                balance_after_ul=after_ul,
                dose_id=dose_id,
                **_act(work),
            )
        )
    work.session.execute(
        sa.update(BOTTLE)
        .where(BOTTLE.c.id == bottle_id)
        .values(version=BOTTLE.c.version + len(steps))
    )
