"""Injections: what stands beside the dose row."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.append_only import AppendOnly
from clinic.data.columns import Attributed, Id, Json, OfSite, OnServiceDay, ShortName
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.data.walls import says
from clinic.dosing.facts import BodySite, LongActingProduct

ONE_INJECTION = says("uq_injection_order", "The injection of this order is already recorded.")


class Injection(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """Product, place and lot of an injection; its milligrams are the dose row's.

    One for each order: an injection given again after a void moves the series.
    Source: 21 CFR 1304.24; the Sublocade and Brixadi REMS (given by staff, never to the patient).
    """

    __tablename__ = "injection"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "order_id", "series", name=ONE_INJECTION),
        sa.UniqueConstraint("site_id", "dose_id"),
        sa.Index("ix_injection_patient", "patient_id", "service_date"),
        sa.CheckConstraint("series >= 1", "series"),
        sa.CheckConstraint("expires_on >= service_date", "not_expired"),
        sa.CheckConstraint("product = 'xr_naltrexone' OR length(rems_note) > 0", "rems"),
        sa.CheckConstraint("length(lot) > 0", "lot"),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    dose_id: Mapped[UUID] = mapped_column(sa.Uuid)
    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("medication_order.id"))
    series: Mapped[int] = mapped_column(default=1)
    product: Mapped[LongActingProduct] = mapped_column(EnumText(LongActingProduct))
    body_site: Mapped[BodySite] = mapped_column(EnumText(BodySite))
    lot: Mapped[ShortName]
    expires_on: Mapped[date]
    rems_note: Mapped[ShortName] = mapped_column(default="")
    decision: Mapped[Json]
