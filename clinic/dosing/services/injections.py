"""Give an injection: a dose row, and beside it the place, the lot and the expiry."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.decision import Decision
from clinic.core.errors import Clash, Refused
from clinic.core.permissions import Permission
from clinic.core.units import micrograms, plain
from clinic.data.work import Work
from clinic.dosing import queries
from clinic.dosing.facts import (
    BodySite,
    DoseFacts,
    DoseOrigin,
    InjectionDue,
    LongActingProduct,
    OrderInForce,
)
from clinic.dosing.models import Dose, Injection
from clinic.dosing.rules.asks import answered, unanswered
from clinic.dosing.rules.doses import ALREADY_GIVEN, may_dose, next_series
from clinic.dosing.rules.injections import may_use_site
from clinic.patients import services as patients
from clinic.stock.facts import Form

_NO_WINDOW = 0
REMS_MISSING = "Buprenorphine by injection: say that the REMS was kept, and by whom."


def give_injection(
    work: Work,
    *,
    patient_id: UUID,
    order_number: int,
    body_site: BodySite,
    lot: str,
    expires_on: date,
    rems_note: str = "",
    confirmed: Collection[str] = (),
) -> UUID:
    """Record an injection as given now, under the order that covers today.

    Invariant: one for each order; the dose rule and the product's window are both asked behind
    the patient's lock.
    Raises: Clash naming who gave it and when; Refused with every reason; Forbidden; NotFound.
    """
    work.actor.require(Permission.GIVE_DOSE)
    patients.take_turn(work, patient_id=patient_id)
    facts = queries.facts_for_dose(work, patient_id=patient_id, window=_NO_WINDOW).facts
    due = queries.injection_due(
        work,
        patient_id=patient_id,
        evidence=queries.start_evidence(work, patient_id=patient_id),
    )
    decision = may_dose(replace(facts, window=None))
    order, due = _order_to_give(facts, decision, due, order_number)
    decision += due.decision + may_use_site(
        due.product, body_site=body_site, last_site=due.last_site
    )
    _require(work, decision, confirmed, due, expires_on=expires_on, rems_note=rems_note)
    said = answered(decision, confirmed=confirmed)
    dose = _dose(work, patient_id, facts, order, decision.to_json() | {"confirmed": said})
    work.session.add(dose)
    work.session.flush()
    work.session.add(
        Injection(
            id=work.new_id(),
            site_id=work.site.id,
            patient_id=patient_id,
            dose_id=dose.id,
            order_id=order.id,
            series=1 + _times_tried(work, order.id),
            product=due.product,
            body_site=body_site,
            lot=lot,
            expires_on=expires_on,
            rems_note=rems_note,
            **work.on_service_day(),
            **work.attribution,
        )
    )
    work.session.flush()
    audit.record(
        work,
        action="injection.give",
        subject=f"order {order.number}",
        patient_id=patient_id,
        detail={
            "product": due.product.value,
            "dose_mg": str(plain(order.dose_mg)),
            "body_site": body_site.value,
            "lot": lot,
            "expires_on": expires_on.isoformat(),
        },
    )
    return dose.id


def _order_to_give(
    facts: DoseFacts, decision: Decision, due: InjectionDue | None, order_number: int
) -> tuple[OrderInForce, InjectionDue]:
    """The order, when it is an injection and the one the nurse saw."""
    for reason in decision.stops:
        if reason.code == ALREADY_GIVEN:
            raise Clash(reason.message)
    order = facts.order
    if order is None or order.form is not Form.INJECTION or due is None:
        raise Refused("No order for an injection covers today.")
    if order.number != order_number:
        raise Clash(f"The order changed: it is now order {order.number} by {order.ordered_by}.")
    return order, due


def _require(
    work: Work,
    decision: Decision,
    confirmed: Collection[str],
    due: InjectionDue,
    *,
    expires_on: date,
    rems_note: str,
) -> None:
    if expires_on < work.service_date:
        raise Refused(f"This vial expired on {expires_on:%d %b %Y}.")
    if due.product is not LongActingProduct.XR_NALTREXONE and not rems_note:
        raise Refused(REMS_MISSING)
    decision.require()
    left = unanswered(decision, confirmed=confirmed)
    if left:
        raise Refused([reason.message for reason in left], decision=decision)


def _dose(
    work: Work,
    patient_id: UUID,
    facts: DoseFacts,
    order: OrderInForce,
    decision: dict[str, object],
) -> Dose:
    series, replaced = next_series(facts)
    return Dose(
        id=work.new_id(),
        site_id=work.site.id,
        patient_id=patient_id,
        origin=DoseOrigin.WINDOW,
        order_id=order.id,
        order_number=order.number,
        medication=order.medication,
        form=order.form,
        dose_ug=micrograms(order.dose_mg),
        series=series,
        replaces_void_id=replaced.voided.id if replaced and replaced.voided else None,
        decision=decision,
        **work.on_service_day(),
        **work.attribution,
    )


def _times_tried(work: Work, order_id: UUID) -> int:
    """Injections of the order already on record: all of them taken back, or the rule had stopped."""
    found = work.session.scalar(
        sa.select(sa.func.count())
        .select_from(Injection)
        .where(Injection.site_id == work.site.id, Injection.order_id == order_id)
    )
    return found or 0
