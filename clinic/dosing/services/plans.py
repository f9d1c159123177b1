"""Accept a plan: every step becomes an order, or none does."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from clinic.audit import services as audit
from clinic.core.errors import Refused
from clinic.core.permissions import Permission
from clinic.core.units import plain
from clinic.data.work import Work
from clinic.dosing import queries
from clinic.dosing.facts import OrderPlanTerms
from clinic.dosing.models import OrderPlan, OrderPlanStep
from clinic.dosing.rules.asks import answered, unanswered
from clinic.dosing.rules.plans import plan_steps, proposal_of
from clinic.dosing.services.orders import write_order
from clinic.patients import services as patients


def accept_plan(
    work: Work, *, patient_id: UUID, terms: OrderPlanTerms, confirmed: Collection[str] = ()
) -> UUID:
    """Write the orders of a plan, each beginning where the one before ends.

    Invariant: all of them or none; whatever reached into the plan's days ends with its start.
    Raises: Refused with every reason that stops or was not confirmed; Forbidden; NotFound; Clash
    when another order covers some of the days.
    """
    work.actor.require(Permission.ORDER_MEDICATION)
    patients.take_turn(work, patient_id=patient_id)
    decision = queries.decide_plan(work, patient_id=patient_id, terms=terms)
    decision.require()
    left = unanswered(decision, confirmed=confirmed)
    if left:
        raise Refused([reason.message for reason in left], decision=decision)
    said = answered(decision, confirmed=confirmed)
    plan = OrderPlan(
        id=work.new_id(),
        site_id=work.site.id,
        patient_id=patient_id,
        kind=terms.kind,
        reason=terms.rationale,
        decision=decision.to_json() | {"confirmed": said},
        **work.attribution,
    )
    work.session.add(plan)
    work.session.flush()
    for step in plan_steps(terms):
        order = write_order(
            work,
            patient_id=patient_id,
            proposal=proposal_of(terms, step),
            decision=decision,
            confirmed=said,
        )
        work.session.add(
            OrderPlanStep(
                id=work.new_id(),
                site_id=work.site.id,
                plan_id=plan.id,
                order_id=order.id,
                number=step.number,
            )
        )
    work.session.flush()
    _write_leaf(work, patient_id, plan, terms)
    return plan.id


def _write_leaf(work: Work, patient_id: UUID, plan: OrderPlan, terms: OrderPlanTerms) -> None:
    audit.record(
        work,
        action="plan.accept",
        subject=f"plan {plan.id}",
        patient_id=patient_id,
        detail={
            "kind": terms.kind.value,
            "first_mg": str(plain(terms.first_mg)),
            "last_mg": str(plain(terms.last_mg)),
            "step_mg": str(plain(terms.step_mg)),
            "every_days": terms.every_days,
            "starts_on": terms.starts_on.isoformat(),
        },
    )
