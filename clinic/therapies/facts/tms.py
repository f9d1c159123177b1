"""Words of a course of transcranial magnetic stimulation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

_MONDAY, _TUESDAY, _WEDNESDAY, _THURSDAY, _FRIDAY = range(5)


class HolidayCalendar(StrEnum):
    """Which holidays close the treatment room."""

    US_FEDERAL = "us_federal"
    NONE = "none"


class TmsTaper(StrEnum):
    """How the sessions thin out after the acute phase."""

    THREE_TWO_ONE = "3_2_1"
    NONE = "none"

    @property
    def weeks(self) -> tuple[tuple[int, ...], ...]:
        """The weekdays of each taper week; Monday is 0."""
        if self is TmsTaper.NONE:
            return ()
        return ((_MONDAY, _WEDNESDAY, _FRIDAY), (_TUESDAY, _THURSDAY), (_WEDNESDAY,))


@dataclass(frozen=True, slots=True)
class TmsCourse:
    """Every session date of a course, both phases in order."""

    acute_dates: tuple[date, ...]
    taper_dates: tuple[date, ...]

    @property
    def session_count(self) -> int:
        return len(self.acute_dates) + len(self.taper_dates)
