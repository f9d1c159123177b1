"""Filled forms."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.append_only import AppendOnly
from clinic.data.columns import Attributed, Id, Json, OfSite, OnServiceDay, ShortName, Word
from clinic.data.db import Model


class Assessment(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """One instrument filled once: each answer, and what they came to that day.

    Invariant: ``answers`` maps item to score; ``total`` and ``band`` are None for a form with a
    gap. They are what was read then, even if a later edition reads them otherwise.
    """

    __tablename__ = "assessment"
    __table_args__ = (sa.Index("ix_assessment_patient", "patient_id", "service_date"),)

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    instrument: Mapped[Word]
    instrument_version: Mapped[Word]
    answers: Mapped[Json]
    total: Mapped[int | None]
    band: Mapped[Word | None]
    note: Mapped[ShortName] = mapped_column(default="")
