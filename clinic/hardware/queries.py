"""The machines of a site, and the labels on their way."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from clinic.core.errors import NotFound
from clinic.data.work import Work
from clinic.hardware.facts import PrinterFacts, PrintJobFacts, PrintStatus, PumpFacts
from clinic.hardware.models import Printer, PrintJob, Pump

JOBS_SHOWN = 50


def printers(work: Work) -> list[PrinterFacts]:
    """Every printer of the site, those in use first, by name."""
    rows = work.session.scalars(
        sa.select(Printer)
        .where(Printer.site_id == work.site.id)
        .order_by(Printer.is_active.desc(), Printer.name)
    )
    return [_printer(row) for row in rows]


def printer(work: Work, *, printer_id: UUID) -> PrinterFacts:
    """One printer of this site.

    Raises: NotFound.
    """
    row = work.session.scalar(
        sa.select(Printer).where(Printer.site_id == work.site.id, Printer.id == printer_id)
    )
    if row is None:
        raise NotFound("printer")
    return _printer(row)


def printer_for(work: Work, *, window: int) -> PrinterFacts | None:
    """The window's printer, else the one that serves every window; None: print from the browser."""
    row = work.session.scalar(
        sa.select(Printer)
        .where(
            Printer.site_id == work.site.id,
            Printer.is_active,
            sa.or_(Printer.window == window, Printer.window.is_(None)),
        )
        .order_by(Printer.window.is_(None), Printer.name)
        .limit(1)
    )
    return None if row is None else _printer(row)


def jobs(work: Work) -> list[PrintJobFacts]:
    """The latest labels, what failed or waits before what is done."""
    rows = work.session.execute(
        sa.select(PrintJob, Printer.name)
        .join(Printer, Printer.id == PrintJob.printer_id)
        .where(PrintJob.site_id == work.site.id)
        .order_by(
            sa.case((PrintJob.status == PrintStatus.SENT, 1), else_=0),
            PrintJob.recorded_at.desc(),
            PrintJob.id.desc(),
        )
        .limit(JOBS_SHOWN)
    )
    return [
        PrintJobFacts(
            id=row.id,
            what=row.what,
            printer=name,
            status=row.status,
            reason=row.reason,
            attempts=row.attempts,
            recorded_at=row.recorded_at,
            recorded_by=row.recorded_by_name,
            finished_at=row.finished_at,
        )
        for row, name in rows
    ]


def pumps(work: Work) -> list[PumpFacts]:
    """Every pump of the site by window."""
    rows = work.session.scalars(
        sa.select(Pump).where(Pump.site_id == work.site.id).order_by(Pump.window)
    )
    return [_pump(row) for row in rows]


def pump_at_window(work: Work, *, window: int) -> PumpFacts | None:
    """The pump in use at a window, if one is."""
    row = work.session.scalar(
        sa.select(Pump).where(Pump.site_id == work.site.id, Pump.window == window, Pump.is_active)
    )
    return None if row is None else _pump(row)


def pump(work: Work, *, pump_id: UUID) -> PumpFacts:
    """One pump of this site.

    Raises: NotFound.
    """
    row = work.session.scalar(
        sa.select(Pump).where(Pump.site_id == work.site.id, Pump.id == pump_id)
    )
    if row is None:
        raise NotFound("pump")
    return _pump(row)


def _printer(row: Printer) -> PrinterFacts:
    return PrinterFacts(
        id=row.id,
        name=row.name,
        kind=row.kind,
        host=row.host,
        port=row.port,
        dpi=row.dpi,
        size=row.size,
        window=row.window,
        is_active=row.is_active,
        version=row.version,
    )


def _pump(row: Pump) -> PumpFacts:
    return PumpFacts(row.id, row.name, row.window, row.address, row.is_active, row.version)
