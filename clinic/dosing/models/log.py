"""Signatures under a day's dispensing log, and corrections beside its lines."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.append_only import AppendOnly
from clinic.data.columns import Attributed, Id, OfSite, OnServiceDay, ShortName, Word
from clinic.data.db import Model
from clinic.data.walls import says

ONE_SIGNATURE = says(
    "uq_log_signature_site_id_log_day_recorded_by_lines", "You have signed this log already."
)


class LogSignature(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """One dispenser's initials under a day's log, and how many lines of theirs it then had."""

    __tablename__ = "log_signature"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "log_day", "recorded_by", "lines"),
        sa.CheckConstraint("lines > 0", "something_to_sign"),
    )

    id: Mapped[Id]
    log_day: Mapped[date]
    initials: Mapped[Word]
    lines: Mapped[int]


class LogCorrection(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """A second entry that names a line of the log and says what should stand there, and why."""

    __tablename__ = "log_correction"
    __table_args__ = (
        sa.Index("ix_log_correction_day", "site_id", "log_day"),
        sa.CheckConstraint("reason <> '' AND reads <> ''", "says_why"),
    )

    id: Mapped[Id]
    log_day: Mapped[date]
    line_id: Mapped[UUID] = mapped_column(sa.Uuid)
    field: Mapped[Word]
    reads: Mapped[ShortName]
    reason: Mapped[ShortName]
