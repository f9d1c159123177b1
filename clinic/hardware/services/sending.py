"""Send waiting labels: take one in a transaction, print outside of any, settle in another."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from clinic.data.work import Work
from clinic.hardware.drivers import send_zpl
from clinic.hardware.facts import PrintOutcome, PrintResult
from clinic.hardware.services.printing import settle, take_waiting

Begin = Callable[[], AbstractContextManager[Work]]
AT_ONCE_MAX = 50


class Send(Protocol):
    def __call__(self, host: str, port: int, /, *, payload: str) -> PrintResult: ...


def send_waiting(begin: Begin, *, send: Send = send_zpl) -> int:
    """Send what waits, oldest first; how many reached their printer.

    Ends at the first printer that does not take its label: the others have their next turn.
    """
    sent = 0
    for _ in range(AT_ONCE_MAX):
        with begin() as work:
            taken = take_waiting(work)
        if taken is None:
            break
        result = send(taken.host, taken.port, payload=taken.payload)
        with begin() as work:
            settle(work, job_id=taken.job_id, result=result)
        if result.outcome is not PrintOutcome.SENT:
            break
        sent += 1
    return sent
