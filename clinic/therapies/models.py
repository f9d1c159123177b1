"""Courses of treatment: one patient, one modality of the catalogue, a run of days."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.columns import Attributed, Id, Json, OfSite, ShortName, Versioned, Word
from clinic.data.db import Model
from clinic.data.walls import says

ONE_OPEN_COURSE = says("uq_course_open", "This patient already has an open course of this kind.")


class Course(OfSite, Attributed, Versioned, Model):
    """A course of a modality, open until ``ended_on``. Source: FHIR CarePlan.

    ``decision`` is the answer of the gates it was started under, as it was then.
    """

    __tablename__ = "course"
    __table_args__ = (
        sa.Index(
            ONE_OPEN_COURSE,
            "site_id",
            "patient_id",
            "modality",
            unique=True,
            sqlite_where=sa.text("ended_on IS NULL"),
            postgresql_where=sa.text("ended_on IS NULL"),
        ),
        sa.Index("ix_course_days", "site_id", "starts_on", "ended_on"),
        sa.CheckConstraint("ended_on IS NULL OR ended_on >= starts_on", "order"),
        sa.CheckConstraint("(ended_on IS NULL) = (ended_why IS NULL)", "ended_with_reason"),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    episode_id: Mapped[UUID] = mapped_column(sa.ForeignKey("episode.id"), index=True)
    modality: Mapped[Word]
    starts_on: Mapped[date]
    ended_on: Mapped[date | None]
    ended_why: Mapped[str | None] = mapped_column(sa.String(200))
    sessions_planned: Mapped[int]
    decision: Mapped[Json]


class ModalityReferral(OfSite, Attributed, Model):
    """A patient told about, and referred to, a treatment the program may not give itself."""

    __tablename__ = "modality_referral"

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    modality: Mapped[Word]
    referred_on: Mapped[date]
    referred_to: Mapped[ShortName]
    reason: Mapped[ShortName]
