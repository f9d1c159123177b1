"""A line of bytes to a machine: a serial port, or a socket to one on the network."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Protocol
from urllib.parse import urlsplit

import serial

CONNECT_SECONDS = 2.0
SLICE_SECONDS = 0.05
BAUD = 19200
SOCKET = "socket://"


class Line(Protocol):
    """``read`` gives what has come within a slice of time, perhaps nothing.

    Raises: OSError when the line is broken.
    """

    def read(self, size: int = ..., /) -> bytes: ...

    def write(self, data: bytes, /) -> object: ...

    def close(self) -> None: ...


class SocketLine:
    """A machine behind a socket. The serial library's own leaks when the other end went first."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), timeout=CONNECT_SECONDS)
        self._socket.settimeout(SLICE_SECONDS)

    def read(self, size: int = 256, /) -> bytes:
        try:
            data = self._socket.recv(size)
        except TimeoutError:
            return b""
        if not data:
            raise ConnectionResetError("the other end hung up")
        return data

    def write(self, data: bytes, /) -> object:
        self._socket.sendall(data)
        return len(data)

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def open_line(address: str) -> Line:
    """The line at ``socket://host:port`` or at a serial port.

    Raises: OSError, ValueError when there is none.
    """
    if address.startswith(SOCKET):
        parts = urlsplit(address)
        return SocketLine(parts.hostname or "", parts.port or 0)
    return serial.Serial(address, baudrate=BAUD, timeout=SLICE_SECONDS)
