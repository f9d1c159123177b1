"""Frames on the wire to a pump: ``STX, length, payload, CRC, ETX``.

Shape: STX is 02, the length one byte, the payload ASCII, the CRC two bytes, high byte first, over
length and payload; ETX is 03. Bytes between frames are noise and are skipped.
Source: CRC-16/CCITT-FALSE, polynomial 1021, start FFFF; "123456789" gives 29B1.
"""

from __future__ import annotations

import binascii

STX, ETX = 0x02, 0x03
PAYLOAD_MAX = 200
_OVERHEAD = 5


def crc(data: bytes) -> int:
    return binascii.crc_hqx(data, 0xFFFF)


def framed(payload: str) -> bytes:
    """Raises: ValueError when it is too long or not ASCII."""
    body = payload.encode("ascii")
    if len(body) > PAYLOAD_MAX:
        raise ValueError("a frame holds at most 200 bytes")
    checked = bytes([len(body)]) + body
    return bytes([STX]) + checked + crc(checked).to_bytes(2, "big") + bytes([ETX])


class FrameReader:
    """Finds whole, sound frames in whatever arrives, in whatever pieces."""

    def __init__(self) -> None:
        self._waiting = b""

    def feed(self, data: bytes) -> list[str]:
        """The payloads completed by these bytes; a frame that fails its check is noise."""
        self._waiting += data
        found: list[str] = []
        while (start := self._waiting.find(STX)) >= 0:
            self._waiting = self._waiting[start:]
            if len(self._waiting) < 2:  # noqa: PLR2004  # the length has not come yet
                return found
            length = self._waiting[1]
            if length <= PAYLOAD_MAX and len(self._waiting) < length + _OVERHEAD:
                return found
            payload = self._sound(length)
            if payload is None:
                self._waiting = self._waiting[1:]
            else:
                found.append(payload)
                self._waiting = self._waiting[length + _OVERHEAD :]
        self._waiting = b""
        return found

    def _sound(self, length: int) -> str | None:
        if length > PAYLOAD_MAX:
            return None
        checked = self._waiting[1 : length + 2]
        told = int.from_bytes(self._waiting[length + 2 : length + 4], "big")
        if told != crc(checked) or self._waiting[length + 4] != ETX or not checked[1:].isascii():
            return None
        return checked[1:].decode("ascii")
