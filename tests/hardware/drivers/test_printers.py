from __future__ import annotations

import socket

import pytest

from clinic.hardware.drivers import send_zpl
from clinic.hardware.facts import PrintOutcome, PrintResult
from tests.hardware.machines import HEAD_OPEN, PAPER_OUT, READY, PrinterServer, a_printer

LABEL = "^XA^FO20,20^FDTake on Monday^FS^XZ\n"


def send(printer: PrinterServer, label: str = LABEL) -> PrintResult:
    return send_zpl(
        "127.0.0.1",
        printer.port,
        payload=label,
        connect_seconds=0.5,
        answer_seconds=0.2,
        send_seconds=0.3,
    )


def test_a_ready_printer_gets_every_byte() -> None:
    with a_printer(answer=READY) as printer:
        assert send(printer).outcome is PrintOutcome.SENT
    assert printer.received == b"~HS\n" + LABEL.encode()


def test_a_printer_that_only_listens_prints_all_the_same() -> None:
    with a_printer() as printer:
        assert send(printer).outcome is PrintOutcome.SENT
    assert printer.received.endswith(LABEL.encode())


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (PAPER_OUT, "The printer says the paper is out."),
        (HEAD_OPEN, "The printer says its head is open."),
    ],
)
def test_a_printer_in_trouble_gets_nothing_and_says_why(answer: bytes, reason: str) -> None:
    with a_printer(answer=answer) as printer:
        assert send(printer) == PrintResult(PrintOutcome.NOTHING_SENT, reason)
    assert printer.received == b"~HS\n"


def test_nobody_at_the_address_is_safe_to_try_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    result = send_zpl("127.0.0.1", port, payload=LABEL, connect_seconds=0.3)
    assert result.outcome is PrintOutcome.NOTHING_SENT


def test_a_printer_that_hangs_up_at_once_got_nothing() -> None:
    with a_printer(hangs_up="at once") as printer:
        assert send(printer).outcome is PrintOutcome.NOTHING_SENT
    assert printer.received == b""


def test_a_printer_that_hangs_up_in_the_label_may_have_printed_part_of_it() -> None:
    with a_printer(answer=READY, hangs_up="in the label") as printer:
        result = send(printer, LABEL * 200_000)
    assert result.outcome is PrintOutcome.UNKNOWN
    assert "may be on paper" in result.reason


def test_a_printer_that_stops_reading_does_not_hold_us() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        result = send_zpl(
            "127.0.0.1",
            deaf.getsockname()[1],
            payload=LABEL * 400_000,
            connect_seconds=0.3,
            answer_seconds=0.1,
            send_seconds=0.3,
        )
    assert result == PrintResult(PrintOutcome.UNKNOWN, "The printer stopped taking the label.")
