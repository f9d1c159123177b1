"""Outreach after missed doses, and misses the clinic caused."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.append_only import AppendOnly
from clinic.data.columns import Attributed, Id, OfSite, OnServiceDay, ShortName
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.data.walls import says
from clinic.dosing.facts import ClinicCause, ContactMethod, ContactOutcome, OutreachKind

ONE_ATTEMPT = says("uq_outreach_attempt", "Somebody recorded a contact a moment ago. Look again.")
ONE_ASSIGNMENT = says(
    "uq_outreach_assignment", "Somebody assigned this task a moment ago. Look again."
)
TASK_DONE = says("uq_outreach_done", "Somebody has reached this patient already.")


class OutreachTask(OfSite, Attributed, AppendOnly, Model):
    """Somebody should find out where a patient is. One a patient and missed day."""

    __tablename__ = "outreach_task"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "patient_id", "missed_on"),
        sa.Index("ix_outreach_task_day", "site_id", "missed_on"),
        sa.CheckConstraint("missed_days >= 1", "missed"),
        sa.CheckConstraint("due_on > missed_on", "due_after"),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    kind: Mapped[OutreachKind] = mapped_column(EnumText(OutreachKind))
    missed_on: Mapped[date]
    missed_days: Mapped[int]
    due_on: Mapped[date]


class OutreachContact(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """One attempt to reach the patient. One that brings an answer ends the task."""

    __tablename__ = "outreach_contact"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "task_id", "attempt", name=ONE_ATTEMPT),
        sa.Index(
            TASK_DONE,
            "site_id",
            "task_id",
            unique=True,
            sqlite_where=sa.text("is_answer"),
            postgresql_where=sa.text("is_answer"),
        ),
        sa.CheckConstraint("attempt >= 1", "attempt"),
    )

    id: Mapped[Id]
    task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outreach_task.id"))
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    attempt: Mapped[int]
    method: Mapped[ContactMethod] = mapped_column(EnumText(ContactMethod))
    outcome: Mapped[ContactOutcome] = mapped_column(EnumText(ContactOutcome))
    is_answer: Mapped[bool]
    note: Mapped[ShortName] = mapped_column(default="")


class OutreachAssignment(OfSite, Attributed, AppendOnly, Model):
    """Who asks after the patient from now on; the last one counts. Nobody: anyone may."""

    __tablename__ = "outreach_assignment"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "task_id", "number", name=ONE_ASSIGNMENT),
        sa.Index("ix_outreach_assignment_patient", "site_id", "patient_id", "recorded_at"),
        sa.CheckConstraint("number >= 1", "number"),
    )

    id: Mapped[Id]
    task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("outreach_task.id"))
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    number: Mapped[int]
    assigned_to: Mapped[UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    assigned_to_name: Mapped[ShortName] = mapped_column(default="")


class ClinicCausedMiss(OfSite, Attributed, AppendOnly, Model):
    """A missed day that is the clinic's, kept apart from the patient's attendance."""

    __tablename__ = "clinic_caused_miss"
    __table_args__ = (sa.UniqueConstraint("site_id", "patient_id", "missed_on"),)

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    missed_on: Mapped[date]
    cause: Mapped[ClinicCause] = mapped_column(EnumText(ClinicCause))
    note: Mapped[ShortName] = mapped_column(default="")
