"""Orders of a patient, and what bears on the next one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.core.decision import Decision
from clinic.core.units import mg
from clinic.data.work import Work
from clinic.dosing.facts import (
    AdviceTable,
    DoseAdvice,
    LongActingProduct,
    MissedDosePolicy,
    OpioidClass,
    OrderHistory,
    OrderInForce,
    OrderPlanRecord,
    OrderPlanTerms,
    OrderPolicy,
    OrderProposal,
    ReportedOrder,
)
from clinic.dosing.facts.guests import GuestDirection
from clinic.dosing.models import (
    Dose,
    MedicationOrder,
    OrderEnd,
    OrderPlan,
    OrderPlanStep,
    OrderProduct,
    ReportedMedication,
)
from clinic.dosing.queries import rows
from clinic.dosing.queries.starts import AGONIST_CLASS, ecgs_of, start_evidence
from clinic.dosing.queries.tables import DOSE, GUEST_STAY, ORDER, covers, is_live
from clinic.dosing.queries.window import facts_for_dose
from clinic.dosing.rules import orders as rules
from clinic.dosing.rules import plans
from clinic.dosing.rules.missed_doses import missed_days, missed_dose_advice
from clinic.programs import queries as programs
from clinic.sites import queries as sites
from clinic.sites.models import Site
from clinic.stock.facts import Medication

_ORDER_POLICY = OrderPolicy()
_MISSED_DOSES = MissedDosePolicy()
_TAPER_WEEK = timedelta(days=7)
_BUPRENORPHINE = (AdviceTable.NSW_2018_BUPRENORPHINE,)
_METHADONE = (AdviceTable.AU_2003, AdviceTable.NSW_2018)
_NO_WINDOW = 0


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
    """What the rule says of an order before it is written; the service asks it again.

    Shape: without a QTc in the proposal, the last one on file counts while it is fresh enough.
    """
    policy = sites.policy(work, _ORDER_POLICY, of="orders", on=work.service_date)
    history = order_history(work, patient_id=patient_id, proposal=proposal)
    if proposal.qtc_ms is None:
        proposal = replace(proposal, qtc_ms=_fresh_qtc(work, patient_id, policy))
    return rules.may_order(proposal, history=history, policy=policy)


def decide_plan(work: Work, *, patient_id: UUID, terms: OrderPlanTerms) -> Decision:
    """What the rules say of a whole plan before it is accepted; the service asks them again."""
    policy = sites.policy(work, _ORDER_POLICY, of="orders", on=work.service_date)
    steps = plans.plan_steps(terms)
    if not steps:
        return plans.may_plan(terms, history=OrderHistory(work.service_date, True), policy=policy)
    first = replace(plans.proposal_of(terms, steps[0]), ends_on=steps[-1].ends_on)
    history = order_history(work, patient_id=patient_id, proposal=first)
    qtc_ms = _fresh_qtc(work, patient_id, policy)
    return plans.may_plan(terms, history=history, policy=policy, qtc_ms=qtc_ms)


def _fresh_qtc(work: Work, patient_id: UUID, policy: OrderPolicy) -> int | None:
    since = work.service_date - timedelta(days=policy.ecg_valid_days)
    for one in ecgs_of(work, patient_id=patient_id):
        return one.qtc_ms if one.measured_on >= since else None
    return None


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
    in_force = tuple(o for o in orders if o.ends_on is None or o.ends_on > begins)
    facts = facts_for_dose(work, patient_id=patient_id, window=_NO_WINDOW).facts
    return OrderHistory(
        today=work.service_date,
        is_admitted=episode_in_care(work, patient_id=patient_id) is not None,
        in_force=in_force,
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
        planned=tuple(o for o in in_force if o.starts_on > work.service_date),
        elsewhere=_elsewhere(work, patient_id, proposal),
        guest_until=_guest_until(work, patient_id, begins),
        dosed_today=any(dose.voided is None for dose in facts.doses),
        start=start_evidence(work, patient_id=patient_id),
        missed_days=_missed(facts.history.last_covered, work.service_date),
    )


def _guest_until(work: Work, patient_id: UUID, begins: date) -> date | None:
    """When the stay of a guest from another program ends that the day falls in."""
    found: date | None = work.session.scalar(
        sa.select(sa.func.max(GUEST_STAY.c.ends_on)).where(
            GUEST_STAY.c.site_id == work.site.id,
            GUEST_STAY.c.patient_id == patient_id,
            GUEST_STAY.c.direction == GuestDirection.IN,
            GUEST_STAY.c.starts_on <= begins,
            GUEST_STAY.c.ends_on > begins,
        )
    )
    return found


def _missed(last_covered: date | None, day: date) -> int:
    return 0 if last_covered is None else missed_days(last_covered, present_date=day)


def _elsewhere(work: Work, patient_id: UUID, proposal: OrderProposal) -> tuple[str, ...]:
    """Orders of other sites that cover days of the proposal, as a sentence names them."""
    ends = proposal.ends_on or date.max
    found = work.session.execute(
        sa.select(Site.name, MedicationOrder)
        .join(Site, Site.id == MedicationOrder.site_id)
        .where(
            MedicationOrder.patient_id == patient_id,
            MedicationOrder.site_id != work.site.id,
            MedicationOrder.starts_on < ends,
            sa.or_(
                MedicationOrder.ends_on.is_(None),
                sa.and_(
                    MedicationOrder.ends_on > proposal.starts_on,
                    MedicationOrder.ends_on > MedicationOrder.starts_on,
                ),
            ),
        )
        .order_by(MedicationOrder.starts_on)
    )
    return tuple(f"{site}, order {o.number} from {o.starts_on:%d %b %Y}" for site, o in found)


def missed_advice(
    work: Work, *, patient_id: UUID
) -> tuple[int, date | None, dict[AdviceTable, DoseAdvice]]:
    """Days without a dose before today, the last day with one, and what each table then says.

    Shape: no advice when nothing was missed or no order says what the usual dose is.
    """
    last = facts_for_dose(work, patient_id=patient_id, window=_NO_WINDOW).facts.history.last_covered
    missed = _missed(last, work.service_date)
    usual = next(
        (
            order
            for order in orders_of(work, patient_id=patient_id)
            if order.medication.is_agonist and order.starts_on <= work.service_date
        ),
        None,
    )
    if not missed or usual is None:
        return missed, last, {}
    tables = _METHADONE if usual.medication is Medication.METHADONE else _BUPRENORPHINE
    return (
        missed,
        last,
        {
            table: missed_dose_advice(table, missed_days=missed, usual_dose_mg=usual.dose_mg)
            for table in tables
        },
    )


def plans_of(work: Work, *, patient_id: UUID) -> list[OrderPlanRecord]:
    """Plans accepted for the patient at this site, newest first, with their orders as they are."""
    orders = {order.id: order for order in orders_of(work, patient_id=patient_id)}
    steps: dict[UUID, list[OrderInForce]] = {}
    for plan_id, order_id in work.session.execute(
        sa.select(OrderPlanStep.plan_id, OrderPlanStep.order_id)
        .join(OrderPlan, OrderPlan.id == OrderPlanStep.plan_id)
        .where(OrderPlan.site_id == work.site.id, OrderPlan.patient_id == patient_id)
        .order_by(OrderPlanStep.number)
    ):
        steps.setdefault(plan_id, []).append(orders[order_id])
    found = work.session.scalars(
        sa.select(OrderPlan)
        .where(OrderPlan.site_id == work.site.id, OrderPlan.patient_id == patient_id)
        .order_by(OrderPlan.recorded_at.desc(), OrderPlan.id.desc())
    )
    return [
        OrderPlanRecord(
            id=plan.id,
            kind=plan.kind,
            accepted_on=work.site.service_date(plan.recorded_at),
            accepted_by=plan.recorded_by_name,
            reason=plan.reason,
            steps=tuple(steps.get(plan.id, ())),
        )
        for plan in found
    ]


def ends_of(work: Work, *, patient_id: UUID) -> dict[UUID, str]:
    """Why each ended order of the patient ended, in words, by order."""
    newer = aliased(MedicationOrder)
    found = work.session.execute(
        sa.select(OrderEnd, newer.number)
        .outerjoin(newer, newer.id == OrderEnd.replaced_by_id)
        .where(OrderEnd.site_id == work.site.id, OrderEnd.patient_id == patient_id)
        .order_by(OrderEnd.recorded_at)
    )
    return {
        end.order_id: f"order {number} took its place" if number else f"{end.reason}"
        for end, number in found
    }


def products_of(work: Work, *, patient_id: UUID) -> dict[UUID, LongActingProduct]:
    """Which long-acting product each injection order of the patient is for, by order."""
    found = work.session.execute(
        sa.select(OrderProduct.order_id, OrderProduct.product).where(
            OrderProduct.site_id == work.site.id, OrderProduct.patient_id == patient_id
        )
    )
    return dict(found.all())


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
        .where(Dose.patient_id == patient_id, Dose.medication.in_(AGONIST_CLASS), is_live(DOSE))
        .order_by(Dose.service_date.desc())
        .limit(1)
    ).first()
    return (None, None) if row is None else (AGONIST_CLASS[row.medication], row.service_date)


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
