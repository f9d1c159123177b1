"""Who missed doses: with an order that runs, and whose order ran out meanwhile."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from clinic.data.work import Work
from clinic.dosing.facts import HoldReason, MissedPatient, OutreachPolicy, PlanKind, Waiting
from clinic.dosing.models import OrderPlan, OrderPlanStep
from clinic.dosing.queries.window import closed_because, waiting_on
from clinic.dosing.rules import queue as rules
from clinic.dosing.rules.doses import missed_of
from clinic.dosing.rules.missed_doses import missed_days
from clinic.programs.models import Episode
from clinic.sites import queries as sites
from clinic.stock.facts import Form

_POLICY = OutreachPolicy()


def missed_list(work: Work, *, day: date) -> list[MissedPatient]:
    """Whoever has missed a dose before this day and has not been dosed on it, most missed first.

    Shape: patients in care whose order ran out stay listed as long as outreach asks after them;
    a taper that came to its end is no miss. The same statements for any number of patients.
    """
    policy = sites.policy(work, _POLICY, of="outreach", on=day)
    closed = closed_because(work, day=day)
    waiting = waiting_on(work, day, closed, expired_days=policy.until_days)
    ended = [one for one in waiting if one.ran_out is not None]
    in_care = _in_care(work, [one.patient.patient_id for one in ended])
    tapered = _tapered(work, [one.ran_out.id for one in ended if one.ran_out is not None])
    found = []
    for one in waiting:
        if one.ran_out is not None and (
            one.patient.patient_id not in in_care or one.ran_out.id in tapered
        ):
            continue
        missed = _missed(one, day)
        if missed is not None:
            found.append(missed)
    return sorted(found, key=lambda one: (-one.missed_days, one.patient.last_name))


def _missed(one: Waiting, day: date) -> MissedPatient | None:
    row = rules.row_of(one)
    order = row.order or one.ran_out
    last = one.facts.history.last_covered
    if order is None or row.doses or order.form is Form.INJECTION:
        return None
    if one.ran_out is None:
        missed = missed_of(one.facts)
    else:
        missed = 0 if last is None else missed_days(last, present_date=day)
    if not missed:
        return None
    return MissedPatient(
        row.patient,
        order,
        last,
        missed,
        row.place,
        is_on_hold=one.facts.hold is not None,
        is_shut=HoldReason.MISSED_DOSES.value in {reason.code for reason in row.decision.stops},
        has_run_out=one.ran_out is not None,
    )


def _in_care(work: Work, patient_ids: Collection[UUID]) -> frozenset[UUID]:
    found = work.session.scalars(
        sa.select(Episode.patient_id).where(
            Episode.site_id == work.site.id,
            Episode.closed_on.is_(None),
            Episode.patient_id.in_(patient_ids),
        )
    )
    return frozenset(found)


def _tapered(work: Work, order_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of the orders that were steps of a taper: they ended as planned."""
    found = work.session.scalars(
        sa.select(OrderPlanStep.order_id)
        .join(OrderPlan, OrderPlan.id == OrderPlanStep.plan_id)
        .where(
            OrderPlanStep.site_id == work.site.id,
            OrderPlanStep.order_id.in_(order_ids),
            OrderPlan.kind == PlanKind.TAPER,
        )
    )
    return frozenset(found)
