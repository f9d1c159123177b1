"""Close the clinic at short notice: one act that fills a bottle for everybody who may have one.

Two people sign. Who is left out is listed with the reason. Declared twice, it acts once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.decision import Reason
from clinic.core.errors import NotFound, Refused
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.dosing.facts import PatientCard
from clinic.dosing.facts.orders import RATIONALE_LENGTH_MIN
from clinic.dosing.facts.pickups import LeftOut, PickupPlan
from clinic.dosing.models import EmergencyClosure, EmergencyDay
from clinic.dosing.queries.pickups import pickup_facts, policy_of
from clinic.dosing.queries.tables import PATIENT
from clinic.dosing.rules.pickups import ALREADY_COVERED, may_have_emergency_bottles
from clinic.dosing.services import pouring
from clinic.dosing.services.take_home_bottles import FilledBottle, bottle_rows, write_bottles
from clinic.sites import queries as sites
from clinic.sites import services as site_services
from clinic.sites.facts import ClosureKind
from clinic.staff import queries as staff
from clinic.staff.facts import Role
from clinic.stock import services as stock
from clinic.stock.facts import Product

FIRST_WINDOW = 1
"""Whose stock is drawn from when the bench does not hold enough."""


@dataclass(frozen=True, slots=True)
class EmergencyPatient:
    """One patient on the list: which days are covered, and which are not and why."""

    patient: PatientCard
    plan: PickupPlan

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return tuple(dict.fromkeys(one.reason for one in self.plan.left_out))


@dataclass(frozen=True, slots=True)
class EmergencyPlan:
    """What closing these days would do, before anybody signs."""

    days: tuple[date, ...]
    patients: tuple[EmergencyPatient, ...]
    amounts: tuple[tuple[Product, int], ...]

    @property
    def covered(self) -> tuple[EmergencyPatient, ...]:
        return tuple(one for one in self.patients if one.plan.due)

    @property
    def left_out(self) -> tuple[EmergencyPatient, ...]:
        return tuple(one for one in self.patients if one.plan.left_out)

    @property
    def already(self) -> tuple[EmergencyPatient, ...]:
        """Nothing to do: every day is covered already."""
        return tuple(
            one
            for one in self.patients
            if not one.plan.due
            and not one.plan.left_out
            and any(reason.code == ALREADY_COVERED for reason in one.plan.decision.reasons)
        )

    @property
    def bottles(self) -> int:
        return sum(len(one.plan.due) for one in self.patients)


@dataclass(frozen=True, slots=True)
class Declared:
    """The answer of a declaration."""

    emergency_id: UUID | None
    patients: int
    bottles: int
    left_out: int

    def to_json(self) -> dict[str, Any]:
        return {
            "emergency_id": None if self.emergency_id is None else str(self.emergency_id),
            "patients": self.patients,
            "bottles": self.bottles,
            "left_out": self.left_out,
        }


def preview(work: Work, *, days: Collection[date]) -> EmergencyPlan:
    """What closing these days would prepare, and for whom not; nothing is written.

    Raises: Refused for no day, a past day, or more days than the site's policy allows.
    """
    wanted = _days(work, days)
    found = pickup_facts(work, day=work.service_date, closing=dict.fromkeys(wanted, "emergency"))
    patients = []
    amounts: Counter[Product] = Counter()
    for card, facts in found.values():
        plan, filled = _fillable(may_have_emergency_bottles(facts, days=wanted))
        amounts.update(filled)
        patients.append(EmergencyPatient(card, plan))
    return EmergencyPlan(wanted, tuple(patients), tuple(amounts.items()))


def objections(work: Work, *, days: Collection[date]) -> tuple[str, ...]:
    """Why these days cannot be closed in an emergency; nothing when they can."""
    wanted = sorted(set(days))
    most = policy_of(work, on=work.service_date).emergency_days_max
    if not wanted:
        return ("Say which days the clinic is closed.",)
    if wanted[0] < work.service_date:
        return ("A day that is past cannot be closed.",)
    if len(wanted) > most or wanted[-1] - work.service_date > timedelta(days=most):
        return (f"An emergency closure covers at most the next {most} days.",)
    return ()


def _days(work: Work, days: Collection[date]) -> tuple[date, ...]:
    wrong = objections(work, days=days)
    if wrong:
        raise Refused(wrong)
    return tuple(sorted(set(days)))


def _fillable(plan: PickupPlan) -> tuple[PickupPlan, Counter[Product]]:
    """The plan without bottles no product makes up; and what the others take."""
    amounts: Counter[Product] = Counter()
    due, left_out = [], list(plan.left_out)
    for one in plan.due:
        order = one.order
        fill = pouring.fill_of(order.medication, form=order.form, dose_mg=order.portion_mg)
        if fill is None:
            refusal = pouring.cannot_fill(order.medication, order.form, order.portion_mg)
            reason = Reason("not_measurable", refusal.reasons[0], "21 CFR 1304.21")
            left_out.append(LeftOut(one.take_on, reason))
            continue
        due.append(one)
        amounts.update(dict(fill.parts))
    return replace(plan, due=tuple(due), left_out=tuple(left_out)), amounts


def declare(work: Work, *, days: Collection[date], reason: str, witness_id: UUID) -> Declared:
    """Close the days, fill a bottle for everybody who may have one, list everybody who may not.

    Invariant: behind every patient's lock; whoever has a bottle for a day gets no second one.
    Repeated for the same days it only serves who came to need it since, and writes nothing when
    nobody did.
    Raises: Refused without a reason or a second person; Clash when the stock does not reach, and
    then nothing is closed; Forbidden.
    """
    work.actor.require(Permission.DECLARE_EMERGENCY)
    if len(reason.strip()) < RATIONALE_LENGTH_MIN:
        raise Refused("Type the reason in a sentence.")
    stock.require_witness(work, witness_id)
    wanted = _days(work, days)
    _lock_everybody(work)
    plan = preview(work, days=wanted)
    declared = _declared(work, wanted)
    new_days = [day for day in wanted if day not in declared]
    if not new_days and not plan.bottles:
        standing = next(iter(declared.values()))
        return Declared(standing, patients=0, bottles=0, left_out=len(plan.left_out))
    closure = EmergencyClosure(
        id=work.new_id(),
        site_id=work.site.id,
        reason=reason,
        witnessed_by=witness_id,
        witnessed_by_name=_name(work, witness_id),
        patients_covered=len(plan.covered),
        bottles_prepared=plan.bottles,
        left_out=[_left_out(one) for one in plan.left_out],
        **work.on_service_day(),
        **work.attribution,
    )
    work.session.add(closure)
    work.session.flush()
    _close_days(work, closure.id, new_days, reason)
    _fill(work, closure.id, plan)
    audit.record(
        work,
        action="take_homes.emergency",
        subject=f"emergency closure {closure.id}",
        detail={
            "days": [day.isoformat() for day in wanted],
            "reason": reason,
            "witness": str(witness_id),
            "patients": len(plan.covered),
            "bottles": plan.bottles,
            "left_out": len(plan.left_out),
        },
    )
    return Declared(closure.id, len(plan.covered), plan.bottles, len(plan.left_out))


def _name(work: Work, person_id: UUID) -> str:
    """The second person as colleagues know them, not as they sign in."""
    for role in Role:
        for one, name in staff.names_by_role(work, role=role):
            if one == person_id:
                return name
    raise NotFound("second person")


def _lock_everybody(work: Work) -> None:
    """Every patient's row, in one order, so that no window prepares beside this act."""
    work.session.connection().execute(
        sa.select(PATIENT.c.id)
        .where(PATIENT.c.organization_id == work.site.organization_id)
        .order_by(PATIENT.c.id)
        .with_for_update()
    )


