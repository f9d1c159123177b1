"""Who did not come, who has been asked after, and whose fault it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core.errors import NotFound
from clinic.core.permissions import Permission
from clinic.core.service_dates import ONE_DAY
from clinic.data.work import Work
from clinic.dosing.facts import (
    Attendance,
    Contact,
    MissedPatient,
    OutreachKind,
    OutreachPolicy,
    OutreachTask,
    PatientCard,
)
from clinic.dosing.models import ClinicCausedMiss, OutreachAssignment, OutreachContact
from clinic.dosing.models import OutreachTask as TaskRow
from clinic.dosing.queries import covered
from clinic.dosing.queries.missed import missed_list
from clinic.dosing.queries.orders import orders_of
from clinic.dosing.queries.tables import DOSE, is_live
from clinic.dosing.queries.window import CLOSED_WEEKDAY, closed_because
from clinic.dosing.rules.outreach import attendance_of, outreach_for
from clinic.patients.models import Patient
from clinic.sites import queries as sites
from clinic.staff import queries as staff
from clinic.staff.facts import Role, verbs_of
from clinic.stock.facts import Form

_POLICY = OutreachPolicy()
SHOWN_DAYS = 60
"""A task older than this is no longer a call to make: it is a discharge to talk about."""


def shut_by_misses(work: Work, *, day: date) -> list[tuple[UUID, str]]:
    """Patients the missed-dose rule stops on a day who are not on hold, and what it says."""
    return [
        (one.patient.patient_id, f"{one.missed_days} days without a dose before {day:%d %b}")
        for one in missed_list(work, day=day)
        if one.is_shut and not one.is_on_hold
    ]


def outreach_due(work: Work, *, day: date) -> list[tuple[MissedPatient, OutreachKind]]:
    """Whom to ask after on a day, for what they had missed by then; nobody after a closed day."""
    if closed_because(work, day=day - ONE_DAY) is not None:
        return []
    policy = sites.policy(work, _POLICY, of="outreach", on=day)
    found = []
    for one in missed_list(work, day=day):
        kind = outreach_for(one.missed_days, policy=policy)
        if kind is not None:
            found.append((one, kind))
    return found


def open_tasks(work: Work, *, day: date) -> list[OutreachTask]:
    """Who should be reached by a day, longest away first: the newest task of each patient.

    Shape: done tasks are left out, and those of a patient who has been covered since.
    """
    found = work.session.execute(
        sa.select(TaskRow, Patient)
        .join(Patient, Patient.id == TaskRow.patient_id)
        .where(
            TaskRow.site_id == work.site.id,
            TaskRow.missed_on >= day - timedelta(days=SHOWN_DAYS),
            TaskRow.due_on <= day,
        )
        .order_by(TaskRow.missed_on)
    ).all()
    newest = {task.patient_id: (task, patient) for task, patient in found}
    contacts = _contacts(work, [task.id for task, _ in newest.values()])
    back = _last_dose(work, list(newest))
    assigned = _assigned(work, back, patient_ids=list(newest), day=day)
    tasks = []
    for patient_id, (task, patient) in newest.items():
        said = contacts.get(task.id, ())
        if any(one.outcome.is_answer for one in said):
            continue
        if (last := back.get(patient_id)) is not None and last > task.missed_on:
            continue
        tasks.append(_task(task, patient, said, assigned.get(patient_id)))
    return sorted(tasks, key=lambda one: (-one.missed_days, one.due_on, one.patient.last_name))


def task(work: Work, *, task_id: UUID) -> OutreachTask | None:
    """One task of this site with what was tried; None when there is none."""
    row = work.session.execute(
        sa.select(TaskRow, Patient)
        .join(Patient, Patient.id == TaskRow.patient_id)
        .where(TaskRow.site_id == work.site.id, TaskRow.id == task_id)
    ).first()
    if row is None:
        return None
    found, patient = row
    contacts = _contacts(work, [found.id]).get(found.id, ())
    back = _last_dose(work, [found.patient_id])
    assigned = _assigned(work, back, patient_ids=[found.patient_id], day=work.service_date)
    return _task(found, patient, contacts, assigned.get(found.patient_id))


def require_task(work: Work, *, task_id: UUID) -> OutreachTask:
    """One task of this site.

    Raises: NotFound.
    """
    found = task(work, task_id=task_id)
    if found is None:
        raise NotFound("outreach task")
    return found


def contacts_of_day(work: Work, *, day: date) -> list[tuple[PatientCard, Contact]]:
    """Attempts of a clinic day, newest first: what was done."""
    found = work.session.execute(
        sa.select(OutreachContact, Patient)
        .join(Patient, Patient.id == OutreachContact.patient_id)
        .where(OutreachContact.site_id == work.site.id, OutreachContact.service_date == day)
        .order_by(OutreachContact.occurred_at.desc(), OutreachContact.id.desc())
    )
    return [(_card(patient), _contact(work, row)) for row, patient in found]


def clinic_caused(
    work: Work, *, first: date, until: date, patient_id: UUID | None = None
) -> dict[UUID, dict[date, str]]:
    """Misses of ``[first, until)`` recorded as the clinic's, by patient and day, with the cause."""
    conditions = [] if patient_id is None else [ClinicCausedMiss.patient_id == patient_id]
    found: defaultdict[UUID, dict[date, str]] = defaultdict(dict)
    for row in work.session.scalars(
        sa.select(ClinicCausedMiss).where(
            ClinicCausedMiss.site_id == work.site.id,
            ClinicCausedMiss.missed_on >= first,
            ClinicCausedMiss.missed_on < until,
            *conditions,
        )
    ):
        found[row.patient_id][row.missed_on] = row.cause.label
    return dict(found)


