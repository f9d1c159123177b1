"""Arithmetic on calendar dates that a timedelta cannot do."""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, date

MONTHS_A_YEAR = 12


def months_after(day: date, *, months: int) -> date:
    """The same day of a later month; a day that month lacks becomes its last day.

    Raises: OverflowError beyond the year 9999.
    """
    year, month_index = divmod(day.year * MONTHS_A_YEAR + day.month - 1 + months, MONTHS_A_YEAR)
    if not MINYEAR <= year <= MAXYEAR:
        raise OverflowError(f"{months} months after {day} is not on the calendar")
    month = month_index + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def is_weekend(day: date) -> bool:
    saturday = 5
    return day.weekday() >= saturday
