"""Write orders, end them, and confirm what another system reported."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.decision import Decision
from clinic.core.errors import Clash, NotFound, Refused
from clinic.core.permissions import Permission
from clinic.core.units import micrograms, plain
from clinic.data.work import Work
from clinic.dosing import queries
from clinic.dosing.facts import OrderProposal, OrderStatus
from clinic.dosing.models import DosingHold, MedicationOrder, ReportedMedication
from clinic.dosing.rules.asks import answered, unanswered
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
    )
    decision = _decided(work, patient_id, proposal, confirmed_reasons)
    confirmed = answered(decision, confirmed=confirmed_reasons)
    replaced, last_number = _supersede(work, patient_id, starts_on)
    order = MedicationOrder(
        id=work.new_id(),
        site_id=work.site.id,
        patient_id=patient_id,
        episode_id=queries.episode_in_care(work, patient_id=patient_id),
        number=last_number + 1,
        medication=medication,
        form=form,
        dose_ug=micrograms(dose_mg),
        portions=portions,
        starts_on=starts_on,
        ends_on=ends_on,
        status=OrderStatus.ACTIVE,
        supersedes_id=replaced,
        rationale=rationale,
        decision=decision.to_json() | {"confirmed": confirmed, "qtc_ms": qtc_ms},
        **work.attribution,
    )
    work.session.add(order)
    work.session.flush()
    _end_hold(work, order)
    if reported_id is not None:
        confirm_reported(work, reported_id=reported_id, order_id=order.id)
    programs.set_medication(work, patient_id=patient_id, to=_AXIS[medication])
    audit.record(
        work,
        action="order.place",
        subject=f"order {order.number}",
        patient_id=patient_id,
        detail={
            "medication": medication.value,
            "form": form.value,
            "dose_mg": str(plain(dose_mg)),
            "portions": portions,
            "starts_on": starts_on.isoformat(),
            "ends_on": ends_on.isoformat() if ends_on else None,
            "confirmed": confirmed,
        },
    )
    return order.id


def _decided(
    work: Work, patient_id: UUID, proposal: OrderProposal, confirmed: Collection[str]
) -> Decision:
    decision = queries.decide_order(work, patient_id=patient_id, proposal=proposal)
    decision.require()
    left = unanswered(decision, confirmed=confirmed)
    if left:
        raise Refused([reason.message for reason in left], decision=decision)
    return decision


def _supersede(work: Work, patient_id: UUID, starts_on: date) -> tuple[UUID | None, int]:
    """End every order that would reach into the new one; the one replaced, the last number."""
    orders = work.session.scalars(
        sa.select(MedicationOrder)
        .where(MedicationOrder.site_id == work.site.id, MedicationOrder.patient_id == patient_id)
        .order_by(MedicationOrder.number)
        .execution_options(populate_existing=True)
    ).all()
    replaced = None
    for order in orders:
        if order.ends_on is None or order.ends_on > starts_on:
            order.ends_on = max(order.starts_on, starts_on)
            order.status = OrderStatus.SUPERSEDED
            replaced = order.id
    work.session.flush()
    return replaced, orders[-1].number if orders else 0


def _end_hold(work: Work, order: MedicationOrder) -> None:
    hold = work.session.scalar(
        sa.select(DosingHold).where(
            DosingHold.site_id == work.site.id,
            DosingHold.patient_id == order.patient_id,
            DosingHold.cleared_at.is_(None),
        )
    )
    if hold is not None:
        hold.cleared_at = work.now
        hold.cleared_by_order_id = order.id
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
