"""Give a dose, and take one back. The hot path of the house: Core statements, nothing loaded."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
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
from clinic.dosing.facts.line import Attestation, Claim, ClaimEnd
from clinic.dosing.models import Dose, DoseVoid
from clinic.dosing.queries import facts_for_dose
from clinic.dosing.queries.tables import CLAIM, DOSE
from clinic.dosing.rules.asks import answered, unanswered
from clinic.dosing.rules.checks import screen_due
from clinic.dosing.rules.doses import (
    ALREADY_GIVEN,
    ELSEWHERE,
    may_dose,
    next_series,
    packs_of,
    volume_of,
)
from clinic.dosing.services.checks import record_screen
from clinic.dosing.services.pours import Poured, mark_given, poured_for
from clinic.patients import services as patients
from clinic.staff import queries as staff
from clinic.staff.facts import Role
from clinic.stock import services as stock
from clinic.stock.facts import Form, at_window

WITNESSES = (Role.NURSE, Role.PHARMACIST, Role.PRESCRIBER)

NOT_BY_NEEDLE = "This is an injection: record it on the injection page, with lot and body site."
SCREEN_FIRST = "Screen for impairment first: {because}."

_INSERT_DOSE = sa.insert(DOSE)
_END_CLAIM = (
    sa.update(CLAIM)
    .where(CLAIM.c.id == sa.bindparam("claim"))
    .values(ended_at=sa.bindparam("at"), ended_how=sa.bindparam("how"))
)


def give_dose(
    work: Work,
    *,
    patient_id: UUID,
    order_number: int,
    window: int,
    portion: int = 1,
    confirmed: Collection[str] = (),
    attested: Attestation | None = None,
    is_injection: bool = False,
) -> GivenDose:
    """Record a dose as given now, and draw it from the window's open bottle.

    Invariant: the rule is asked inside the transaction, behind the patient's lock; a UNIQUE
    constraint stands behind the rule. ``confirmed`` holds the codes of questions the nurse
    answered, ``attested`` how the patient was known and the nurse signed. An injection is given
    by ``give_injection`` alone, which keeps its lot and body site.
    Raises: Clash naming who gave the dose and when, or what the order changed to; Refused with
    every reason; Forbidden; NotFound.
    """
    work.actor.require(Permission.GIVE_DOSE)
    patients.take_turn(work, patient_id=patient_id)
    facts = facts_for_dose(work, patient_id=patient_id, window=window, portion=portion).facts
    decision = may_dose(facts)
    order = _order_to_give(facts, decision, order_number=order_number, confirmed=confirmed)
    if order.form is Form.INJECTION and not is_injection:
        raise Refused(NOT_BY_NEEDLE)
    series, replaced = next_series(facts)
    dose_id = work.new_id()
    poured = poured_for(work, facts, patient_id=patient_id) if facts.is_poured else None
    drawn = _draw(work, facts, dose_id=dose_id, poured=poured)
    dose_ug = poured.dose_ug if poured else micrograms(order.portion_mg)
    act = _act(work)
    dose: dict[str, Any] = act | {
        "id": dose_id,
        "patient_id": patient_id,
        "origin": DoseOrigin.WINDOW,
        "order_id": order.id,
        "order_number": order.number,
        "medication": order.medication,
        "form": order.form,
        "dose_ug": dose_ug,
        "volume_ul": drawn.volume_ul,
        "concentration_ug_per_ml": drawn.concentration_ug_per_ml,
        "portion": portion,
        "series": series,
        "replaces_void_id": replaced.voided.id if replaced and replaced.voided else None,
        "window": window,
        "bottle_id": drawn.bottle_id,
        "decision": decision.to_json()
        | {"confirmed": answered(decision, confirmed=confirmed)}
        | ({"attested": attested.to_json()} if attested else {}),
    }
    work.session.connection().execute(_INSERT_DOSE, dose)
    if poured is not None:
        mark_given(work, pour_id=poured.pour_id, dose_id=dose_id)
    if facts.claim is not None:
        _leave_window(work, facts.claim)
    if attested is not None:
        _require_screen(work, facts, attested, patient_id=patient_id)
    given = GivenDose(
        dose_id=dose_id,
        service_date=facts.day,
        order_number=order.number,
        portion=portion,
        series=series,
        dose_mg=mg(dose_ug),
        volume_ml=None if drawn.volume_ul is None else ml(drawn.volume_ul),
        balance_ml=None if drawn.balance_ul is None else ml(drawn.balance_ul),
    )
    audit.record(
        work,
        action="dose.give",
        subject=f"order {order.number}",
        patient_id=patient_id,
        detail=given.to_json(),
    )
    return given


def _leave_window(work: Work, claim: Claim) -> None:
    values = {"claim": claim.id, "at": work.now, "how": ClaimEnd.DOSED}
    work.session.connection().execute(_END_CLAIM, values)


def _require_screen(
    work: Work, facts: DoseFacts, attested: Attestation, *, patient_id: UUID
) -> None:
    """Record the screen that is due; nothing was given when nobody did it."""
    screen = screen_due(facts)
    if screen is None:
        return
    if not attested.looks_well:
        raise Refused(SCREEN_FIRST.format(because=screen.because))
    record_screen(work, patient_id=patient_id, signs=())


def _order_to_give(
    facts: DoseFacts, decision: Decision, *, order_number: int, confirmed: Collection[str]
) -> OrderInForce:
    """The order, when it is the one the nurse saw and nothing stops or is left unasked."""
    for reason in decision.stops:
        if reason.code in {ALREADY_GIVEN, ELSEWHERE}:
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


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What the dose came out of. Liquid: volume and balance; units: only the first bottle."""

    bottle_id: UUID | None = None
    volume_ul: int | None = None
    concentration_ug_per_ml: int | None = None
    balance_ul: int | None = None


def _draw(work: Work, facts: DoseFacts, *, dose_id: UUID, poured: Poured | None) -> _Drawn:
    """Take the dose out of what is open at the window; nothing of the patient's own supply.

    What the pump poured is taken as it was poured, out of the bottle it was poured from.
    """
    spot = at_window(facts.window or 0)
    if poured is not None:
        balance = stock.take_from(
            work,
            bottle_id=poured.bottle_id,
            spot=spot,
            quantity=poured.volume_ul,
            subject_id=dose_id,
        )
        return _Drawn(poured.bottle_id, poured.volume_ul, poured.concentration_ug_per_ml, balance)
    volume_ml = volume_of(facts)
    if facts.bottle is not None and volume_ml is not None:
        bottle, volume_ul = facts.bottle, microlitres(volume_ml)
        balance = stock.take_from(
            work, bottle_id=bottle.id, spot=spot, quantity=volume_ul, subject_id=dose_id
        )
        strength = micrograms(bottle.concentration_mg_per_ml)
        return _Drawn(bottle.id, volume_ul, strength, balance)
    packs = packs_of(facts) or ()
    for pack, units in packs:
        stock.take_from(work, bottle_id=pack.id, spot=spot, quantity=units, subject_id=dose_id)
    return _Drawn(bottle_id=packs[0][0].id if packs else None)


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
            Dose.origin != DoseOrigin.HISTORY,
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
    if dose.bottle_id is not None:
        stock.waste_for(work, subject_id=dose_id, witness_id=witness_id, reason=reason.label)
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
