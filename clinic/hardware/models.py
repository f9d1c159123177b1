"""Printers, the labels waiting for them, and pumps."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.columns import Attributed, Id, Instant, OfSite, ShortName, Text, Versioned, Word
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.data.walls import says
from clinic.hardware.facts import LabelSize, PrinterKind, PrintStatus

PRINTER_NAMED = says("uq_printer_site_id_name", "A printer of this name stands here already.")
PUMP_AT_WINDOW = says("uq_pump_site_id_window", "A pump stands at this window already.")


class Printer(OfSite, Versioned, Model):
    """Where labels come out. ``window`` None: for whoever has no printer of their own."""

    __tablename__ = "printer"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "name", name=PRINTER_NAMED),
        sa.CheckConstraint("port BETWEEN 1 AND 65535", "port"),
        sa.CheckConstraint("kind = 'pdf' OR host <> ''", "zpl_has_a_host"),
    )

    id: Mapped[Id]
    name: Mapped[Word]
    kind: Mapped[PrinterKind] = mapped_column(EnumText(PrinterKind))
    host: Mapped[ShortName] = mapped_column(default="")
    port: Mapped[int] = mapped_column(default=9100)
    dpi: Mapped[int] = mapped_column(default=203)
    size: Mapped[LabelSize] = mapped_column(EnumText(LabelSize))
    window: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(default=True)


class PrintJob(OfSite, Attributed, Model):
    """A label on its way. It is queued with the act it belongs to and sent after that is kept."""

    __tablename__ = "print_job"
    __table_args__ = (
        sa.Index("ix_print_job_waiting", "site_id", "status", "next_try_at"),
        sa.CheckConstraint("status <> 'failed' OR reason <> ''", "failed_says_why"),
    )

    id: Mapped[Id]
    printer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("printer.id"))
    patient_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("patient.id"))
    what: Mapped[ShortName]
    payload: Mapped[Text]
    status: Mapped[PrintStatus] = mapped_column(EnumText(PrintStatus))
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[ShortName] = mapped_column(default="")
    next_try_at: Mapped[Instant]
    taken_at: Mapped[Instant | None]
    finished_at: Mapped[Instant | None]
    reprint_of: Mapped[UUID | None] = mapped_column(sa.ForeignKey("print_job.id"))


class Pump(OfSite, Versioned, Model):
    """The dispensing pump of a window, and the address it answers at."""

    __tablename__ = "pump"
    __table_args__ = (sa.UniqueConstraint("site_id", "window", name=PUMP_AT_WINDOW),)

    id: Mapped[Id]
    name: Mapped[Word]
    window: Mapped[int]
    address: Mapped[ShortName]
    is_active: Mapped[bool] = mapped_column(default=True)