def _declared(work: Work, days: Sequence[date]) -> dict[date, UUID]:
    found = work.session.execute(
        sa.select(EmergencyDay.closed_on, EmergencyDay.closure_id)
        .where(EmergencyDay.site_id == work.site.id, EmergencyDay.closed_on.in_(days))
        .order_by(EmergencyDay.closed_on)
    )
    return dict(found.all())


def _close_days(work: Work, closure_id: UUID, days: Sequence[date], reason: str) -> None:
    if not days:
        return
    closed = sites.closures(work, first=days[0], until=days[-1] + timedelta(days=1))
    for day in days:
        work.session.add(
            EmergencyDay(
                id=work.new_id(), site_id=work.site.id, closure_id=closure_id, closed_on=day
            )
        )
        if day not in closed:
            site_services.close_day(
                work, closed_on=day, kind=ClosureKind.EMERGENCY, reason=reason[:200]
            )
    work.session.flush()


def _fill(work: Work, closure_id: UUID, plan: EmergencyPlan) -> None:
    """One draw of each product for the whole set, then the bottles in two statements."""
    pouring.pour(work, pouring.Fill(plan.amounts), window=FIRST_WINDOW, subject_id=closure_id)
    made: list[FilledBottle] = []
    for one in plan.covered:
        made += bottle_rows(
            work,
            one.patient.patient_id,
            one.plan.due,
            prepared_for=work.service_date,
            decision=one.plan.decision.to_json(),
            emergency_id=closure_id,
        )
    if made:
        write_bottles(work, made, window=None)


def _left_out(one: EmergencyPatient) -> dict[str, Any]:
    return {
        "patient_id": str(one.patient.patient_id),
        "code": one.patient.code,
        "name": f"{one.patient.last_name}, {one.patient.first_name}",
        "days": [left.take_on.isoformat() for left in one.plan.left_out],
        "reasons": [reason.to_json() for reason in one.reasons],
    }
