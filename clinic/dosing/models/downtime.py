"""Doses written on paper while the program was away, and what became of each line."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.append_only import AppendOnly
from clinic.data.columns import Attributed, Id, Json, OfSite, OnServiceDay, ShortName, Word
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.data.walls import says
from clinic.dosing.facts.downtime import PaperOutcome

LINE_ONCE = says(
    "uq_downtime_line_paper",
    "This line of this sheet was entered a moment ago. Look at the sheet again.",
)


class DowntimeBatch(OfSite, Attributed, AppendOnly, Model):
    """One sheet of paper, entered in one go. ``serial`` is written on the sheet."""

    __tablename__ = "downtime_batch"

    id: Mapped[Id]
    service_date: Mapped[date]
    serial: Mapped[Word]
    window: Mapped[int]


class DowntimeLine(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """A line of a sheet: recorded as a dose, or kept as a conflict until somebody settles it."""

    __tablename__ = "downtime_line"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "batch_id", "line"),
        sa.UniqueConstraint(
            "site_id",
            "service_date",
            "patient_id",
            "occurred_at",
            "dose_ug",
            "serial",
            name=LINE_ONCE,
        ),
        sa.CheckConstraint("dose_ug > 0", "dose_positive"),
        sa.CheckConstraint("outcome IN ('recorded', 'conflict')", "outcome"),
        sa.CheckConstraint("outcome <> 'recorded' OR dose_id IS NOT NULL", "recorded_is_a_dose"),
        sa.CheckConstraint("outcome <> 'conflict' OR reason <> ''", "conflict_says_why"),
        sa.CheckConstraint("occurred_at <= recorded_at", "not_in_the_future"),
    )

    id: Mapped[Id]
    batch_id: Mapped[UUID] = mapped_column(sa.ForeignKey("downtime_batch.id"))
    serial: Mapped[Word]
    line: Mapped[int]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    dose_ug: Mapped[int]
    initials: Mapped[Word]
    outcome: Mapped[PaperOutcome] = mapped_column(EnumText(PaperOutcome))
    reason: Mapped[ShortName]
    decision: Mapped[Json]
    dose_id: Mapped[UUID | None] = mapped_column(sa.Uuid)


class DowntimeSettlement(OfSite, Attributed, AppendOnly, Model):
    """A conflict looked into by somebody with a name: recorded after all, or not given."""

    __tablename__ = "downtime_settlement"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "line_id"),
        sa.CheckConstraint("note <> ''", "says_why"),
        sa.CheckConstraint(
            "(outcome = 'settled_given') = (dose_id IS NOT NULL)", "given_is_a_dose"
        ),
    )

    id: Mapped[Id]
    line_id: Mapped[UUID] = mapped_column(sa.ForeignKey("downtime_line.id"))
    outcome: Mapped[PaperOutcome] = mapped_column(EnumText(PaperOutcome))
    note: Mapped[ShortName]
    dose_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
