"""Labels on their way: queued with their act, sent after it, never doubled by themselves."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import Clash, Forbidden, NotFound, Refused
from clinic.data.db import db
from clinic.data.work import Work
from clinic.hardware import queries, services
from clinic.hardware.facts import PrinterKind, PrintOutcome, PrintResult, PrintStatus
from clinic.hardware.models import PrintJob
from tests import cast
from tests.conftest import WorkAs
from tests.hardware.machines import a_printer

OUT = PrintResult(PrintOutcome.NOTHING_SENT, "The printer says the paper is out.")
MAYBE = PrintResult(PrintOutcome.UNKNOWN, "part of the label may be on paper")
DONE = PrintResult(PrintOutcome.SENT)


def begin(work_as: WorkAs, now: datetime = cast.NOW) -> Callable[[], AbstractContextManager[Work]]:
    return lambda: work_as(cast.ADA, now=now)


def a_label(work_as: WorkAs, *, port: int = 9100, text: str = "^XA^XZ") -> UUID:
    with work_as(cast.ADA) as work:
        known = queries.printer_for(work, window=1)
        if known is None:
            services.add_printer(
                work, name="Zebra", kind=PrinterKind.ZPL, host="127.0.0.1", port=port, window=1
            )
            known = queries.printer_for(work, window=1)
        assert known is not None
    with work_as(cast.NORA) as work:
        return services.queue_label(work, printer=known, what="Bottle TH-1", payload=text)


def send(work_as: WorkAs, *results: PrintResult, now: datetime = cast.NOW) -> list[str]:
    """Send with a printer that answers these, one after the other; what it was sent."""
    answers, sent = iter(results), []

    def printer(_host: str, _port: int, *, payload: str) -> PrintResult:
        sent.append(payload)
        return next(answers)

    services.send_waiting(begin(work_as, now), send=printer)
    return sent


def job() -> PrintJob:
    db.session.rollback()
    return db.session.scalars(sa.select(PrintJob).order_by(PrintJob.recorded_at)).first()  # type: ignore[return-value]


def test_a_label_reaches_a_real_printer_byte_for_byte(work_as: WorkAs) -> None:
    with a_printer() as printer:
        a_label(work_as, port=printer.port, text="^XA^FDJosé^FS^XZ")
        assert services.send_waiting(begin(work_as)) == 1
    assert printer.received == b"~HS\n" + "^XA^FDJosé^FS^XZ".encode()
    assert (job().status, job().attempts) == (PrintStatus.SENT, 1)


def test_paper_out_is_tried_again_later_and_not_at_once(work_as: WorkAs) -> None:
    a_label(work_as)
    assert len(send(work_as, OUT)) == 1
    assert (job().status, job().reason) == (PrintStatus.QUEUED, OUT.reason)
    assert send(work_as, DONE) == []
    assert len(send(work_as, DONE, now=cast.NOW + timedelta(seconds=15))) == 1
    assert job().status is PrintStatus.SENT


def test_after_so_many_tries_it_is_somebodys_task(work_as: WorkAs) -> None:
    a_label(work_as)
    for n in range(25):
        send(work_as, OUT, now=cast.NOW + timedelta(seconds=15 * n))
    assert (job().status, job().attempts) == (PrintStatus.FAILED, 20)


def test_a_label_that_may_be_on_paper_is_printed_again_only_by_a_person(work_as: WorkAs) -> None:
    job_id = a_label(work_as)
    send(work_as, MAYBE)
    assert job().status is PrintStatus.FAILED
    assert send(work_as, DONE, now=cast.NOW + timedelta(hours=1)) == []

    with work_as(cast.NORA) as work:
        again = services.reprint(work, job_id=job_id)
    assert send(work_as, DONE) == ["^XA^XZ"]
    assert db.session.get_one(PrintJob, again).reprint_of == job_id


def test_a_program_that_died_while_sending_leaves_the_label_to_a_person(work_as: WorkAs) -> None:
    a_label(work_as)

    def dies(_host: str, _port: int, *, payload: str) -> PrintResult:
        raise KeyboardInterrupt(payload)

    with pytest.raises(KeyboardInterrupt):
        services.send_waiting(begin(work_as), send=dies)
    assert job().status is PrintStatus.SENDING
    assert send(work_as, DONE) == []
    assert send(work_as, DONE, now=cast.NOW + timedelta(minutes=2)) == []
    assert job().status is PrintStatus.FAILED
    assert "look whether it is on paper" in job().reason


def test_two_senders_at_once_send_one_label_once(work_as: WorkAs) -> None:
    a_label(work_as)
    sent = []

    def slow(_host: str, _port: int, *, payload: str) -> PrintResult:
        sent.append(payload)
        assert send(work_as, DONE) == []  # another sender, meanwhile
        return DONE

    services.send_waiting(begin(work_as), send=slow)
    assert sent == ["^XA^XZ"]


def test_a_label_still_on_its_way_is_not_printed_twice(work_as: WorkAs) -> None:
    job_id = a_label(work_as)
    with pytest.raises(Refused, match="still on its way"), work_as(cast.NORA) as work:
        services.reprint(work, job_id=job_id)
    with pytest.raises(NotFound), work_as(cast.OLGA) as work:
        services.reprint(work, job_id=job_id)


def test_an_act_that_fails_prints_nothing(work_as: WorkAs) -> None:
    a_label(work_as)
    send(work_as, DONE)
    with work_as(cast.NORA) as work:
        printer = queries.printer_for(work, window=1)
    assert printer is not None

    def fails() -> None:
        with work_as(cast.NORA) as work:
            services.queue_label(work, printer=printer, what="x", payload="^XA never ^XZ")
            raise Refused("the act")

    with pytest.raises(Refused):
        fails()
    assert send(work_as, DONE) == []


def test_machines_are_the_administrators_and_named_once(work_as: WorkAs) -> None:
    with pytest.raises(Forbidden), work_as(cast.NORA) as work:
        services.add_pump(work, name="P", window=1, address="/dev/ttyUSB0")
    with pytest.raises(Refused, match="serial port"), work_as(cast.ADA) as work:
        services.add_pump(work, name="P", window=1, address="spy:///dev/x?file=/etc/y")
    with work_as(cast.ADA) as work:
        services.add_pump(work, name="P", window=1, address="/dev/ttyUSB0")
    with pytest.raises(Clash, match="stands at this window"), work_as(cast.ADA) as work:
        services.add_pump(work, name="Q", window=1, address="/dev/ttyUSB1")
    with pytest.raises(Refused, match="network"), work_as(cast.ADA) as work:
        services.add_printer(work, name="Z", kind=PrinterKind.ZPL)


def test_a_window_without_a_printer_uses_the_one_for_all(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        services.add_printer(work, name="All", kind=PrinterKind.PDF)
        own = services.add_printer(work, name="Own", kind=PrinterKind.PDF, window=2)
        names = [queries.printer_for(work, window=n) for n in (1, 2)]
        services.set_printer_in_use(work, printer_id=own, in_use=False)
        after = queries.printer_for(work, window=2)
    assert [one.name for one in names if one] == ["All", "Own"]
    assert after is not None
    assert after.name == "All"
