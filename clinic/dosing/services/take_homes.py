"""Decide about take-homes: six criteria, exceptions, pick-up days. The practitioner's verbs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Clash, NotFound, Refused
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.dosing.facts import (
    CeilingProfile,
    CriteriaOutcome,
    ExceptionKind,
    TakeHomeCriterion,
)
from clinic.dosing.facts.orders import RATIONALE_LENGTH_MIN
from clinic.dosing.facts.pickups import EVERY_DAY, CriterionFinding
from clinic.dosing.models import TakeHomeDecision, TakeHomeException, TakeHomeSchedule
from clinic.dosing.queries.pickups import pickup, policy_of
from clinic.dosing.queries.take_home_records import criteria_in_force, next_number
from clinic.dosing.rules.pickups import may_decide, profile_doses, review_by
from clinic.patients import services as patients


@dataclass(frozen=True, slots=True)
class Standing:
    """What a decision is weighed by: the treatment day and the most the profile allows."""

    treatment_day: int
    limit: int | None
    profile: CeilingProfile


def decide(
    work: Work,
    *,
    patient_id: UUID,
    findings: Sequence[CriterionFinding],
    outcome: CriteriaOutcome,
    rationale: str,
    ceiling_doses: int = 0,
    valid_from: date | None = None,
    review: date | None = None,
) -> UUID:
    """Record what the practitioner decided about regular take-homes; it replaces the last one.

    Shape: ``review`` None takes the site's rhythm; ``ceiling_doses`` counts only when granted.
    Raises: Refused with every reason; Forbidden; NotFound.
    Source: 42 CFR 8.12(i)(2).
    """
    work.actor.require(Permission.DECIDE_TAKE_HOMES)
    patients.take_turn(work, patient_id=patient_id)
    if outcome is CriteriaOutcome.REVOKED:
        raise Refused("A revocation is written with a reason, not with a decision.")
    if len(rationale) < RATIONALE_LENGTH_MIN:
        raise Refused("Write the basis of the decision in a sentence.")
    standing = standing_of(work, patient_id=patient_id)
    begins = valid_from or work.service_date
    policy = policy_of(work, on=work.service_date)
    until = review or review_by(begins, on_treatment_day=standing.treatment_day, policy=policy)
    granted = ceiling_doses if outcome is CriteriaOutcome.GRANTED else 0
    may_decide(
        findings,
        outcome=outcome,
        ceiling_doses=granted,
        limit=standing.limit,
        valid_from=begins,
        review=until,
        today=work.service_date,
    ).require()
    return _record(
        work,
        patient_id,
        outcome=outcome,
        findings=findings,
        rationale=rationale,
        ceiling_doses=granted,
        standing=standing,
        days=(begins, until),
    )


def revoke(work: Work, *, patient_id: UUID, reason: str) -> UUID:
    """End regular take-homes at once. Bottles not yet handed out stay here.

    Raises: Clash when nothing is granted; Refused without a reason; Forbidden; NotFound.
    """
    work.actor.require(Permission.DECIDE_TAKE_HOMES)
    patients.take_turn(work, patient_id=patient_id)
    if len(reason) < RATIONALE_LENGTH_MIN:
        raise Refused("Write why in a sentence.")
    today = work.service_date
    standing_decision = criteria_in_force(work, day=date.max, patient_ids=[patient_id]).get(
        patient_id
    )
    if standing_decision is None or standing_decision.outcome is not CriteriaOutcome.GRANTED:
        raise Clash("No take-homes are granted: there is nothing to revoke.")
    return _record(
        work,
        patient_id,
        outcome=CriteriaOutcome.REVOKED,
        findings=standing_decision.findings,
        rationale=reason,
        ceiling_doses=0,
        standing=standing_of(work, patient_id=patient_id),
        days=(today, today),
    )


def standing_of(work: Work, *, patient_id: UUID) -> Standing:
    """The patient's treatment day, and the most the site's profile allows on it.

    Raises: Refused without an order: there is nothing that could go home.
    """
    policy = policy_of(work, on=work.service_date)
    visit = pickup(work, patient_id=patient_id, day=work.service_date)
    if visit is None:
        raise Refused("The patient has no order here: nothing could go home.")
    order = visit.facts.order_today or visit.facts.orders[0]
    day = visit.plan.treatment_day
    return Standing(
        treatment_day=day,
        limit=profile_doses(order.medication, on_treatment_day=day, policy=policy),
        profile=CeilingProfile(policy.profile),
    )


def _record(
    work: Work,
    patient_id: UUID,
    *,
    outcome: CriteriaOutcome,
    findings: Sequence[CriterionFinding],
    rationale: str,
    ceiling_doses: int,
    standing: Standing,
    days: tuple[date, date],
) -> UUID:
    said = {one.criterion: one for one in findings}
    met: dict[str, Any] = {one.value: said[one].met for one in TakeHomeCriterion}
    decision = TakeHomeDecision(
        id=work.new_id(),
        site_id=work.site.id,
        patient_id=patient_id,
        number=next_number(work, TakeHomeDecision, patient_id=patient_id),
        outcome=outcome,
        findings={one.criterion.value: one.finding for one in findings},
        rationale=rationale,
        ceiling_doses=ceiling_doses,
        profile=standing.profile,
        profile_doses=standing.limit,
        treatment_day=standing.treatment_day,
        valid_from=days[0],
        review_by=days[1],
        **met,
        **work.on_service_day(),
        **work.attribution,
    )
    work.session.add(decision)
    work.session.flush()
    audit.record(
        work,
        action=f"take_homes.{outcome.value}",
        subject=f"take-home decision {decision.number}",
        patient_id=patient_id,
        detail={"ceiling_doses": ceiling_doses, "rationale": rationale},
    )
    return decision.id


def allow_exception(
    work: Work,
    *,
    patient_id: UUID,
    kind: ExceptionKind,
    doses: int,
    starts_on: date,
    ends_on: date,
    source: str,
    reason: str,
) -> UUID:
    """Put an approved exception on file for ``[starts_on, ends_on)``; it replaces the ceiling.

    Raises: Refused without a source or for impossible days; Forbidden; NotFound.
    Source: 42 CFR 8.11(h), the SMA-168.
    """
    work.actor.require(Permission.DECIDE_TAKE_HOMES)
    patients.take_turn(work, patient_id=patient_id)
    wrong = []
    if ends_on <= starts_on:
        wrong.append("The last day comes before the first.")
    if ends_on <= work.service_date:
        wrong.append("An exception is for today or later.")
    if not source.strip() or not reason.strip():
        wrong.append("Say who approved it, and why.")
    if doses < 1:
        wrong.append("An exception is for at least one dose.")
    if wrong:
        raise Refused(wrong)
    exception = TakeHomeException(
        id=work.new_id(),
        site_id=work.site.id,
        patient_id=patient_id,
        kind=kind,
        doses=doses,
        starts_on=starts_on,
        ends_on=ends_on,
        source=source,
        reason=reason,
        **work.attribution,
    )
    work.session.add(exception)
    work.session.flush()
    audit.record(
        work,
        action="take_homes.exception",
        subject=f"exception {exception.id}",
        patient_id=patient_id,
        detail={"kind": kind.value, "doses": doses, "source": source},
    )
    return exception.id


def withdraw_exception(work: Work, *, exception_id: UUID, reason: str) -> None:
    """End an exception at once.

    Raises: NotFound; Clash when it was withdrawn already; Refused without a reason; Forbidden.
    """
    work.actor.require(Permission.DECIDE_TAKE_HOMES)
    exception = work.session.scalar(
        sa.select(TakeHomeException)
        .where(TakeHomeException.site_id == work.site.id, TakeHomeException.id == exception_id)
        .with_for_update()
    )
    if exception is None:
        raise NotFound("exception")
    if exception.withdrawn_at is not None:
        raise Clash(f"Already withdrawn by {exception.withdrawn_by_name}.")
    if not reason.strip():
        raise Refused("Say why.")
    exception.withdrawn_at = work.now
    exception.withdrawn_by_name = work.actor.name
    exception.withdrawn_because = reason
    work.session.flush()
    audit.record(
        work,
        action="take_homes.withdraw_exception",
        subject=f"exception {exception_id}",
        patient_id=exception.patient_id,
        detail={"reason": reason},
    )


def set_schedule(
    work: Work,
    *,
    patient_id: UUID,
    weekdays: Collection[int],
    valid_from: date | None = None,
    storage_taught: bool = False,
    lockbox_seen: bool = False,
    later_portions_home: bool = False,
    note: str = "",
) -> UUID:
    """Say on which weekdays the patient comes; Monday is 0.

    Raises: Refused for no day or a day that is none; Forbidden; NotFound.
    """
    work.actor.require(Permission.DECIDE_TAKE_HOMES)
    patients.take_turn(work, patient_id=patient_id)
    mask = sum(1 << day for day in set(weekdays) if day >= 0)
    if not 0 < mask <= EVERY_DAY:
        raise Refused("Choose at least one weekday.")
    begins = valid_from or work.service_date
    if begins < work.service_date:
        raise Refused("A schedule begins today or later.")
    schedule = TakeHomeSchedule(
        id=work.new_id(),
        site_id=work.site.id,
        patient_id=patient_id,
        number=next_number(work, TakeHomeSchedule, patient_id=patient_id),
        weekdays=mask,
        valid_from=begins,
        storage_taught=storage_taught,
        lockbox_seen=lockbox_seen,
        later_portions_home=later_portions_home,
        note=note,
        **work.attribution,
    )
    work.session.add(schedule)
    work.session.flush()
    audit.record(
        work,
        action="take_homes.schedule",
        subject=f"schedule {schedule.number}",
        patient_id=patient_id,
        detail={
            "weekdays": sorted(set(weekdays)),
            "lockbox_seen": lockbox_seen,
            "later_portions_home": later_portions_home,
        },
    )
    return schedule.id
