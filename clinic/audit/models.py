"""The audit: one leaf for each act or look, sealed in batches into a chain of Merkle roots.

No chain head is written with the act: that would be one lock for the whole clinic. A job seals.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.append_only import AppendOnly
from clinic.data.columns import Instant, Json, OfSite, ShortName, Word
from clinic.data.db import Model
from clinic.data.types import new_id


class AuditLeaf(OfSite, AppendOnly, Model):
    """Who did or saw what, when, on whose record. ``leaf_hash`` covers every other column."""

    __tablename__ = "audit_leaf"
    __table_args__ = (
        sa.Index("ix_audit_leaf_patient", "site_id", "patient_id", "occurred_at"),
        sa.Index("ix_audit_leaf_occurred", "site_id", "occurred_at"),
    )

    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    service_date: Mapped[date] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True, default=new_id)
    occurred_at: Mapped[Instant]
    actor_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    actor_name: Mapped[ShortName]
    session_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    request_id: Mapped[str | None] = mapped_column(sa.String(64))
    action: Mapped[Word]
    subject: Mapped[ShortName]
    patient_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    detail: Mapped[Json]
    leaf_hash: Mapped[str] = mapped_column(sa.String(64))


class AuditSeal(OfSite, AppendOnly, Model):
    """A batch of leaves closed for good: their Merkle root, chained to the seal before."""

    __tablename__ = "audit_seal"

    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    sealed_at: Mapped[Instant]
    leaf_count: Mapped[int]
    root: Mapped[str] = mapped_column(sa.String(64))
    previous_chain: Mapped[str] = mapped_column(sa.String(64))
    chain: Mapped[str] = mapped_column(sa.String(64))


class AuditSealedLeaf(OfSite, AppendOnly, Model):
    """Which seal holds a leaf, and at which place in the batch."""

    __tablename__ = "audit_sealed_leaf"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "sequence", "position"),
        sa.ForeignKeyConstraint(
            ["site_id", "service_date", "leaf_id"],
            ["audit_leaf.site_id", "audit_leaf.service_date", "audit_leaf.id"],
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "sequence"], ["audit_seal.site_id", "audit_seal.sequence"]
        ),
    )

    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    service_date: Mapped[date] = mapped_column(primary_key=True)
    leaf_id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True)
    sequence: Mapped[int]
    position: Mapped[int]
