"""A label printer on the network: raw ZPL to its port, and what it says of itself.

Source: Zebra ZPL II programming guide, ~HS (host status): paper out, pause, head open, ribbon.
"""

from __future__ import annotations

import socket
import time

from clinic.hardware.facts import PrintOutcome, PrintResult

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 1.0
SEND_SECONDS = 5.0
_STATUS_LINES = 3
_ETX = b"\x03"
_FIRST = {1: "the paper is out", 2: "it is paused"}
_SECOND = {2: "its head is open", 3: "the ribbon is out"}
NOT_REACHED = "The printer does not answer at its address."
DROPPED = "The printer dropped the connection: part of the label may be on paper."


def send_zpl(
    host: str,
    port: int,
    *,
    payload: str,
    connect_seconds: float = CONNECT_SECONDS,
    answer_seconds: float = ANSWER_SECONDS,
    send_seconds: float = SEND_SECONDS,
) -> PrintResult:
    """Print the payload; what is known afterwards.

    A printer that says it is out of paper gets nothing. One that never speaks is printed to all
    the same: many only listen.
    """
    try:
        connection = socket.create_connection((host, port), timeout=connect_seconds)
    except OSError:
        return PrintResult(PrintOutcome.NOTHING_SENT, NOT_REACHED)
    with connection:
        try:
            trouble = _trouble(connection, answer_seconds)
        except OSError:
            return PrintResult(PrintOutcome.NOTHING_SENT, NOT_REACHED)
        if trouble:
            return PrintResult(PrintOutcome.NOTHING_SENT, f"The printer says {trouble}.")
        return _print(connection, payload, send_seconds, answer_seconds)


def _print(
    connection: socket.socket, payload: str, send_seconds: float, answer_seconds: float
) -> PrintResult:
    try:
        connection.settimeout(send_seconds)
        connection.sendall(payload.encode())
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(answer_seconds)
        while connection.recv(1024):
            pass
    except TimeoutError:
        if connection.gettimeout() == answer_seconds:
            return PrintResult(PrintOutcome.SENT)  # all of it left us; it just keeps the line open
        return PrintResult(PrintOutcome.UNKNOWN, "The printer stopped taking the label.")
    except OSError:
        return PrintResult(PrintOutcome.UNKNOWN, DROPPED)
    return PrintResult(PrintOutcome.SENT)


def _trouble(connection: socket.socket, seconds: float) -> str | None:
    """What the printer says hinders it, if it says anything."""
    connection.settimeout(seconds)
    connection.sendall(b"~HS\n")
    said, until = b"", time.monotonic() + seconds
    while said.count(_ETX) < _STATUS_LINES and time.monotonic() < until:
        try:
            part = connection.recv(1024)
        except TimeoutError:
            break
        if not part:
            raise ConnectionResetError
        said += part
    lines = [line.strip(b"\x02\r\n").decode("ascii", "replace") for line in said.split(_ETX)]
    for line, meanings in zip(lines, (_FIRST, _SECOND), strict=False):
        fields = line.split(",")
        for index, meaning in meanings.items():
            if len(fields) > index and fields[index] == "1":
                return meaning
    return None