def attendance(work: Work, *, patient_id: UUID, first: date, until: date) -> Attendance:
    """How the patient kept the ordered days of ``[first, until)``; the clinic's misses apart.

    Source: site policy: clinic-caused misses do not count against attendance.
    """
    orders = [o for o in orders_of(work, patient_id=patient_id) if o.form is not Form.INJECTION]
    days = [first + timedelta(days=offset) for offset in range((until - first).days)]
    dosed = work.session.execute(
        sa.select(DOSE.c.service_date).where(
            DOSE.c.patient_id == patient_id,
            DOSE.c.service_date >= first,
            DOSE.c.service_date < until,
            is_live(DOSE),
        )
    ).scalars()
    otherwise = covered.of_patient(work, patient_id=patient_id, first=first, until=until)
    caused = clinic_caused(work, first=first, until=until, patient_id=patient_id)
    return attendance_of(
        [day for day in days if any(order.covers(day) for order in orders)],
        covered={*dosed, *otherwise},
        closed=sites.closed_dates(work, first=first, until=until),
        clinic_caused=caused.get(patient_id, {}),
    )


def missed_on(work: Work, *, day: date) -> list[MissedPatient]:
    """Whoever should have had a dose on a day and had none: yesterday's list, seen today."""
    if closed_because(work, day=day) == CLOSED_WEEKDAY:
        return []
    return [one for one in missed_list(work, day=day + ONE_DAY) if one.order.covers(day)]


def _contacts(work: Work, task_ids: list[UUID]) -> dict[UUID, tuple[Contact, ...]]:
    found: defaultdict[UUID, list[Contact]] = defaultdict(list)
    for row in work.session.scalars(
        sa.select(OutreachContact)
        .where(OutreachContact.site_id == work.site.id, OutreachContact.task_id.in_(task_ids))
        .order_by(OutreachContact.attempt)
    ):
        found[row.task_id].append(_contact(work, row))
    return {task_id: tuple(contacts) for task_id, contacts in found.items()}


def _contact(work: Work, row: OutreachContact) -> Contact:
    return Contact(
        attempt=row.attempt,
        at=work.site.local(row.occurred_at),
        by=row.recorded_by_name,
        method=row.method,
        outcome=row.outcome,
        note=row.note,
    )


def _last_dose(work: Work, patient_ids: list[UUID]) -> dict[UUID, date]:
    found: Any = work.session.execute(
        sa.select(DOSE.c.patient_id, sa.func.max(DOSE.c.service_date))
        .where(DOSE.c.patient_id.in_(patient_ids), is_live(DOSE))
        .group_by(DOSE.c.patient_id)
    ).all()
    return dict(found)


def callers(work: Work) -> list[tuple[UUID, str]]:
    """Whom a task may be given to: everybody here who makes calls, by name."""
    roles = [role for role in Role if Permission.BOOK in verbs_of(frozenset({role}))]
    found = {one for role in roles for one in staff.names_by_role(work, role=role)}
    return sorted(found, key=lambda one: (one[1], one[0]))


def _assigned(
    work: Work, back: Mapping[UUID, date], *, patient_ids: list[UUID], day: date
) -> dict[UUID, OutreachAssignment]:
    """The last word on who asks after each patient, since they were last dosed.

    It outlives the task it was said of: tomorrow's task is about the same absence.
    """
    found = work.session.scalars(
        sa.select(OutreachAssignment)
        .where(
            OutreachAssignment.site_id == work.site.id,
            OutreachAssignment.patient_id.in_(patient_ids),
            OutreachAssignment.recorded_at >= work.site.day_start(day - timedelta(days=SHOWN_DAYS)),
        )
        .order_by(OutreachAssignment.recorded_at, OutreachAssignment.id)
    )
    return {
        one.patient_id: one
        for one in found
        if work.site.service_date(one.recorded_at) > back.get(one.patient_id, date.min)
    }


def _task(
    row: TaskRow,
    patient: Patient,
    contacts: tuple[Contact, ...],
    assigned: OutreachAssignment | None,
) -> OutreachTask:
    return OutreachTask(
        id=row.id,
        patient=_card(patient),
        kind=row.kind,
        missed_on=row.missed_on,
        missed_days=row.missed_days,
        due_on=row.due_on,
        contacts=contacts,
        phone=patient.telephone,
        with_id=assigned.assigned_to if assigned else None,
        with_name=assigned.assigned_to_name if assigned else "",
    )


def _card(patient: Patient) -> PatientCard:
    return PatientCard(
        patient.id,
        patient.code,
        patient.given_names,
        patient.family_name,
        patient.preferred_name,
        patient.birth_date,
    )
