"""The bottles, and every move of stock between two accounts.

A bottle stands in one place and is the account of what it holds. A movement names the place it
takes from and the place it gives to, so the ledger is balanced by construction; the places outside
(supplier, patient, waste) keep no balance of their own.

Units: quantities are whole microlitres of a liquid and whole units of anything else.
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
    OfSite,
    OnServiceDay,
    ShortName,
    Versioned,
    Word,
)
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.data.walls import says
from clinic.stock.facts import Form, Medication, StockMovementKind, StockPlace

STOCK_NOT_NEGATIVE = says(
    "ck_stock_bottle_balance_not_negative", "The open bottle does not hold enough for this dose."
)
ONE_OPEN = says("uq_stock_bottle_open", "One of these is already open at that window.")
TWO_PEOPLE = says("ck_stock_movement_two_people", "A second person must sign this.")
WITNESSED_KINDS = "('waste', 'spill', 'destroyed', 'adjusted')"
INSIDE_PLACES = "('safe', 'window', 'pump', 'preparation', 'quarantine')"


class StockBottle(OfSite, Versioned, Model):
    """A bottle, box or kit of one product and lot. Its balance can't go below zero.

    Units: ``strength_ug`` is per millilitre or per unit. ``size`` is what it came with.
    """

    __tablename__ = "stock_bottle"
    __table_args__ = (
        sa.Index(
            "uq_stock_bottle_open",
            "site_id",
            "window",
            "product",
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL AND place = 'window'"),
            postgresql_where=sa.text("closed_at IS NULL AND place = 'window'"),
        ),
        sa.Index("ix_stock_bottle_place", "site_id", "place", "product"),
        sa.CheckConstraint("balance >= 0", "balance_not_negative"),
        sa.CheckConstraint("strength_ug > 0", "concentration_positive"),
    )

    id: Mapped[Id]
    product: Mapped[Word]
    medication: Mapped[Medication] = mapped_column(EnumText(Medication))
    form: Mapped[Form] = mapped_column(EnumText(Form))
    strength_ug: Mapped[int]
    lot: Mapped[Word]
    expires_on: Mapped[date | None]
    receipt_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("stock_receipt.id"))
    place: Mapped[StockPlace] = mapped_column(EnumText(StockPlace))
    window: Mapped[int] = mapped_column(default=0)
    size: Mapped[int]
    balance: Mapped[int]
    placed_at: Mapped[Instant]
    opened_at: Mapped[Instant | None]
    closed_at: Mapped[Instant | None]


class StockReceipt(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """A delivery of one product and lot, by whose paper it came. Source: 21 CFR 1304.22(c)."""

    __tablename__ = "stock_receipt"
    __table_args__ = (
        sa.CheckConstraint("schedule <> 'C-II' OR order_form <> ''", "order_form_for_schedule_two"),
        sa.CheckConstraint("bottles > 0 AND size > 0", "something_came"),
    )

    id: Mapped[Id]
    product: Mapped[Word]
    schedule: Mapped[Word]
    lot: Mapped[Word]
    expires_on: Mapped[date]
    bottles: Mapped[int]
    size: Mapped[int]
    supplier: Mapped[ShortName]
    supplier_registration: Mapped[Word]
    order_form: Mapped[Word] = mapped_column(default="")
    invoice: Mapped[Word] = mapped_column(default="")
    ndc: Mapped[Word] = mapped_column(default="")


class StockMovement(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """A quantity of one bottle moved from one place to another, once, for a reason.

    ``subject_id`` names the dose or take-home bottle it was for.
    """

    __tablename__ = "stock_movement"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "bottle_id", "sequence"),
        sa.UniqueConstraint("site_id", "subject_id", "kind", "bottle_id"),
        sa.Index("ix_stock_movement_day", "site_id", "service_date"),
        sa.CheckConstraint("quantity > 0", "quantity_positive"),
        sa.CheckConstraint("balance_after >= 0", "balance_not_negative"),
        sa.CheckConstraint("from_place <> to_place OR from_number <> to_number", "two_accounts"),
        sa.CheckConstraint(
            f"from_place IN {INSIDE_PLACES} OR to_place IN {INSIDE_PLACES}", "one_end_inside"
        ),
        sa.CheckConstraint(
            f"kind NOT IN {WITNESSED_KINDS} OR (witnessed_by IS NOT NULL"
            " AND (recorded_by IS NULL OR witnessed_by <> recorded_by))",
            "two_people",
        ),
    )

    id: Mapped[Id]
    bottle_id: Mapped[UUID] = mapped_column(sa.ForeignKey("stock_bottle.id"))
    sequence: Mapped[int]
    kind: Mapped[StockMovementKind] = mapped_column(EnumText(StockMovementKind))
    from_place: Mapped[StockPlace] = mapped_column(EnumText(StockPlace))
    from_number: Mapped[int] = mapped_column(default=0)
    to_place: Mapped[StockPlace] = mapped_column(EnumText(StockPlace))
    to_number: Mapped[int] = mapped_column(default=0)
    quantity: Mapped[int]
    balance_after: Mapped[int]
    subject_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    reason: Mapped[ShortName] = mapped_column(default="")
    witnessed_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
