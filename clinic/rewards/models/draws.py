"""Prize draws: the commitment before, the seed behind it, the slips drawn."""

from __future__ import annotations

from typing import Any
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
    Text,
    Word,
)
from clinic.data.db import Model
from clinic.data.walls import says

ONE_COMMITMENT = says("uq_prize_commitment_visit", "The draw of this visit is prepared already.")
ONE_DRAW = says("uq_prize_draw_visit", "The slips of this visit have been drawn already.")


class PrizeCommitment(OfSite, Attributed, AppendOnly, Model):
    """How many draws a visit earned, from which bowl, and the seed's hash, shown before it."""

    __tablename__ = "prize_commitment"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "reward_visit_id", name=ONE_COMMITMENT),
        sa.CheckConstraint("draws > 0", "draws"),
        sa.CheckConstraint("length(commitment) = 64", "commitment"),
    )

    id: Mapped[Id]
    reward_visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("reward_visit.id"))
    commitment: Mapped[str] = mapped_column(sa.String(64))
    bowl_name: Mapped[Word]
    bowl_version: Mapped[int]
    draws: Mapped[int]
    committed_at: Mapped[Instant]


class PrizeSeed(OfSite, AppendOnly, Model):
    """The secret behind a commitment. Nothing reads it but the draw, which then reveals it."""

    __tablename__ = "prize_seed"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "reward_visit_id"),
        sa.ForeignKeyConstraint(
            ["site_id", "reward_visit_id"],
            ["prize_commitment.site_id", "prize_commitment.reward_visit_id"],
        ),
        sa.CheckConstraint("length(seed) = 64", "seed"),
    )

    id: Mapped[Id]
    reward_visit_id: Mapped[UUID] = mapped_column(sa.Uuid)
    seed: Mapped[str] = mapped_column(sa.String(64))


class PrizeDraw(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """The slips of a visit, drawn once, with everything anybody needs to draw them again.

    ``total_cents`` is what the slips say, ``paid_cents`` what the caps let be paid of it.
    """

    __tablename__ = "prize_draw"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "reward_visit_id", name=ONE_DRAW),
        sa.ForeignKeyConstraint(
            ["site_id", "reward_visit_id"],
            ["prize_commitment.site_id", "prize_commitment.reward_visit_id"],
        ),
        sa.CheckConstraint("length(seed) = 64", "seed"),
        sa.CheckConstraint("length(choice) > 0", "choice"),
        sa.CheckConstraint("paid_cents >= 0 AND paid_cents <= total_cents", "paid"),
    )

    id: Mapped[Id]
    reward_visit_id: Mapped[UUID] = mapped_column(sa.Uuid)
    choice: Mapped[Word]
    seed: Mapped[str] = mapped_column(sa.String(64))
    slips: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON)
    total_cents: Mapped[int]
    paid_cents: Mapped[int]
    sentence: Mapped[Text]
