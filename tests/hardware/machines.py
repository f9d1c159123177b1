"""Machines to test against: they speak bytes over a real socket or terminal, and can misbehave."""

from __future__ import annotations

import os
import pty
import socket
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from clinic.hardware.drivers.frames import FrameReader, framed

READY = (
    b"\x02030,0,0,0566,000,0,0,0,000,0,0,0\x03\r\n"
    b"\x02001,0,0,0,1,2,6,0,00000000,1,000\x03\r\n"
    b"\x021234,0\x03\r\n"
)
PAPER_OUT = READY.replace(b"030,0,0,", b"030,1,0,")
HEAD_OPEN = READY.replace(b"001,0,0,0,", b"001,0,1,0,")


class PrinterServer:
    """Port 9100 of a label printer: keeps every byte it was sent."""

    def __init__(self, *, answer: bytes = b"", hangs_up: str = "") -> None:
        self.answer = answer
        self.hangs_up = hangs_up
        self.received = b""
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._server.accept()
                with line:
                    self._speak(line)

    def _speak(self, line: socket.socket) -> None:
        if self.hangs_up == "at once":
            return
        while part := line.recv(65536):
            self.received += part
            if self.answer and part.startswith(b"~HS"):
                line.sendall(self.answer)
            elif self.hangs_up == "in the label" and b"^XA" in part:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                return

    def close(self) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(5)


@contextmanager
def a_printer(*, answer: bytes = b"", hangs_up: str = "") -> Iterator[PrinterServer]:
    server = PrinterServer(answer=answer, hangs_up=hangs_up)
    try:
        yield server
    finally:
        server.close()


class PumpMachine:
    """The pump of the protocol. ``poured`` is what really came out, by request.

    ``fault`` names how it misbehaves with the next pour:
    silent, deaf (pours nothing), garbage, torn, wrong_crc, lost_answer, hangs_up, refuses, mumbles.
    """

    def __init__(self, *, fault: str = "", off_by_ul: int = 0) -> None:
        self.fault = fault
        self.off_by_ul = off_by_ul
        self.poured: dict[str, int] = {}
        self.pours = 0
        self.returned: dict[str, int] = {}
        self.asked: list[str] = []

    def answers(self, payload: str) -> list[bytes] | None:
        """Bytes to send back, piece by piece; None: hang up."""
        sequence, verb, *rest = payload.split(" ")
        self.asked.append(verb)
        answer = self._answer(verb, rest)
        good = framed(f"{sequence} {answer}")
        fault, self.fault = (self.fault, "") if verb == "POUR" else ("", self.fault)
        spoiled = bytes([*good[:-2], good[-2] ^ 0xFF, good[-1]])
        misbehaviour: dict[str, list[bytes] | None] = {
            "lost_answer": [],
            "silent": [],
            "garbage": [b"\x00\xffnoise\x02\x05zz", good],
            "torn": [good[:4], good[4:]],
            "wrong_crc": [spoiled],
            "hangs_up": None,
            "mumbles": [framed(f"{sequence} OK some")],
        }
        return misbehaviour.get(fault, [good])

    def _answer(self, verb: str, rest: list[str]) -> str:
        if verb == "POUR":
            return self._pour(int(rest[0]), rest[1])
        if verb == "LAST":
            known = self.poured.get(rest[0])
            return "OK NONE" if known is None else f"OK {rest[0]} {known}"
        if verb == "STATUS":
            return "OK ready"
        if verb == "PRIME":
            return f"OK {rest[0]}"
        if verb == "RETURN":
            self.returned[rest[1]] = int(rest[0])
            return f"OK {rest[0]}"
        return "NO unknown verb"

    def _pour(self, volume_ul: int, request: str) -> str:
        if self.fault == "refuses":
            return "NO air in the line"
        if self.fault != "silent" and request not in self.poured:
            self.pours += 1
            self.poured[request] = volume_ul + self.off_by_ul
        return f"OK {self.poured.get(request, 0)}"


def _attend(
    machine: PumpMachine, read: Callable[[], bytes], write: Callable[[bytes], object]
) -> None:
    reader = FrameReader()
    while data := read():
        for payload in reader.feed(data):
            pieces = machine.answers(payload)
            if pieces is None:
                return
            for piece in pieces:
                write(piece)


@contextmanager
def on_socket(machine: PumpMachine) -> Iterator[str]:
    """The machine behind a socket; its address."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                line, _ = server.accept()
                with line, suppress(OSError):
                    _attend(machine, lambda: line.recv(256), line.sendall)  # noqa: B023  # used at once

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"socket://127.0.0.1:{server.getsockname()[1]}"
    finally:
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)


@contextmanager
def on_terminal(machine: PumpMachine) -> Iterator[str]:
    """The machine behind a pseudo terminal, as on a serial port; its address."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)

    def serve() -> None:
        with suppress(OSError):
            _attend(machine, lambda: os.read(ours, 256), lambda data: os.write(ours, data))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield os.ttyname(theirs)
    finally:
        os.close(theirs)
        thread.join(2)
        os.close(ours)
