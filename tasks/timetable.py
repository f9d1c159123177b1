"""The timetable: one line a job. Each runs once per site and clinic day, whatever the clocks do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta

from clinic.audit import services as audit
from clinic.data.work import Work


@dataclass(frozen=True, slots=True)
class DailyJob:
    """What to do for each clinic day once its moment ``at`` (site's wall clock) has come.

    ``verb`` gets the work and the day. ``looks_back`` bounds what a scheduler that never ran
    before still owes.
    """

    name: str
    at: time
    verb: Callable[[Work, date], object]
    looks_back: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SteadyJob:
    """What to do at every tick, at every site. Safe to repeat by its own nature."""

    name: str
    verb: Callable[[Work], object]


DAILY: tuple[DailyJob, ...] = (DailyJob("audit.seal_left_out", time(3, 0), audit.seal_left_out),)
STEADY = (SteadyJob("audit.seal", audit.seal),)
