"""Specimens and their readings."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.append_only import AppendOnly
from clinic.data.columns import Attributed, Id, OfSite, OnServiceDay, ShortName
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.toxicology.facts import Analyte, CollectionOutcome, Reading


class Specimen(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """A scheduled or walk-in test: the urine collected, or why there is none."""

    __tablename__ = "specimen"
    __table_args__ = (
        sa.Index("ix_specimen_patient", "patient_id", "service_date"),
        sa.Index("ix_specimen_service_date", "site_id", "service_date"),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    outcome: Mapped[CollectionOutcome] = mapped_column(EnumText(CollectionOutcome))
    was_random: Mapped[bool] = mapped_column(default=False)
    was_observed: Mapped[bool] = mapped_column(default=False)
    note: Mapped[ShortName] = mapped_column(default="")


class Result(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """One analyte's reading of a specimen. Source: FHIR Observation."""

    __tablename__ = "result"
    __table_args__ = (sa.UniqueConstraint("site_id", "specimen_id", "analyte"),)

    id: Mapped[Id]
    specimen_id: Mapped[UUID] = mapped_column(sa.ForeignKey("specimen.id"), index=True)
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    analyte: Mapped[Analyte] = mapped_column(EnumText(Analyte))
    reading: Mapped[Reading] = mapped_column(EnumText(Reading))
