"""Who pays, and since when."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import NotFound, Refused
from clinic.data.work import Work
from clinic.patients.facts import PayerKind
from clinic.patients.models import Coverage
from clinic.patients.services.records import fitting, the_patient


def record_coverage(
    work: Work,
    *,
    patient_id: UUID,
    payer: PayerKind,
    starts_on: date,
    plan: str = "",
    member_number: str = "",
) -> UUID:
    """Record who pays first from a day on; whoever paid until then ends there.

    Raises: NotFound; Refused for a day to come; Clash when another payer is recorded for a later
    day.
    """
    patient = the_patient(work, patient_id=patient_id)
    if starts_on > work.service_date:
        raise Refused("Coverage is recorded once it has begun.")
    running = work.session.scalar(
        sa.select(Coverage)
        .where(
            Coverage.organization_id == work.site.organization_id,
            Coverage.voided_at.is_(None),
            Coverage.patient_id == patient_id,
            Coverage.starts_on < starts_on,
            sa.or_(Coverage.ends_on.is_(None), Coverage.ends_on > starts_on),
        )
        .with_for_update()
    )
    if running is not None:
        _end(work, running, ends_on=starts_on)
        work.session.flush()
    coverage = Coverage(
        id=work.new_id(),
        organization_id=work.site.organization_id,
        patient_id=patient_id,
        payer=payer,
        starts_on=starts_on,
        **fitting(Coverage, plan=plan, member_number=member_number),
        **work.attribution,
    )
    work.session.add(coverage)
    work.session.flush()
    audit.record(
        work,
        action="patient.record_coverage",
        subject=f"patient {patient.code}",
        patient_id=patient_id,
        detail={"payer": payer.value, "starts_on": starts_on.isoformat()},
    )
    return coverage.id


def end_coverage(work: Work, *, patient_id: UUID, coverage_id: UUID, ends_on: date) -> None:
    """End a payer without another to follow; ``ends_on`` is the first day without it.

    Raises: NotFound; Refused when it does not run then, or for a day to come.
    """
    coverage = _one(work, patient_id=patient_id, coverage_id=coverage_id)
    if not coverage.starts_on < ends_on <= work.service_date:
        raise Refused("Coverage ends after the day it began, and not in the future.")
    if coverage.ends_on is not None:
        raise Refused("This coverage has ended already.")
    _end(work, coverage, ends_on=ends_on)
    audit.record(
        work,
        action="patient.end_coverage",
        subject=f"coverage {coverage_id}",
        patient_id=patient_id,
        detail={"ends_on": ends_on.isoformat()},
    )


def void_coverage(work: Work, *, patient_id: UUID, coverage_id: UUID) -> None:
    """Take back a payer that was recorded in error; the record of it stays.

    Raises: NotFound; Refused when it was taken back already.
    """
    coverage = _one(work, patient_id=patient_id, coverage_id=coverage_id)
    coverage.voided_at = work.now
    coverage.voided_by_name = work.actor.name
    audit.record(
        work,
        action="patient.void_coverage",
        subject=f"coverage {coverage_id}",
        patient_id=patient_id,
        detail={"payer": coverage.payer.value},
    )


def _one(work: Work, *, patient_id: UUID, coverage_id: UUID) -> Coverage:
    coverage = work.session.scalar(
        sa.select(Coverage)
        .where(
            Coverage.id == coverage_id,
            Coverage.patient_id == patient_id,
            Coverage.organization_id == work.site.organization_id,
        )
        .with_for_update()
    )
    if coverage is None:
        raise NotFound("coverage")
    if coverage.voided_at is not None:
        raise Refused("This was taken back already.")
    return coverage


def _end(work: Work, coverage: Coverage, *, ends_on: date) -> None:
    coverage.ends_on = ends_on
    coverage.end_recorded_at = work.now
