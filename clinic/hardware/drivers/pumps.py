"""The dispensing pump: prime, pour, ask, return.

Our own small protocol, documented in docs/decisions/0022: a payload is ``<sequence> <verb> ...``
and its answer ``<same sequence> OK ...``, ``NO <why>``. A pour carries an id: asked for the same
id again, a pump pours nothing and repeats what it poured.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Protocol
from uuid import UUID

from clinic.hardware.drivers.frames import FrameReader, framed
from clinic.hardware.drivers.lines import Line, open_line
from clinic.hardware.facts import PumpRefused, PumpSilent, PumpState, PumpStatus

ANSWER_SECONDS = 2.0
POUR_SECONDS = 20.0
ASKS_AGAIN = 2
_NONE = "NONE"
_POURING = "POURING"
_RESULT_FIELDS = 2


class Pump(Protocol):
    """What the window needs of any pump. Units: microlitres.

    Raises: PumpRefused when nothing came out; PumpSilent when nobody can say.
    """

    def status(self) -> PumpStatus: ...

    def prime(self, volume_ul: int) -> int: ...

    def dispense(self, volume_ul: int, request_id: UUID) -> int: ...

    def result_of(self, request_id: UUID) -> int | None: ...

    def return_to_stock(self, volume_ul: int, request_id: UUID) -> int: ...


class PumpLine:
    """A pump at the other end of an open serial line or socket."""

    def __init__(
        self,
        line: Line,
        *,
        answer_seconds: float = ANSWER_SECONDS,
        pour_seconds: float = POUR_SECONDS,
    ) -> None:
        self._line = line
        self._reader = FrameReader()
        self._sequence = count(1)
        self.answer_seconds = answer_seconds
        self.pour_seconds = pour_seconds

    def status(self) -> PumpStatus:
        """Whether it is ready."""
        state, _, detail = self._ask("STATUS").partition(" ")
        if state not in set(PumpState):
            raise PumpSilent(f"the pump's state cannot be read: {state[:40]}")
        return PumpStatus(PumpState(state), detail)

    def prime(self, volume_ul: int) -> int:
        """Fill the line into the waste cup; what came out."""
        return self._volume(self._ask(f"PRIME {volume_ul}", seconds=self.pour_seconds))

    def dispense(self, volume_ul: int, request_id: UUID) -> int:
        """Pour once for this id; what came out.

        A lost answer is asked for again: the pump knows the id and does not pour twice.
        """
        try:
            return self._volume(
                self._ask(f"POUR {volume_ul} {request_id.hex}", seconds=self.pour_seconds)
            )
        except PumpSilent:
            poured = self._recovered(request_id)
            if poured is None:
                raise
            return poured

    def result_of(self, request_id: UUID) -> int | None:
        """What this id poured; None when the pump never heard of it.

        Raises: PumpSilent while it still pours.
        """
        answer = self._ask(f"LAST {request_id.hex}")
        if answer == _NONE:
            return None
        if answer == _POURING:
            raise PumpSilent("the pump is still pouring")
        told, _, volume = answer.partition(" ")
        if told != request_id.hex:
            raise PumpSilent("the pump spoke of another pour")
        return self._volume(volume)

    def return_to_stock(self, volume_ul: int, request_id: UUID) -> int:
        """Draw what is in the cup back into the bottle; what went back."""
        return self._volume(
            self._ask(f"RETURN {volume_ul} {request_id.hex}", seconds=self.pour_seconds)
        )

    def _recovered(self, request_id: UUID) -> int | None:
        for _ in range(ASKS_AGAIN):
            try:
                return self.result_of(request_id)
            except PumpSilent:
                continue
        return None

    def _ask(self, question: str, *, seconds: float | None = None) -> str:
        """The answer to this question; older answers and noise are skipped."""
        sequence = str(next(self._sequence))
        until = time.monotonic() + (seconds or self.answer_seconds)
        try:
            self._line.write(framed(f"{sequence} {question}"))
            while time.monotonic() < until:
                for payload in self._reader.feed(self._line.read(256)):
                    told, _, answer = payload.partition(" ")
                    if told == sequence:
                        return self._granted(answer)
        except OSError as error:
            raise PumpSilent("the line to the pump broke") from error
        raise PumpSilent("the pump did not answer")

    def _granted(self, answer: str) -> str:
        word, _, rest = answer.partition(" ")
        if word == "NO":
            raise PumpRefused(rest or "the pump refused")
        if word != "OK":
            raise PumpSilent(f"the pump's answer cannot be read: {word[:40]}")
        return rest

    def _volume(self, text: str) -> int:
        if not text.isdecimal():
            raise PumpSilent("the pump named no volume")
        return int(text)


@contextmanager
def pump_at(
    address: str,
    *,
    answer_seconds: float = ANSWER_SECONDS,
    pour_seconds: float = POUR_SECONDS,
) -> Iterator[PumpLine]:
    """The pump at a serial port or ``socket://host:port``, for as long as the block lasts.

    Raises: PumpRefused when the line cannot be opened: nothing was asked of the pump.
    """
    try:
        line = open_line(address)
    except (OSError, ValueError) as error:
        raise PumpRefused("the pump cannot be reached at its address") from error
    try:
        yield PumpLine(line, answer_seconds=answer_seconds, pour_seconds=pour_seconds)
    finally:
        line.close()
