"""The bottles doses come out of, and what moved in and out of them, in microlitres."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.append_only import AppendOnly
from clinic.data.columns import (
    Attributed,
    Id,
    Instant,
    OfSite,
    OnServiceDay,
    Versioned,
    Word,
)
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.data.walls import says
from clinic.stock.facts import Medication, StockMovementKind

STOCK_NOT_NEGATIVE = says(
    "ck_stock_bottle_balance_not_negative", "The open bottle does not hold enough for this dose."
)


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
