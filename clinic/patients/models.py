"""Patients of the organisation, and what is known of them whatever the site."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.columns import (
    Attributed,
    Id,
    Instant,
    OfOrganization,
    OfSite,
    ShortName,
    Text,
    Versioned,
    Word,
)
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.data.walls import no_overlap, says
from clinic.patients.facts import AlertSeverity, PayerKind, Sex

TAKEN = "Another patient already has this identifier."
ONE_PAYER = "ex_coverage_patient"
says("ck_coverage_end_attributed", "An end of coverage says when it became known.")
says("ck_coverage_order", "Coverage ends after the day it begins.")
IDENTIFIER_TAKEN = says("uq_patient_identifier_value", TAKEN)


class Patient(OfOrganization, Attributed, Versioned, Model):
    """A person in care or once in care.

    ``search_text`` is the folded name, for finding. ``allergies_asked_at`` tells "none known" from
    "nobody asked".
    """

    __tablename__ = "patient"
    __table_args__ = (
        sa.UniqueConstraint("organization_id", "code"),
        sa.Index("ix_patient_birth_date", "organization_id", "birth_date"),
        sa.Index("ix_patient_name", "organization_id", "family_name", "given_names"),
        sa.Index(
            "ix_patient_search_text",
            "organization_id",
            "search_text",
            postgresql_ops={"search_text": "text_pattern_ops"},
        ),
    )

    id: Mapped[Id]
    code: Mapped[Word]
    family_name: Mapped[ShortName]
    given_names: Mapped[ShortName]
    preferred_name: Mapped[ShortName] = mapped_column(default="")
    birth_date: Mapped[date]
    sex: Mapped[Sex] = mapped_column(EnumText(Sex))
    deceased_on: Mapped[date | None]
    telephone: Mapped[Word] = mapped_column(default="")
    email: Mapped[ShortName] = mapped_column(default="")
    address: Mapped[ShortName] = mapped_column(default="")
    postal_code: Mapped[Word] = mapped_column(default="")
    is_pregnant: Mapped[bool] = mapped_column(default=False)
    allergies_asked_at: Mapped[Instant | None]
    search_text: Mapped[Text]


class PatientCodeCounter(OfOrganization, Model):
    """The number last given to a patient. Who holds this row registers alone."""

    __tablename__ = "patient_code_counter"

    organization_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("organization.id"), primary_key=True
    )
    last_number: Mapped[int]


class PatientIdentifier(OfOrganization, Model):
    """A number by which somebody knows the patient: a record elsewhere, a card, an insurer's."""

    __tablename__ = "patient_identifier"
    __table_args__ = (
        sa.UniqueConstraint("organization_id", "system", "value", name=IDENTIFIER_TAKEN),
        sa.Index("ix_patient_identifier_value", "organization_id", "value"),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    system: Mapped[ShortName]
    value: Mapped[ShortName]


class PatientPhoto(OfOrganization, Attributed, Model):
    """The latest is the one shown."""

    __tablename__ = "patient_photo"

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    media_type: Mapped[Word]
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)


class Allergy(OfOrganization, Attributed, Model):
    """Source: FHIR AllergyIntolerance."""

    __tablename__ = "allergy"

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    substance: Mapped[ShortName]
    reaction: Mapped[ShortName] = mapped_column(default="")
    ended_at: Mapped[Instant | None]


class PatientAlert(OfSite, Attributed, Model):
    """Something everybody at this site must see on the banner."""

    __tablename__ = "patient_alert"

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    severity: Mapped[AlertSeverity] = mapped_column(EnumText(AlertSeverity))
    text: Mapped[ShortName]
    ended_at: Mapped[Instant | None]


class Condition(OfSite, Attributed, Model):
    """A diagnosis or problem. One patient may carry many rows of the same code.

    Source: FHIR Condition. ``source_system`` and ``source_id`` tell an import what it has seen.
    """

    __tablename__ = "condition"
    __table_args__ = (sa.UniqueConstraint("site_id", "source_system", "source_id"),)

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    code_system: Mapped[ShortName]
    code: Mapped[Word]
    text: Mapped[ShortName]
    is_opioid_use_disorder: Mapped[bool]
    is_active: Mapped[bool]
    onset_on: Mapped[date | None]
    source_system: Mapped[ShortName]
    source_id: Mapped[ShortName]


class Coverage(OfOrganization, Attributed, Versioned, Model):
    """Who pays first, from a day until another. Source: FHIR Coverage.

    When the end, or that it was recorded in error, became known is kept: a past day can tell
    what was known of it then.
    """

    __tablename__ = "coverage"
    __table_args__ = (
        no_overlap(
            ONE_PAYER,
            key="patient_id",
            start="starts_on",
            end="ends_on",
            where="voided_at IS NULL",
            kind="daterange",
            sentence="Another payer is recorded for some of these days.",
        ),
        sa.Index("ix_coverage_patient", "organization_id", "patient_id", "starts_on"),
        sa.CheckConstraint("ends_on IS NULL OR ends_on > starts_on", "order"),
        sa.CheckConstraint("(ends_on IS NULL) = (end_recorded_at IS NULL)", "end_attributed"),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    payer: Mapped[PayerKind] = mapped_column(EnumText(PayerKind))
    plan: Mapped[ShortName] = mapped_column(default="")
    member_number: Mapped[Word] = mapped_column(default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    end_recorded_at: Mapped[Instant | None]
    voided_at: Mapped[Instant | None]
    voided_by_name: Mapped[ShortName] = mapped_column(default="")
