"""From a pattern to dates, and from dates to instants: the wall time holds over clock changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final

from clinic.core.errors import Refused
from clinic.core.periods import Period
from clinic.core.service_dates import ONE_DAY, SiteClock
from clinic.scheduling.facts import Occurrence, OpenDays, Recurrence, Visit

HORIZON_DAYS: Final = 730
"""Longest stretch a series is unrolled over. Source: site policy."""

_WEEK_DAYS: Final = 7


def weekly_dates(
    first: date,
    *,
    weekdays: Collection[int],
    is_open: Callable[[date], bool],
    sessions: int | None = None,
    until: date | None = None,
    every_weeks: int = 1,
) -> Recurrence:
    """The chosen weekdays of every so many weeks, from ``first`` on, stepping over closed days.

    With ``sessions`` the count is kept: what a closed day takes away is appended at the end.
    With ``until`` (the first day after) the end is kept and closed days are lost.

    Units: weekdays as ``date.weekday()`` numbers them; weeks begin on Monday.
    Raises: Refused when the pattern never ends or does not fit in two years.
    """
    if not weekdays or (sessions is None) == (until is None):
        raise Refused("Choose weekdays, and either a number of sessions or a last day.")
    monday = first - timedelta(days=first.weekday())
    horizon = first + timedelta(days=HORIZON_DAYS)
    dates: list[date] = []
    skipped: list[date] = []
    day = first
    while day < (until or horizon) and (sessions is None or len(dates) < sessions):
        week = (day - monday).days // _WEEK_DAYS
        if day.weekday() in weekdays and week % every_weeks == 0:
            (dates if is_open(day) else skipped).append(day)
        day += ONE_DAY
    if sessions is not None and len(dates) < sessions:
        raise Refused(f"{sessions} sessions do not fit before {horizon:%d %b %Y}.")
    return Recurrence(tuple(dates), tuple(skipped))


def occurrences(
    visits: Sequence[Visit], *, wall_time: time, clock: SiteClock
) -> tuple[Occurrence, ...]:
    """Each visit as instants at the site's wall time, in order, each day once.

    Invariant: the local starting time is the same before and after a clock change, and a session
    lasts its minutes however the clock is turned meanwhile.
    """
    by_day = {visit.on: visit for visit in sorted(visits, key=lambda visit: visit.on)}
    return tuple(
        Occurrence(
            number,
            day,
            _period(clock, day, visit.at or wall_time, visit.minutes),
            visit.at or wall_time,
        )
        for number, (day, visit) in enumerate(by_day.items(), start=1)
    )


def ending_in_time(visit: Visit, *, wall_time: time, open_days: OpenDays) -> Visit:
    """The visit, begun earlier when it would outlast the day: it then ends as the site closes.

    A day that is closed, or too short for it, is left as it is for the clashes to tell.
    """
    hours = open_days.hours.get(visit.on.weekday())
    if hours is None:
        return visit
    opens, closes = (datetime.combine(visit.on, wall) for wall in hours)
    length = timedelta(minutes=visit.minutes)
    asked = datetime.combine(visit.on, visit.at or wall_time)
    if asked + length <= closes or closes - length < opens:
        return visit
    return replace(visit, at=(closes - length).time())


def _period(clock: SiteClock, day: date, wall_time: time, minutes: int) -> Period:
    starts_at = clock.instant(day, wall_time)
    return Period(starts_at, starts_at + timedelta(minutes=minutes))
