"""The day or the minute an address names."""

from __future__ import annotations

from datetime import UTC, date, datetime

from clinic.core.errors import NotFound
from clinic.core.service_dates import SiteClock

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


def read_instant(text: str, *, site: SiteClock, until: datetime) -> datetime:
    """The ISO instant in ``text``; one without an offset is the site's wall time.

    Raises: NotFound when it is no instant, or lies outside ``EARLIEST`` and ``until``.
    """
    try:
        told = datetime.fromisoformat(text.replace(" ", "+"))
        instant = told.astimezone(UTC) if told.tzinfo else site.instant(told.date(), told.time())
    except (ValueError, OverflowError):
        raise NotFound("instant") from None
    if instant > until or told.date() < EARLIEST:
        raise NotFound("instant")
    return instant
