"""Every job once for every day, over every clock change of thirteen years in ten zones.

The scheduler's walk, with a ledger in memory instead of the database: two schedulers that tick at
irregular instants and see the ledger as it was before the other one's tick.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger

from clinic.core.service_dates import SiteClock, dates_due

ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "Pacific/Guam",
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
)
TIMES = (time(0, 0), time(0, 5), time(0, 30), time(1, 30), time(2, 30))
FIRST, LAST = date(2024, 1, 1), date(2036, 12, 31)
CHANGES = {
    # clock changes from 2024 to 2036: two a year where they are kept
    "America/Phoenix": 0,
    "Pacific/Honolulu": 0,
    "Pacific/Guam": 0,
}
SITE = UUID(int=1)


def days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def changes(zone: ZoneInfo) -> list[date]:
    """Days in whose course the zone's offset changes."""

    def offset(day: date) -> timedelta | None:
        return datetime.combine(day, time(0), tzinfo=zone).utcoffset()

    return [day for day in days(FIRST, LAST) if offset(day) != offset(day + timedelta(days=1))]


@pytest.mark.parametrize("name", ZONES)
def test_the_zones_change_their_clocks_as_often_as_the_law_says(name: str) -> None:
    assert len(changes(ZoneInfo(name))) == CHANGES.get(name, 26)


def ticks(zone: ZoneInfo, chance: random.Random) -> Iterator[datetime]:
    """Instants a scheduler wakes: often around a clock change, else now and then."""
    around = {day + timedelta(days=n) for day in changes(zone) for n in (-1, 0, 1)}
    now = datetime(FIRST.year, 1, 1, 12, tzinfo=UTC)
    end = datetime(LAST.year + 1, 1, 2, tzinfo=UTC)
    while now < end:
        yield now
        often = now.date() in around
        now += timedelta(minutes=chance.randint(7, 75) if often else chance.randint(300, 4000))


def has_shown(zone: ZoneInfo, wanted: datetime, now: datetime) -> bool:
    """Whether a clock on the wall has come to ``wanted``, though it may stand before it again."""
    return any(
        (now - timedelta(minutes=ago)).astimezone(zone).replace(tzinfo=None) >= wanted
        for ago in range(61)
    )


@pytest.mark.parametrize("name", ZONES)
def test_each_job_acts_once_for_each_day_through_every_clock_change(name: str) -> None:
    zone = ZoneInfo(name)
    clock = SiteClock(SITE, SITE, name)
    last = dict.fromkeys(TIMES, FIRST)
    done: Counter[tuple[time, date]] = Counter()
    early = []

    for now in ticks(zone, random.Random(20260308)):  # noqa: S311
        seen = dict(last)
        for _scheduler in ("first", "second"):
            for at in TIMES:
                for day in dates_due(clock, at=at, after=seen[at], now=now):
                    if done[at, day]:
                        continue  # the ledger's claim, which only one scheduler gets
                    assert day == last[at] + timedelta(days=1)
                    done[at, day] += 1
                    last[at] = day
                    if not has_shown(zone, datetime.combine(day, at), now):
                        early.append((at, day, now))

    wanted = {(at, day) for at in TIMES for day in days(FIRST + timedelta(days=1), LAST)}
    assert set(done.values()) == {1}
    assert wanted <= done.keys()
    assert early == []


@pytest.mark.parametrize(
    ("at", "day", "utc"),
    [
        (time(2, 30), date(2026, 3, 8), "2026-03-08 07:30"),  # skipped: 03:30 daylight time
        (time(1, 30), date(2026, 3, 8), "2026-03-08 06:30"),
        (time(0, 5), date(2026, 3, 9), "2026-03-09 04:05"),
        (time(1, 30), date(2026, 11, 1), "2026-11-01 05:30"),  # repeated: its first pass
        (time(2, 30), date(2026, 11, 1), "2026-11-01 07:30"),
    ],
)
def test_the_instant_of_a_job_on_the_days_the_clocks_change(at: time, day: date, utc: str) -> None:
    clock = SiteClock(SITE, SITE, "America/New_York")
    moment = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    yesterday = day - timedelta(days=1)
    second = timedelta(seconds=1)

    assert list(dates_due(clock, at=at, after=yesterday, now=moment)) == [day]
    assert list(dates_due(clock, at=at, after=yesterday, now=moment - second)) == []


def test_three_days_asleep_owe_three_days_in_order() -> None:
    clock = SiteClock(SITE, SITE, "America/Chicago")
    due = dates_due(
        clock, at=time(0, 5), after=date(2026, 3, 6), now=datetime(2026, 3, 9, 15, tzinfo=UTC)
    )
    assert list(due) == [date(2026, 3, 7), date(2026, 3, 8), date(2026, 3, 9)]


def test_a_clock_set_back_owes_nothing() -> None:
    clock = SiteClock(SITE, SITE, "America/Chicago")
    now = datetime(1970, 1, 1, tzinfo=UTC)
    assert list(dates_due(clock, at=time(0, 5), after=date(2026, 3, 6), now=now)) == []


def test_a_cron_trigger_in_the_clinic_s_zone_would_act_twice() -> None:
    """Negative control: what the walk over dates replaces."""
    zone = ZoneInfo("America/New_York")
    trigger = CronTrigger(hour=1, minute=30, timezone=zone)
    fired: Counter[date] = Counter()
    now = datetime(2026, 10, 30, 12, tzinfo=UTC)
    before = None
    for _ in range(5):
        before = trigger.get_next_fire_time(before, now)
        fired[before.astimezone(zone).date()] += 1
        now = before.astimezone(UTC) + timedelta(microseconds=1)

    assert fired[date(2026, 11, 1)] == 2
