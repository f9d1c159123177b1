"""Orders of a patient, and what bears on the next one."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core.decision import Decision
from clinic.core.units import mg
from clinic.data.work import Work
from clinic.dosing.facts import (
    MissedDosePolicy,
    OpioidClass,
    OrderHistory,
    OrderInForce,
    OrderPolicy,
    OrderProposal,
    ReportedOrder,
)
from clinic.dosing.models import Dose, MedicationOrder, ReportedMedication
from clinic.dosing.queries import rows
from clinic.dosing.queries.tables import DOSE, ORDER, covers, is_live
from clinic.dosing.rules import orders as rules
from clinic.programs import queries as programs
from clinic.sites import queries as sites
from clinic.stock.facts import Medication

_ORDER_POLICY = OrderPolicy()
_MISSED_DOSES = MissedDosePolicy()
_TAPER_WEEK = timedelta(days=7)
_CLASS_OF = {
    Medication.METHADONE: OpioidClass.METHADONE,
    Medication.BUPRENORPHINE: OpioidClass.BUPRENORPHINE,
    Medication.BUPRENORPHINE_NALOXONE: OpioidClass.BUPRENORPHINE,
}


def orders_of(work: Work, *, patient_id: UUID) -> list[OrderInForce]:
    """Every order of the patient at this site, newest first."""
    found = work.session.connection().execute(
        sa.select(*rows.ORDER_COLUMNS)
        .where(ORDER.c.site_id == work.site.id, ORDER.c.patient_id == patient_id)
        .order_by(ORDER.c.number.desc())
    )
    orders = (rows.order_of(row, work.site) for row in found.mappings())
    return [order for order in orders if order is not None]


def active_medication_on(work: Work, *, day: date) -> dict[UUID, Medication]:
    """Which medication an order of this site covers on a day, by patient."""
    found = work.session.execute(
        sa.select(MedicationOrder.patient_id, MedicationOrder.medication).where(
            MedicationOrder.site_id == work.site.id, covers(ORDER, day)
        )
    )
    return dict(found.all())


def reported_of(work: Work, *, patient_id: UUID) -> list[ReportedOrder]:
    """What other systems say the patient takes, active ones first."""
    found = work.session.execute(
        sa.select(ReportedMedication, MedicationOrder.number)
        .outerjoin(MedicationOrder, MedicationOrder.id == ReportedMedication.confirmed_by_order_id)
        .where(
            ReportedMedication.site_id == work.site.id, ReportedMedication.patient_id == patient_id
        )
        .order_by(ReportedMedication.authored_at.desc(), ReportedMedication.id)
    )
    listed = [
        ReportedOrder(
            id=row.id,
            medication=row.medication,
            text=row.text,
            status=row.status,
            authored_at=row.authored_at,
            dose_mg=None if row.dose_ug is None else mg(row.dose_ug),
            why_no_dose=row.why_no_dose,
            confirmed_by_order=number,
            source_system=row.source_system,
        )
        for row, number in found
    ]
    return sorted(listed, key=lambda one: not one.is_active)


def episode_in_care(work: Work, *, patient_id: UUID) -> UUID | None:
    """The open episode, if it has put the patient into a level of care at this site."""
    episode = programs.open_episode(work, patient_id=patient_id)
    return episode.id if episode is not None and episode.state.is_treated else None


def decide_order(work: Work, *, patient_id: UUID, proposal: OrderProposal) -> Decision:
    """What the rule says of an order before it is written; the service asks it again."""
    policy = sites.policy(work, _ORDER_POLICY, of="orders", on=work.service_date)
    history = order_history(work, patient_id=patient_id, proposal=proposal)
    return rules.may_order(proposal, history=history, policy=policy)


def order_history(work: Work, *, patient_id: UUID, proposal: OrderProposal) -> OrderHistory:
    """Everything that bears on an order."""
    begins = proposal.starts_on
    orders = [
        order
        for order in reversed(orders_of(work, patient_id=patient_id))
        if order.ends_on is None or order.ends_on > order.starts_on
    ]
    same = [order for order in orders if order.medication is proposal.medication]
    started = [order for order in same if order.starts_on <= begins]
    last_agonist, last_agonist_on = _last_agonist(work, patient_id)
    return OrderHistory(
        today=work.service_date,
        is_admitted=episode_in_care(work, patient_id=patient_id) is not None,
        in_force=tuple(o for o in orders if o.ends_on is None or o.ends_on > begins),
        previous=max(started, key=lambda order: order.starts_on, default=None),
        is_first_day=not _dosed_lately(work, patient_id, proposal),
        last_increase_on=_last_increase(started),
        highest_dose_mg_this_week=_highest(same, since=begins - _TAPER_WEEK, until=begins),
        last_agonist=last_agonist,
        last_agonist_on=last_agonist_on,
        reported_active=tuple(
            one.medication
            for one in reported_of(work, patient_id=patient_id)
            if one.is_active and one.confirmed_by_order is None
        ),
    )


def _last_increase(orders: list[OrderInForce]) -> date | None:
    steps = sorted(orders, key=lambda order: order.starts_on)
    raised = [
        after.starts_on for before, after in pairwise(steps) if after.dose_mg > before.dose_mg
    ]
    return raised[-1] if raised else None


def _highest(orders: list[OrderInForce], *, since: date, until: date) -> Decimal | None:
    doses = [
        order.dose_mg
        for order in orders
        if order.starts_on < until and (order.ends_on is None or order.ends_on > since)
    ]
    return max(doses, default=None)


def _last_agonist(work: Work, patient_id: UUID) -> tuple[OpioidClass | None, date | None]:
    row = work.session.execute(
        sa.select(Dose.medication, Dose.service_date)
        .where(Dose.patient_id == patient_id, Dose.medication.in_(_CLASS_OF), is_live(DOSE))
        .order_by(Dose.service_date.desc())
        .limit(1)
    ).first()
    return (None, None) if row is None else (_CLASS_OF[row.medication], row.service_date)


def _dosed_lately(work: Work, patient_id: UUID, proposal: OrderProposal) -> bool:
    """Whether the run of doses the order continues has already begun."""
    policy = sites.policy(work, _MISSED_DOSES, of="missed_doses", on=work.service_date)
    found: Any = work.session.scalar(
        sa.select(Dose.service_date)
        .where(
            Dose.patient_id == patient_id,
            Dose.medication == proposal.medication,
            Dose.service_date < proposal.starts_on,
            Dose.service_date > proposal.starts_on - timedelta(days=policy.restart_gap_days),
            is_live(DOSE),
        )
        .limit(1)
    )
    return found is not None
