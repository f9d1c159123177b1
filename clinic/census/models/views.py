"""Addresses of the census kept under a name, and long reports with their answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.census.facts.runs import ReportStatus
from clinic.data.columns import Attributed, Id, Instant, OfSite, ShortName, Text, Versioned
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.data.walls import says

ONE_NAME = says("uq_saved_view_name", "You already keep a view under this name.")
_KEPT = "removed_at IS NULL"


class SavedView(OfSite, Attributed, Versioned, Model):
    """An address of the census somebody comes back to; everybody at the site if it is shared.

    It holds a question and never an answer: whoever opens it sees what they may.
    """

    __tablename__ = "saved_view"
    __table_args__ = (
        sa.Index(
            ONE_NAME,
            "site_id",
            "owner_id",
            "name",
            unique=True,
            sqlite_where=sa.text(_KEPT),
            postgresql_where=sa.text(_KEPT),
        ),
        sa.CheckConstraint("length(name) > 0", "named"),
        sa.CheckConstraint("address LIKE '/census%'", "of_the_census"),
    )

    id: Mapped[Id]
    owner_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    name: Mapped[ShortName]
    address: Mapped[Text]
    is_shared: Mapped[bool] = mapped_column(default=False)
    removed_at: Mapped[Instant | None]


class ReportRun(OfSite, Attributed, Model):
    """One long report: the question, how far it is, its answer for a day.

    ``beat_at`` is when its process last said that it lives; without a beat nobody works on it.
    ``recorded_by`` asked, and nobody else opens it.
    """

    __tablename__ = "report_run"
    __table_args__ = (
        sa.Index("ix_report_run_owner", "site_id", "recorded_by", "recorded_at"),
        sa.CheckConstraint("percent between 0 and 100", "percent"),
        sa.CheckConstraint("(status = 'done') = (answer IS NOT NULL)", "answered_when_done"),
        sa.CheckConstraint(
            "(status IN ('waiting', 'running')) = (finished_at IS NULL)", "finished"
        ),
    )

    id: Mapped[Id]
    title: Mapped[Text]
    address: Mapped[Text]
    status: Mapped[ReportStatus] = mapped_column(EnumText(ReportStatus))
    holder: Mapped[ShortName]
    percent: Mapped[int] = mapped_column(default=0)
    rows_done: Mapped[int] = mapped_column(default=0)
    beat_at: Mapped[Instant]
    cancel_asked_at: Mapped[Instant | None]
    finished_at: Mapped[Instant | None]
    answer: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
