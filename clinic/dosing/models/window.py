"""What happens at the window besides the dose: who is there, who goes first, what was seen.

Weights are whole grams.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.append_only import AppendOnly
from clinic.data.columns import Attributed, Id, Instant, OfSite, OnServiceDay, ShortName, Versioned
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.data.walls import says
from clinic.dosing.facts.line import CheckKind, ClaimEnd, LinePriority

_LIVE_CLAIM = sa.text("ended_at IS NULL")
_LIVE_CARD = sa.text("revoked_at IS NULL")
ONE_CLAIM = says("uq_window_claim_patient", "Another window opened this patient a moment ago.")
ONE_AT_WINDOW = says("uq_window_claim_window", "Somebody else was opened at this window just now.")
ONE_CARD = says("uq_dosing_card_patient", "The patient was given another card a moment ago.")


class WindowClaim(OfSite, Attributed, Versioned, Model):
    """A patient stands at a window. Kept when it ends: the time between is what a dose took."""

    __tablename__ = "window_claim"
    __table_args__ = (
        sa.Index(
            ONE_CLAIM,
            "site_id",
            "patient_id",
            unique=True,
            sqlite_where=_LIVE_CLAIM,
            postgresql_where=_LIVE_CLAIM,
        ),
        sa.Index(
            ONE_AT_WINDOW,
            "site_id",
            "window",
            unique=True,
            sqlite_where=_LIVE_CLAIM,
            postgresql_where=_LIVE_CLAIM,
        ),
        sa.Index("ix_window_claim_day", "site_id", "service_date"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_how IS NULL)", "ended_somehow"),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= recorded_at", "order"),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    window: Mapped[int]
    service_date: Mapped[date]
    expires_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    ended_how: Mapped[ClaimEnd | None] = mapped_column(EnumText(ClaimEnd))


class WindowCheck(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """What a nurse saw, weighed or scored at the window."""

    __tablename__ = "window_check"
    __table_args__ = (
        sa.Index("ix_window_check_patient", "patient_id", "kind", "occurred_at"),
        sa.CheckConstraint("(kind = 'impairment') = (signs IS NOT NULL)", "screened"),
        sa.CheckConstraint("(kind = 'weight') = (weight_g IS NOT NULL)", "weighed"),
        sa.CheckConstraint("(kind = 'cows') = (score IS NOT NULL)", "scored"),
        sa.CheckConstraint("weight_g BETWEEN 20000 AND 400000", "weight_possible"),
        sa.CheckConstraint("score BETWEEN 0 AND 48", "score_possible"),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    kind: Mapped[CheckKind] = mapped_column(EnumText(CheckKind))
    signs: Mapped[ShortName | None]
    weight_g: Mapped[int | None]
    score: Mapped[int | None]


class LineMark(OfSite, Attributed, AppendOnly, Model):
    """Why a patient goes before others in line, and until when. The last mark counts."""

    __tablename__ = "line_mark"
    __table_args__ = (
        sa.Index("ix_line_mark_patient", "site_id", "patient_id", "recorded_at"),
        sa.CheckConstraint("priority = 'none' OR reason <> ''", "has_reason"),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    priority: Mapped[LinePriority] = mapped_column(EnumText(LinePriority))
    reason: Mapped[ShortName]
    until: Mapped[date | None]


class DosingCard(OfSite, Attributed, Versioned, Model):
    """The card a patient is scanned by: a random code that says nothing of its bearer."""

    __tablename__ = "dosing_card"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "code"),
        sa.Index(
            ONE_CARD,
            "site_id",
            "patient_id",
            unique=True,
            sqlite_where=_LIVE_CARD,
            postgresql_where=_LIVE_CARD,
        ),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    code: Mapped[str] = mapped_column(sa.String(20))
    revoked_at: Mapped[Instant | None]
