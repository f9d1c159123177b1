"""Doses, doses taken back, imported days nobody has settled.

One dose per patient, service date and portion: a dose given again after a void moves the series,
and a series above one must name that void. Amounts are whole micrograms and microlitres.
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
    Versioned,
)
from clinic.data.db import Model
from clinic.data.types import EnumText, new_id
from clinic.data.walls import says
from clinic.dosing.facts import DoseOrigin, VoidReason
from clinic.stock.facts import Form, Medication

ONE_DOSE = says("uq_dose_once", "A dose for this patient and service date is already recorded.")


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
