"""Medication orders, holds, and orders other systems hold."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.columns import (
    Attributed,
    Id,
    Instant,
    Json,
    OfSite,
    ShortName,
    Text,
    Versioned,
    Word,
)
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.data.walls import no_overlap, says
from clinic.dosing.facts import HoldReason, OrderStatus
from clinic.stock.facts import Form, Medication

ONE_HOLD = says("uq_dosing_hold_open", "This patient is already on hold.")


class MedicationOrder(OfSite, Attributed, Versioned, Model):
    """A prescriber's order for the days ``[starts_on, ends_on)``. Source: FHIR MedicationRequest.

    Never edited: a change is a new order, which ends this one. ``number`` counts a patient's
    orders and is copied onto each dose.
    """

    __tablename__ = "medication_order"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "patient_id", "number"),
        sa.Index("ix_medication_order_days", "site_id", "starts_on", "ends_on"),
        sa.CheckConstraint("dose_ug > 0", "dose_positive"),
        sa.CheckConstraint("portions between 1 and 4", "portions"),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", "order"),
        no_overlap(
            "ex_medication_order_patient",
            key="patient_id",
            start="starts_on",
            end="ends_on",
            where="ends_on IS NULL OR ends_on > starts_on",
            kind="daterange",
            sentence="Another order already covers some of these days.",
        ),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    episode_id: Mapped[UUID] = mapped_column(sa.ForeignKey("episode.id"))
    number: Mapped[int]
    medication: Mapped[Medication] = mapped_column(EnumText(Medication))
    form: Mapped[Form] = mapped_column(EnumText(Form))
    dose_ug: Mapped[int]
    portions: Mapped[int] = mapped_column(default=1)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    status: Mapped[OrderStatus] = mapped_column(EnumText(OrderStatus))
    supersedes_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("medication_order.id"))
    rationale: Mapped[Text] = mapped_column(default="")
    decision: Mapped[Json]


class DosingHold(OfSite, Attributed, Versioned, Model):
    """No dose until a prescriber writes an order after this moment."""

    __tablename__ = "dosing_hold"
    __table_args__ = (
        sa.Index(
            ONE_HOLD,
            "site_id",
            "patient_id",
            unique=True,
            sqlite_where=sa.text("cleared_at IS NULL"),
            postgresql_where=sa.text("cleared_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    reason: Mapped[HoldReason] = mapped_column(EnumText(HoldReason))
    note: Mapped[ShortName] = mapped_column(default="")
    cleared_at: Mapped[Instant | None]
    cleared_by_order_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("medication_order.id"))


class ReportedMedication(OfSite, Attributed, Versioned, Model):
    """An order another system holds. It never starts a dose: a prescriber confirms one.

    Source: FHIR MedicationRequest as imported. ``dose_ug`` is None when it can't be computed from
    a known strength; ``why_no_dose`` then says why.
    """

    __tablename__ = "reported_medication"
    __table_args__ = (sa.UniqueConstraint("site_id", "source_system", "source_id"),)

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    medication: Mapped[Medication] = mapped_column(EnumText(Medication))
    text: Mapped[ShortName]
    code: Mapped[Word]
    status: Mapped[Word]
    authored_at: Mapped[Instant | None]
    dose_ug: Mapped[int | None]
    why_no_dose: Mapped[ShortName] = mapped_column(default="")
    confirmed_by_order_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("medication_order.id"))
    source_system: Mapped[ShortName]
    source_id: Mapped[ShortName]
