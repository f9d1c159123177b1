"""Medication orders, holds, doses and the stock they come out of.

Amounts are whole micrograms and microlitres. One dose per patient, service date and portion: a
dose given again after a void moves the series, and a series above one must name that void.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.append_only import AppendOnly
from clinic.data.columns import (
    Attributed,
    Id,
    Instant,
    Json,
    OfSite,
    OnServiceDay,
    ShortName,
    Text,
    Versioned,
    Word,
)
from clinic.data.db import Model
from clinic.data.types import EnumText, new_id
from clinic.data.walls import no_overlap, says
from clinic.dosing.facts import (
    DoseOrigin,
    Form,
    HoldReason,
    Medication,
    OrderStatus,
    StockMovementKind,
    VoidReason,
)

ONE_DOSE = says("uq_dose_once", "A dose for this patient and service date is already recorded.")
STOCK_NOT_NEGATIVE = says(
    "ck_stock_bottle_balance_not_negative", "The open bottle does not hold enough for this dose."
)
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


class StockBottle(OfSite, Versioned, Model):
    """A bottle of concentrate open at a window. Its balance can't go below zero."""

    __tablename__ = "stock_bottle"
    __table_args__ = (
        sa.Index(
            "uq_stock_bottle_open",
            "site_id",
            "window",
            "medication",
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
        sa.CheckConstraint("balance_ul >= 0", "balance_not_negative"),
        sa.CheckConstraint("concentration_ug_per_ml > 0", "concentration_positive"),
    )

    id: Mapped[Id]
    window: Mapped[int]
    medication: Mapped[Medication] = mapped_column(EnumText(Medication))
    lot: Mapped[Word]
    concentration_ug_per_ml: Mapped[int]
    balance_ul: Mapped[int]
    opened_at: Mapped[Instant]
    closed_at: Mapped[Instant | None]


class Dose(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """Medication taken under observation. Source: 21 CFR 1304.24 (the log's fields).

    A history row comes from an import: no order of ours and no stock stands behind it.
    """

    __tablename__ = "dose"
    __table_args__ = (
        sa.UniqueConstraint(
            "site_id", "patient_id", "service_date", "portion", "series", name=ONE_DOSE
        ),
        sa.Index("ix_dose_patient", "patient_id", "service_date"),
        sa.CheckConstraint("dose_ug > 0", "dose_positive"),
        sa.CheckConstraint("portion >= 1 AND series >= 1", "numbered"),
        sa.CheckConstraint("series = 1 OR replaces_void_id IS NOT NULL", "series_needs_void"),
        sa.CheckConstraint(
            "origin = 'history' OR (order_id IS NOT NULL AND order_number IS NOT NULL)",
            "under_an_order",
        ),
        sa.UniqueConstraint("site_id", "replaces_void_id"),
    )

    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    service_date: Mapped[date] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True, default=new_id)
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    origin: Mapped[DoseOrigin] = mapped_column(EnumText(DoseOrigin))
    order_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("medication_order.id"))
    order_number: Mapped[int | None]
    medication: Mapped[Medication] = mapped_column(EnumText(Medication))
    form: Mapped[Form] = mapped_column(EnumText(Form))
    dose_ug: Mapped[int]
    volume_ul: Mapped[int | None]
    concentration_ug_per_ml: Mapped[int | None]
    portion: Mapped[int] = mapped_column(default=1)
    series: Mapped[int] = mapped_column(default=1)
    replaces_void_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("dose_void.id"))
    window: Mapped[int | None]
    bottle_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("stock_bottle.id"))
    decision: Mapped[Json]


class DoseVoid(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """A dose row taken back: recorded in error or not swallowed. Two people, one reason."""

    __tablename__ = "dose_void"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "dose_id"),
        sa.CheckConstraint("witnessed_by <> recorded_by", "two_people"),
    )

    id: Mapped[Id]
    dose_id: Mapped[UUID] = mapped_column(sa.Uuid)
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    reason: Mapped[VoidReason] = mapped_column(EnumText(VoidReason))
    note: Mapped[ShortName] = mapped_column(default="")
    witnessed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id"))


class StockMovement(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """Volume into (positive) or out of (negative) a bottle, and what it held afterwards."""

    __tablename__ = "stock_movement"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "bottle_id", "sequence"),
        sa.CheckConstraint("balance_after_ul >= 0", "balance_not_negative"),
        sa.UniqueConstraint("site_id", "dose_id", "kind"),
    )

    id: Mapped[Id]
    bottle_id: Mapped[UUID] = mapped_column(sa.ForeignKey("stock_bottle.id"))
    sequence: Mapped[int]
    kind: Mapped[StockMovementKind] = mapped_column(EnumText(StockMovementKind))
    volume_ul: Mapped[int]
    balance_after_ul: Mapped[int]
    dose_id: Mapped[UUID | None] = mapped_column(sa.Uuid)


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


class DoseQuestion(OfSite, Attributed, Versioned, Model):
    """Imported dose rows that contradict each other on one day: shown, never added up."""

    __tablename__ = "dose_question"
    __table_args__ = (sa.UniqueConstraint("site_id", "patient_id", "service_date"),)

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    service_date: Mapped[date]
    medication: Mapped[Medication] = mapped_column(EnumText(Medication))
    doses_ug: Mapped[list[int]] = mapped_column(sa.JSON)
    settled_at: Mapped[Instant | None]
    settled_dose_ug: Mapped[int | None]
