"""The day an address names."""

from __future__ import annotations

from datetime import date

from clinic.core.errors import NotFound

EARLIEST = date(1900, 1, 1)
LATEST = date(2199, 12, 31)
"""No page has anything to show beyond these, and date arithmetic stays within the calendar."""


def read_day(text: str | None, *, otherwise: date, until: date = LATEST) -> date:
    """The ISO date in ``text``, or ``otherwise`` when there is none.

    Raises: NotFound when it is no date, or lies outside ``EARLIEST`` and ``until``.
    """
    if not text:
        return otherwise
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotFound("day") from None
    if not EARLIEST <= day <= until:
        raise NotFound("day")
    return day
