"""Write orders, end them, and confirm what another system reported."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.decision import Decision
from clinic.core.errors import Clash, NotFound, Refused
from clinic.core.permissions import Permission
from clinic.core.units import micrograms, plain
from clinic.data.work import Work
from clinic.dosing import queries
from clinic.dosing.facts import LongActingProduct, OrderProposal, OrderStatus
from clinic.dosing.models import (
    MedicationOrder,
    OrderEnd,
    OrderProduct,
    ReportedMedication,
)
from clinic.dosing.rules.asks import answered, unanswered
from clinic.dosing.services.holds import end_hold, reopen_hold
from clinic.patients import services as patients
from clinic.programs import services as programs
from clinic.programs.facts import Discharged, MedicationState
from clinic.stock.facts import Form, Medication

_AXIS = {
    Medication.METHADONE: MedicationState.METHADONE,
    Medication.BUPRENORPHINE: MedicationState.BUPRENORPHINE,
    Medication.BUPRENORPHINE_NALOXONE: MedicationState.BUPRENORPHINE,
    Medication.NALTREXONE: MedicationState.NALTREXONE,
}


def place_order(
    work: Work,
    *,
    patient_id: UUID,
    medication: Medication,
    form: Form,
    dose_mg: Decimal,
    starts_on: date,
    ends_on: date | None = None,
    portions: int = 1,
    rationale: str = "",
    qtc_ms: int | None = None,
    product: LongActingProduct | None = None,
    confirmed_reasons: Collection[str] = (),
    reported_id: UUID | None = None,
) -> UUID:
    """Write an order that ends the one running, and end any hold: this prescriber has decided.

    Units: ``dose_mg`` is the whole day's, however many portions.
    Raises: Refused with every reason that stops or was not confirmed; Forbidden; NotFound;
    Clash when another site's order covers some of the days.
    """
    work.actor.require(Permission.ORDER_MEDICATION)
    patients.take_turn(work, patient_id=patient_id)
    proposal = OrderProposal(
        medication=medication,
        form=form,
        dose_mg=dose_mg,
        starts_on=starts_on,
        ends_on=ends_on,
        portions=portions,
        rationale=rationale,
        qtc_ms=qtc_ms,
        product=product,
    )
    decision = _decided(work, patient_id, proposal, confirmed_reasons)
    confirmed = answered(decision, confirmed=confirmed_reasons)
    order = write_order(
        work, patient_id=patient_id, proposal=proposal, decision=decision, confirmed=confirmed
    )
    if reported_id is not None:
        confirm_reported(work, reported_id=reported_id, order_id=order.id)
    return order.id


def write_order(
    work: Work,
    *,
    patient_id: UUID,
    proposal: OrderProposal,
    decision: Decision,
    confirmed: Collection[str],
) -> MedicationOrder:
    """Write down an order that was decided: it ends what it replaces, the hold, and says so.

    Invariant: whoever calls has asked the rule and holds the patient's turn.
    """
    ended, last_number = _supersede(work, patient_id, proposal.starts_on)
    order = MedicationOrder(
        id=work.new_id(),
        site_id=work.site.id,
        patient_id=patient_id,
        episode_id=queries.episode_in_care(work, patient_id=patient_id),
        number=last_number + 1,
        medication=proposal.medication,
        form=proposal.form,
        dose_ug=micrograms(proposal.dose_mg),
        portions=proposal.portions,
        starts_on=proposal.starts_on,
        ends_on=proposal.ends_on,
        status=OrderStatus.ACTIVE,
        supersedes_id=ended[-1].id if ended else None,
        rationale=proposal.rationale,
        decision=decision.to_json() | {"confirmed": [*confirmed], "qtc_ms": proposal.qtc_ms},
        **work.attribution,
    )
    work.session.add(order)
    work.session.flush()
    for one in ended:
        _note_end(work, one, replaced_by_id=order.id)
    if proposal.product is not None:
        _note_product(work, order, proposal.product)
    end_hold(work, order=order, ended=ended)
    programs.set_medication(work, patient_id=patient_id, to=_AXIS[proposal.medication])
    audit.record(
        work,
        action="order.place",
        subject=f"order {order.number}",
        patient_id=patient_id,
        detail=_told(proposal, confirmed) | {"replaces": [one.number for one in ended]},
    )
    return order


def _told(proposal: OrderProposal, confirmed: Collection[str]) -> dict[str, Any]:
    return {
        "medication": proposal.medication.value,
        "form": proposal.form.value,
        "product": proposal.product.value if proposal.product else None,
        "dose_mg": str(plain(proposal.dose_mg)),
        "portions": proposal.portions,
        "starts_on": proposal.starts_on.isoformat(),
        "ends_on": proposal.ends_on.isoformat() if proposal.ends_on else None,
        "confirmed": [*confirmed],
    }


def _decided(
    work: Work, patient_id: UUID, proposal: OrderProposal, confirmed: Collection[str]
) -> Decision:
    decision = queries.decide_order(work, patient_id=patient_id, proposal=proposal)
    decision.require()
    left = unanswered(decision, confirmed=confirmed)
    if left:
        raise Refused([reason.message for reason in left], decision=decision)
    return decision


def _supersede(work: Work, patient_id: UUID, starts_on: date) -> tuple[list[MedicationOrder], int]:
    """End every order that would reach into the new one; those ended, the last number."""
    orders = work.session.scalars(
        sa.select(MedicationOrder)
        .where(MedicationOrder.site_id == work.site.id, MedicationOrder.patient_id == patient_id)
        .order_by(MedicationOrder.number)
        .execution_options(populate_existing=True)
    ).all()
    ended = [order for order in orders if order.ends_on is None or order.ends_on > starts_on]
    for order in ended:
        order.ends_on = max(order.starts_on, starts_on)
        order.status = OrderStatus.SUPERSEDED
    work.session.flush()
    return ended, orders[-1].number if orders else 0


def _note_end(
    work: Work, order: MedicationOrder, *, reason: str = "", replaced_by_id: UUID | None = None
) -> None:
    work.session.add(
        OrderEnd(
            id=work.new_id(),
            site_id=work.site.id,
            patient_id=order.patient_id,
            order_id=order.id,
            ends_on=order.ends_on,
            reason=reason,
            replaced_by_id=replaced_by_id,
            **work.attribution,
        )
    )


def _note_product(work: Work, order: MedicationOrder, product: LongActingProduct) -> None:
    work.session.add(
        OrderProduct(
            id=work.new_id(),
            site_id=work.site.id,
            patient_id=order.patient_id,
            order_id=order.id,
            product=product,
            **work.attribution,
        )
    )
    work.session.flush()


def stop_order(work: Work, *, patient_id: UUID, order_number: int, reason: str) -> None:
    """End an order today: no further dose under it. Doses already given stay as they are.

    Raises: NotFound; Clash when it has ended already; Forbidden.
    """
    work.actor.require(Permission.ORDER_MEDICATION)
    patients.take_turn(work, patient_id=patient_id)
    order = work.session.scalar(
        sa.select(MedicationOrder).where(
            MedicationOrder.site_id == work.site.id,
            MedicationOrder.patient_id == patient_id,
            MedicationOrder.number == order_number,
        )
    )
    if order is None:
        raise NotFound("order")
    if order.ends_on is not None and order.ends_on <= work.service_date:
        raise Clash(f"Order {order_number} has already ended.")
    _end(order, on=work.service_date)
    work.session.flush()
    _note_end(work, order, reason=reason)
    reopen_hold(work, order=order)
    if not _has_order_ahead(work, patient_id):
        programs.set_medication(work, patient_id=patient_id, to=MedicationState.NONE)
    audit.record(
        work,
        action="order.stop",
        subject=f"order {order_number}",
        patient_id=patient_id,
        detail={"reason": reason},
    )


def stop_orders(work: Work, fact: Discharged) -> None:
    """Care has ended: every order of the episode ends with it."""
    orders = work.session.scalars(
        sa.select(MedicationOrder).where(
            MedicationOrder.site_id == work.site.id,
            MedicationOrder.episode_id == fact.episode_id,
            sa.or_(MedicationOrder.ends_on.is_(None), MedicationOrder.ends_on > fact.service_date),
        )
    ).all()
    for order in orders:
        _end(order, on=fact.service_date)
        _note_end(work, order, reason=f"discharged: {fact.reason.value}")
        audit.record(
            work,
            action="order.stop",
            subject=f"order {order.number}",
            patient_id=fact.patient_id,
            detail={"reason": f"discharged: {fact.reason.value}"},
        )
    work.session.flush()


def _has_order_ahead(work: Work, patient_id: UUID) -> bool:
    return any(
        order.ends_on is None or order.ends_on > max(order.starts_on, work.service_date)
        for order in queries.orders_of(work, patient_id=patient_id)
    )


def _end(order: MedicationOrder, *, on: date) -> None:
    order.ends_on = max(order.starts_on, on)
    order.status = OrderStatus.STOPPED


def confirm_reported(work: Work, *, reported_id: UUID, order_id: UUID) -> None:
    """Note which order of ours answers a report. The report itself never starts a dose.

    Raises: NotFound; Clash when an order answers it already; Refused for another medication or
    another patient's.
    """
    work.actor.require(Permission.ORDER_MEDICATION)
    reported = work.session.scalar(
        sa.select(ReportedMedication).where(
            ReportedMedication.site_id == work.site.id, ReportedMedication.id == reported_id
        )
    )
    order = work.session.scalar(
        sa.select(MedicationOrder).where(
            MedicationOrder.site_id == work.site.id, MedicationOrder.id == order_id
        )
    )
    if reported is None or order is None or order.patient_id != reported.patient_id:
        raise NotFound("reported medication")
    if reported.confirmed_by_order_id is not None:
        raise Clash("This reported medication has already been confirmed by an order.")
    if reported.medication is not order.medication:
        raise Refused(
            f"The report speaks of {reported.medication.label.lower()},"
            f" the order of {order.medication.label.lower()}."
        )
    reported.confirmed_by_order_id = order_id
    work.session.flush()
    audit.record(
        work,
        action="order.confirm_reported",
        subject=f"order {order.number}",
        patient_id=order.patient_id,
        detail={"reported": str(reported_id)},
    )
