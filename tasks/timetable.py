"""The timetable: one line a job. Each runs once per site and clinic day, whatever the clocks do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path

from clinic.audit import services as audit
from clinic.census import services as census
from clinic.census.services.runs import forget_reports
from clinic.core.service_dates import ONE_DAY
from clinic.data.work import Work
from clinic.dosing import services as dosing
from clinic.dosing.services.packs import keep_pack
from clinic.hardware import services as hardware
from clinic.rewards import services as rewards
from clinic.stock import services as stock
from tasks.errands import send_reports

Begin = Callable[[], AbstractContextManager[Work]]


@dataclass(frozen=True, slots=True)
class DailyJob:
    """What to do for each clinic day once its moment ``at`` (site's wall clock) has come.

    At a site whose day starts later than ``at``, the moment is the start of its day. ``verb`` gets
    the work and the day. ``looks_back`` bounds what a scheduler that never ran before still owes.
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


@dataclass(frozen=True, slots=True)
class Errand:
    """What to do at every tick, at every site, outside of any transaction: speak to a machine,
    write a file. ``verb`` begins its own pieces of work; it gets the instance folder as well.
    """

    name: str
    verb: Callable[[Begin, Path], object]


def send_labels(begin: Begin, _folder: Path) -> int:
    """Send what waits for a label printer."""
    return hardware.send_waiting(begin)


def write_morning_letters(work: Work, day: date) -> None:
    """The report of the clinic day that has ended, to whoever wants it by mail."""
    census.write_morning_letters(work, service_date=day)


def census_of_the_day_before(work: Work, day: date) -> None:
    """Write down how the clinic day that has just ended stood."""
    census.take_snapshot(work, service_date=day - ONE_DAY)


DAILY = (
    DailyJob("census.snapshot", time(0, 5), census_of_the_day_before),
    DailyJob("dosing.hold_after_misses", time(0, 15), dosing.hold_after_misses),
    DailyJob("dosing.outreach", time(0, 20), dosing.create_outreach_tasks),
    DailyJob("census.forget_runs", time(2, 0), forget_reports),
    DailyJob("audit.seal_left_out", time(3, 0), audit.seal_left_out),
    DailyJob("stock.notice_open_days", time(4, 30), stock.notice_open_days),
    DailyJob("rewards.reconcile", time(3, 30), rewards.reconcile),
    DailyJob("reports.morning", time(6, 0), write_morning_letters, looks_back=timedelta(0)),
)
STEADY = (SteadyJob("audit.seal", audit.seal),)
ERRANDS = (
    Errand("hardware.send_labels", send_labels),
    Errand("dosing.keep_pack", keep_pack),
    Errand("reports.send", send_reports),
)
