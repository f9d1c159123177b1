"""Labels on their way: queued with the act, taken for sending after it is kept, settled.

A label in the queue is kept whole, so that a reprint is what was printed and nothing newer.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import NotFound, Refused
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.hardware import queries
from clinic.hardware.facts import (
    PrinterFacts,
    PrinterKind,
    PrintOutcome,
    PrintPolicy,
    PrintResult,
    PrintStatus,
    Sending,
)
from clinic.hardware.models import Printer, PrintJob
from clinic.hardware.rules import zpl_test
from clinic.sites import queries as sites

NOBODY_KNOWS = "The program stopped while it was printing: look whether it is on paper."
WHAT_LENGTH_MAX = 200
_POLICY = PrintPolicy()


def queue_label(
    work: Work,
    *,
    printer: PrinterFacts,
    what: str,
    payload: str,
    patient_id: UUID | None = None,
    reprint_of: UUID | None = None,
) -> UUID:
    """Put a label into the queue of a network printer. Nothing is sent in this transaction.

    Raises: Refused when the printer prints through the browser or is out of use.
    """
    if printer.kind is not PrinterKind.ZPL or not printer.is_active:
        raise Refused("This printer takes no labels from here.")
    job = PrintJob(
        id=work.new_id(),
        site_id=work.site.id,
        printer_id=printer.id,
        patient_id=patient_id,
        what=what[:WHAT_LENGTH_MAX],
        payload=payload,
        status=PrintStatus.QUEUED,
        next_try_at=work.now,
        reprint_of=reprint_of,
        **work.attribution,
    )
    work.session.add(job)
    work.session.flush()
    audit.record(
        work,
        action="label.reprint" if reprint_of else "label.print",
        subject=what[:WHAT_LENGTH_MAX],
        patient_id=patient_id,
        detail={"printer": printer.name, "job": str(job.id)},
    )
    return job.id


def reprint(work: Work, *, job_id: UUID) -> UUID:
    """Queue a settled label once more, as it was; the earlier one stays as it is.

    Raises: NotFound; Refused while it is still on its way.
    """
    job = work.session.scalar(
        sa.select(PrintJob).where(PrintJob.site_id == work.site.id, PrintJob.id == job_id)
    )
    if job is None:
        raise NotFound("label")
    if job.status in {PrintStatus.QUEUED, PrintStatus.SENDING}:
        raise Refused("This label is still on its way.")
    return queue_label(
        work,
        printer=queries.printer(work, printer_id=job.printer_id),
        what=job.what,
        payload=job.payload,
        patient_id=job.patient_id,
        reprint_of=job.id,
    )


def print_test(work: Work, *, printer_id: UUID) -> UUID:
    """Queue a label that shows the edges and a code for the scanner.

    Raises: NotFound; Refused.
    """
    work.actor.require(Permission.MANAGE_SITE)
    printer = queries.printer(work, printer_id=printer_id)
    payload = zpl_test(printer.name, size=printer.size, dpi=printer.dpi)
    return queue_label(work, printer=printer, what="Test label", payload=payload)


def take_waiting(work: Work) -> Sending | None:
    """Take the oldest label that is due, so that nobody else sends it; None when none is.

    A label taken long ago by a program that died is given up: it may be on paper.
    """
    policy = sites.policy(work, _POLICY, of="printing", on=work.service_date)
    forgotten = work.now - timedelta(seconds=policy.sending_seconds_max)
    work.session.execute(
        sa.update(PrintJob)
        .where(
            PrintJob.site_id == work.site.id,
            PrintJob.status == PrintStatus.SENDING,
            PrintJob.taken_at < forgotten,
        )
        .values(status=PrintStatus.FAILED, reason=NOBODY_KNOWS, finished_at=work.now)
    )
    oldest = (
        sa.select(PrintJob.id)
        .where(
            PrintJob.site_id == work.site.id,
            PrintJob.status == PrintStatus.QUEUED,
            PrintJob.next_try_at <= work.now,
        )
        .order_by(PrintJob.next_try_at, PrintJob.id)
        .limit(1)
        .scalar_subquery()
    )
    taken = work.session.execute(
        sa.update(PrintJob)
        .where(PrintJob.id == oldest, PrintJob.status == PrintStatus.QUEUED)
        .values(status=PrintStatus.SENDING, taken_at=work.now, attempts=PrintJob.attempts + 1)
        .returning(PrintJob.id, PrintJob.printer_id, PrintJob.payload)
    ).first()
    if taken is None:
        return None
    host, port = work.session.execute(
        sa.select(Printer.host, Printer.port).where(Printer.id == taken.printer_id)
    ).one()
    return Sending(taken.id, host, port, taken.payload)


def settle(work: Work, *, job_id: UUID, result: PrintResult) -> None:
    """Write down what became of a label that was taken.

    What left nothing behind is tried again, so often as the site's policy says; what may be on
    paper is never sent again by itself.
    """
    job = work.session.scalar(
        sa.select(PrintJob).where(
            PrintJob.site_id == work.site.id,
            PrintJob.id == job_id,
            PrintJob.status == PrintStatus.SENDING,
        )
    )
    if job is None:
        return
    policy = sites.policy(work, _POLICY, of="printing", on=work.service_date)
    job.reason = result.reason
    if result.outcome is PrintOutcome.SENT:
        job.status, job.finished_at = PrintStatus.SENT, work.now
    elif result.outcome is PrintOutcome.NOTHING_SENT and job.attempts < policy.attempts_max:
        job.status = PrintStatus.QUEUED
        job.next_try_at = work.now + timedelta(seconds=policy.retry_seconds)
    else:
        job.status, job.finished_at = PrintStatus.FAILED, work.now
