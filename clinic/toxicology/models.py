"""Specimens and their readings."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.append_only import AppendOnly
from clinic.data.columns import Attributed, Id, OfSite, OnServiceDay, ShortName
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.data.walls import says
from clinic.toxicology.facts import Analyte, CollectionOutcome, Reading

SENT_ONCE = says("uq_confirmation_request_specimen", "This specimen is at the laboratory already.")
CONFIRMED_ONCE = says(
    "uq_confirmed_result_specimen", "The laboratory's result of this specimen is recorded already."
)


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


class ConfirmationRequest(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """A specimen sent to a laboratory, to be read again with a surer method."""

    __tablename__ = "confirmation_request"
    __table_args__ = (sa.UniqueConstraint("site_id", "specimen_id", name=SENT_ONCE),)

    id: Mapped[Id]
    specimen_id: Mapped[UUID] = mapped_column(sa.ForeignKey("specimen.id"))
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    laboratory: Mapped[ShortName]


class ConfirmedResult(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """One analyte as the laboratory read it."""

    __tablename__ = "confirmed_result"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "specimen_id", "analyte", name=CONFIRMED_ONCE),
        sa.CheckConstraint("reading IN ('negative', 'positive')", "reading"),
    )

    id: Mapped[Id]
    specimen_id: Mapped[UUID] = mapped_column(sa.ForeignKey("specimen.id"))
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    analyte: Mapped[Analyte] = mapped_column(EnumText(Analyte))
    reading: Mapped[Reading] = mapped_column(EnumText(Reading))
    report: Mapped[ShortName] = mapped_column(default="")
