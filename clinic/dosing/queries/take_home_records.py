"""Take-home decisions, exceptions and schedules as they were recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core.service_dates import SiteClock
from clinic.data.work import Work
from clinic.dosing.facts import TakeHomeCriterion
from clinic.dosing.facts.pickups import (
    CriteriaDecision,
    CriterionFinding,
    ExceptionOnFile,
    PickupSchedule,
)
from clinic.dosing.models import TakeHomeDecision, TakeHomeException, TakeHomeSchedule


def decisions_of(work: Work, *, patient_id: UUID) -> list[CriteriaDecision]:
    """Every decision about the patient's take-homes at this site, newest first."""
    found = work.session.scalars(
        sa.select(TakeHomeDecision)
        .where(TakeHomeDecision.site_id == work.site.id, TakeHomeDecision.patient_id == patient_id)
        .order_by(TakeHomeDecision.number.desc())
    )
    return [_decision(row, work.site) for row in found]


def criteria_in_force(
    work: Work, *, day: date, patient_ids: Collection[UUID] | None = None
) -> dict[UUID, CriteriaDecision]:
    """The decision that counts on a day, by patient: the newest that is valid by then."""
    query = (
        sa.select(TakeHomeDecision)
        .where(TakeHomeDecision.site_id == work.site.id, TakeHomeDecision.valid_from <= day)
        .order_by(TakeHomeDecision.number)
    )
    if patient_ids is not None:
        query = query.where(TakeHomeDecision.patient_id.in_(patient_ids))
    return {row.patient_id: _decision(row, work.site) for row in work.session.scalars(query)}


def exceptions_of(work: Work, *, patient_id: UUID) -> list[ExceptionOnFile]:
    """Every exception of the patient, newest first, withdrawn ones among them."""
    found = work.session.scalars(
        sa.select(TakeHomeException)
        .where(
            TakeHomeException.site_id == work.site.id, TakeHomeException.patient_id == patient_id
        )
        .order_by(TakeHomeException.starts_on.desc(), TakeHomeException.id.desc())
    )
    return [_exception(row) for row in found]


def exceptions_holding(
    work: Work, *, day: date, patient_ids: Collection[UUID] | None = None
) -> dict[UUID, list[ExceptionOnFile]]:
    """Exceptions that hold on a day, by patient, the largest first."""
    query = (
        sa.select(TakeHomeException)
        .where(
            TakeHomeException.site_id == work.site.id,
            TakeHomeException.starts_on <= day,
            TakeHomeException.ends_on > day,
            TakeHomeException.withdrawn_at.is_(None),
        )
        .order_by(TakeHomeException.doses.desc())
    )
    if patient_ids is not None:
        query = query.where(TakeHomeException.patient_id.in_(patient_ids))
    found: dict[UUID, list[ExceptionOnFile]] = defaultdict(list)
    for row in work.session.scalars(query):
        found[row.patient_id].append(_exception(row))
    return found


def schedules_in_force(
    work: Work, *, day: date, patient_ids: Collection[UUID] | None = None
) -> dict[UUID, PickupSchedule]:
    """The pick-up days that count on a day, by patient."""
    query = (
        sa.select(TakeHomeSchedule)
        .where(TakeHomeSchedule.site_id == work.site.id, TakeHomeSchedule.valid_from <= day)
        .order_by(TakeHomeSchedule.number)
    )
    if patient_ids is not None:
        query = query.where(TakeHomeSchedule.patient_id.in_(patient_ids))
    return {
        row.patient_id: PickupSchedule(
            number=row.number,
            weekdays=row.weekdays,
            valid_from=row.valid_from,
            storage_taught=row.storage_taught,
            lockbox_seen=row.lockbox_seen,
            set_by=row.recorded_by_name,
            later_portions_home=row.later_portions_home,
        )
        for row in work.session.scalars(query)
    }


def next_number(work: Work, table: Any, *, patient_id: UUID) -> int:
    """The number the patient's next decision or schedule gets."""
    last = work.session.scalar(
        sa.select(sa.func.max(table.number)).where(
            table.site_id == work.site.id, table.patient_id == patient_id
        )
    )
    return (last or 0) + 1


def _decision(row: TakeHomeDecision, clock: SiteClock) -> CriteriaDecision:
    return CriteriaDecision(
        id=row.id,
        number=row.number,
        outcome=row.outcome,
        findings=tuple(
            CriterionFinding(
                criterion=criterion,
                met=getattr(row, criterion.value),
                finding=row.findings.get(criterion.value, ""),
            )
            for criterion in TakeHomeCriterion
        ),
        rationale=row.rationale,
        ceiling_doses=row.ceiling_doses,
        profile=row.profile,
        profile_doses=row.profile_doses,
        treatment_day=row.treatment_day,
        valid_from=row.valid_from,
        review_by=row.review_by,
        decided_on=clock.service_date(row.recorded_at),
        decided_by=row.recorded_by_name,
    )


def _exception(row: TakeHomeException) -> ExceptionOnFile:
    return ExceptionOnFile(
        id=row.id,
        kind=row.kind,
        doses=row.doses,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        source=row.source,
        reason=row.reason,
        approved_by=row.recorded_by_name,
        withdrawn_because=None if row.withdrawn_at is None else row.withdrawn_because,
    )
