"""The dates of a course of transcranial magnetic stimulation."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, timedelta

from clinic.core.calendar_days import is_weekend
from clinic.core.errors import Refused
from clinic.core.service_dates import ONE_DAY
from clinic.sites.rules import is_observed_federal_holiday
from clinic.therapies.facts import HolidayCalendar, TmsCourse, TmsTaper

TMS_SOURCE = (
    "site policy on the 36-session course of published practice: five sessions a week, then a"
    " taper of 3, 2 and 1 a week"
)

_WEEKDAYS = 5

_IsOpen = Callable[[date], bool]


def plan_tms_course(
    start_date: date,
    *,
    acute_sessions: int,
    taper: TmsTaper,
    holiday_calendar: HolidayCalendar,
    closed_dates: Collection[date] = (),
) -> TmsCourse:
    """One session on each open weekday from the start on, then the taper's weeks.

    Invariant: never two sessions a day, never one on a closed day, and none is dropped.
    Raises: Refused when a taper week has fewer open weekdays than sessions.
    Source: site policy on published practice.
    """
    closed = frozenset(closed_dates)

    def is_open(day: date) -> bool:
        return not (
            is_weekend(day)
            or day in closed
            or (holiday_calendar is HolidayCalendar.US_FEDERAL and is_observed_federal_holiday(day))
        )

    acute_dates = _acute_dates(start_date, sessions=acute_sessions, is_open=is_open)
    last_acute = acute_dates[-1]
    monday = last_acute - timedelta(days=last_acute.weekday())
    taper_dates: list[date] = []
    for weekdays in taper.weeks:
        monday += timedelta(weeks=1)
        taper_dates += _taper_week(monday, weekdays=weekdays, is_open=is_open)
    return TmsCourse(acute_dates=acute_dates, taper_dates=tuple(taper_dates))


def _acute_dates(start_date: date, *, sessions: int, is_open: _IsOpen) -> tuple[date, ...]:
    dates: list[date] = []
    day = start_date
    while len(dates) < sessions:
        if is_open(day):
            dates.append(day)
        day += ONE_DAY
    return tuple(dates)


def _taper_week(monday: date, *, weekdays: tuple[int, ...], is_open: _IsOpen) -> list[date]:
    """The week's sessions in order; a closed day moves forward, or else back, inside its week."""
    open_days = [
        day for offset in range(_WEEKDAYS) if is_open(day := monday + timedelta(days=offset))
    ]
    if len(open_days) < len(weekdays):
        raise Refused(f"The taper week of {monday} has too few open days.")
    wanted = [monday + timedelta(days=weekday) for weekday in weekdays]
    used = {day for day in wanted if day in open_days}
    for day in wanted:
        if day not in used:
            free = [other for other in open_days if other not in used]
            used.add(next((other for other in free if other > day), free[-1]))
    return sorted(used)
