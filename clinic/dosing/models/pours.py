"""Pours of the pump: asked for before, known or unknown after. Amounts are whole microlitres."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.columns import Attributed, Id, Instant, OfSite, OnServiceDay, ShortName, Versioned
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.data.walls import says
from clinic.dosing.facts.pours import PourStatus

_OPEN = sa.text("status IN ('requested', 'unknown', 'poured')")
_ASKED = sa.text("status IN ('requested', 'unknown')")

ONE_OPEN_POUR = says(
    "uq_pump_pour_open", "A pour for this dose is not settled yet. Settle it, then pour again."
)
PUMP_BUSY = says(
    "uq_pump_pour_pump", "The pump has not said what became of its last pour. Settle that first."
)


class PumpPour(OfSite, OnServiceDay, Attributed, Versioned, Model):
    """One portion asked of a pump. Its ``id`` is the request id the pump knows the pour by."""

    __tablename__ = "pump_pour"
    __table_args__ = (
        sa.Index(
            ONE_OPEN_POUR,
            "site_id",
            "patient_id",
            "service_date",
            "portion",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        sa.Index(
            PUMP_BUSY,
            "site_id",
            "pump_id",
            unique=True,
            sqlite_where=_ASKED,
            postgresql_where=_ASKED,
        ),
        sa.CheckConstraint("wanted_ul > 0", "wanted_positive"),
        sa.CheckConstraint("actual_ul IS NULL OR actual_ul >= 0", "actual_not_negative"),
        sa.CheckConstraint(
            "status NOT IN ('poured', 'given', 'wasted') OR actual_ul IS NOT NULL",
            "volume_known",
        ),
        sa.CheckConstraint("status <> 'given' OR dose_id IS NOT NULL", "given_names_its_dose"),
        sa.CheckConstraint(
            "status <> 'wasted' OR (witnessed_by IS NOT NULL AND witnessed_by <> settled_by)",
            "wasted_by_two",
        ),
        sa.UniqueConstraint("site_id", "dose_id"),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("medication_order.id"))
    order_number: Mapped[int]
    portion: Mapped[int]
    window: Mapped[int]
    pump_id: Mapped[UUID] = mapped_column(sa.ForeignKey("pump.id"))
    bottle_id: Mapped[UUID] = mapped_column(sa.ForeignKey("stock_bottle.id"))
    concentration_ug_per_ml: Mapped[int]
    wanted_ul: Mapped[int]
    actual_ul: Mapped[int | None]
    status: Mapped[PourStatus] = mapped_column(EnumText(PourStatus))
    reason: Mapped[ShortName] = mapped_column(default="")
    dose_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    settled_at: Mapped[Instant | None]
    settled_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    witnessed_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
