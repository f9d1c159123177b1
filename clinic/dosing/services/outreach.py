"""Ask after patients who did not come, and say which misses are the clinic's own."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Clash, Refused
from clinic.core.permissions import Permission
from clinic.core.service_dates import ONE_DAY
from clinic.data.upsert import insert
from clinic.data.work import Work
from clinic.dosing import queries
from clinic.dosing.facts import ClinicCause, ContactMethod, ContactOutcome
from clinic.dosing.models import (
    ClinicCausedMiss,
    OutreachAssignment,
    OutreachContact,
    OutreachTask,
)
from clinic.patients import services as patients


def create_outreach_tasks(work: Work, day: date) -> int:
    """Open the tasks of a morning, for what was missed by then; how many are new.

    Safe to repeat: one task a patient and missed day, however often it runs.
    """
    made = 0
    for one, kind in queries.outreach_due(work, day=day):
        statement = (
            insert(work.session, OutreachTask)
            .values(
                id=work.new_id(),
                site_id=work.site.id,
                patient_id=one.patient.patient_id,
                kind=kind,
                missed_on=day - ONE_DAY,
                missed_days=one.missed_days,
                due_on=day,
                **work.attribution,
            )
            .on_conflict_do_nothing()
            .returning(OutreachTask.id)
        )
        made += work.session.execute(statement).first() is not None
    return made


def record_contact(
    work: Work,
    *,
    task_id: UUID,
    method: ContactMethod,
    outcome: ContactOutcome,
    note: str = "",
) -> int:
    """Write down one attempt to reach the patient; its number. An answer ends the task.

    Raises: NotFound; Clash when somebody has reached the patient already; Forbidden.
    """
    work.actor.require(Permission.BOOK)
    task = queries.require_outreach_task(work, task_id=task_id)
    patients.take_turn(work, patient_id=task.patient.patient_id)
    before = work.session.scalars(
        sa.select(OutreachContact)
        .where(OutreachContact.site_id == work.site.id, OutreachContact.task_id == task_id)
        .order_by(OutreachContact.attempt)
    ).all()
    for one in before:
        if one.is_answer:
            at = work.site.local(one.occurred_at)
            raise Clash(f"{one.recorded_by_name} reached the patient at {at:%d %b %H:%M} already.")
    contact = OutreachContact(
        id=work.new_id(),
        site_id=work.site.id,
        task_id=task_id,
        patient_id=task.patient.patient_id,
        attempt=len(before) + 1,
        method=method,
        outcome=outcome,
        is_answer=outcome.is_answer,
        note=note,
        **work.on_service_day(),
        **work.attribution,
    )
    work.session.add(contact)
    work.session.flush()
    audit.record(
        work,
        action="outreach.contact",
        subject=f"task {task_id}",
        patient_id=contact.patient_id,
        detail={"method": method.value, "outcome": outcome.value, "attempt": contact.attempt},
    )
    return contact.attempt


def assign(work: Work, *, task_id: UUID, to: UUID | None) -> str:
    """Give a task to somebody of this site who makes calls, or to nobody in person; their name.

    Shape: said again of the same person it changes nothing.
    Raises: NotFound; Refused for somebody who makes no calls here; Forbidden.
    """
    work.actor.require(Permission.BOOK)
    task = queries.require_outreach_task(work, task_id=task_id)
    patients.take_turn(work, patient_id=task.patient.patient_id)
    names = dict(queries.callers(work))
    if to is not None and to not in names:
        raise Refused("Choose somebody who works here and makes calls.")
    task = queries.require_outreach_task(work, task_id=task_id)
    name = names[to] if to is not None else ""
    if task.with_id == to:
        return name
    before = work.session.scalar(
        sa.select(sa.func.count())
        .select_from(OutreachAssignment)
        .where(OutreachAssignment.site_id == work.site.id, OutreachAssignment.task_id == task_id)
    )
    work.session.add(
        OutreachAssignment(
            id=work.new_id(),
            site_id=work.site.id,
            task_id=task_id,
            patient_id=task.patient.patient_id,
            number=(before or 0) + 1,
            assigned_to=to,
            assigned_to_name=name,
            **work.attribution,
        )
    )
    work.session.flush()
    audit.record(
        work,
        action="outreach.assign",
        subject=f"task {task_id}",
        patient_id=task.patient.patient_id,
        detail={"to": str(to) if to else None, "name": name},
    )
    return name


def record_clinic_caused(
    work: Work,
    *,
    missed_on: date,
    cause: ClinicCause,
    patient_ids: Collection[UUID] | None = None,
    note: str = "",
) -> int:
    """Say that a day's misses are the clinic's: everybody's who missed it, or of those named.

    Invariant: the days still count for the dose gate; only attendance leaves them out.
    Raises: Refused for a day that is not over, or when nobody missed it; Forbidden.
    """
    work.actor.require(Permission.GIVE_DOSE)
    if missed_on >= work.service_date:
        raise Refused("That day is not over: a dose may still be given.")
    whose = {one.patient.patient_id for one in queries.missed_on(work, day=missed_on)}
    if patient_ids is not None:
        whose &= set(patient_ids)
    if not whose:
        raise Refused(f"Nobody missed a dose on {missed_on:%d %b %Y}.")
    made = 0
    for patient_id in sorted(whose):
        statement = (
            insert(work.session, ClinicCausedMiss)
            .values(
                id=work.new_id(),
                site_id=work.site.id,
                patient_id=patient_id,
                missed_on=missed_on,
                cause=cause,
                note=note,
                **work.attribution,
            )
            .on_conflict_do_nothing()
            .returning(ClinicCausedMiss.id)
        )
        made += work.session.execute(statement).first() is not None
    audit.record(
        work,
        action="miss.clinic_caused",
        subject=f"{missed_on}",
        detail={"cause": cause.value, "patients": made, "note": note},
    )
    return made
