"""Dates from a pattern; instants that keep the wall time over every clock change."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.errors import Refused
from clinic.core.service_dates import SiteClock
from clinic.scheduling.facts import OpenDays, Visit
from clinic.scheduling.rules.occurrences import ending_in_time, occurrences, weekly_dates
from tests import cast

WEEKDAYS = range(5)
ZONES = ["America/New_York", "America/Los_Angeles", "America/Phoenix", "Pacific/Honolulu"]


def clock(zone: str) -> SiteClock:
    return SiteClock(cast.NORTH.id, cast.ORGANIZATION, zone)


def always_open(_day: date) -> bool:
    return True


def test_five_a_week_for_six_weeks_lose_the_two_holidays_when_the_end_is_fixed() -> None:
    holidays = {date(2025, 11, 11), date(2025, 11, 27)}

    found = weekly_dates(
        date(2025, 10, 20),
        weekdays=WEEKDAYS,
        is_open=lambda day: day not in holidays,
        until=date(2025, 11, 29),
    )

    assert (len(found.dates), found.dates[-1]) == (28, date(2025, 11, 28))
    assert found.skipped == (date(2025, 11, 11), date(2025, 11, 27))


def test_the_count_is_kept_and_what_was_skipped_comes_at_the_end() -> None:
    found = weekly_dates(
        date(2026, 3, 3),
        weekdays=[1, 3],
        is_open=lambda day: day != date(2026, 3, 5),
        sessions=3,
    )

    assert found.dates == (date(2026, 3, 3), date(2026, 3, 10), date(2026, 3, 12))
    assert found.skipped == (date(2026, 3, 5),)


def test_every_other_week_counts_weeks_from_monday() -> None:
    found = weekly_dates(
        date(2026, 3, 5), weekdays=[0, 3], is_open=always_open, sessions=3, every_weeks=2
    )

    assert found.dates == (date(2026, 3, 5), date(2026, 3, 16), date(2026, 3, 19))


@pytest.mark.parametrize(
    ("weekdays", "sessions", "until"),
    [([], 3, None), ([0], None, None), ([0], 3, date(2026, 4, 1))],
)
def test_a_pattern_without_days_or_end_is_refused(
    weekdays: list[int], sessions: int | None, until: date | None
) -> None:
    with pytest.raises(Refused):
        weekly_dates(
            date(2026, 3, 3),
            weekdays=weekdays,
            is_open=always_open,
            sessions=sessions,
            until=until,
        )


def test_a_site_that_never_opens_ends_the_search() -> None:
    with pytest.raises(Refused, match="do not fit"):
        weekly_dates(date(2026, 3, 3), weekdays=[1], is_open=lambda _day: False, sessions=1)


def test_nine_o_clock_stays_nine_o_clock_in_spring_and_autumn() -> None:
    days = [date(2026, 3, 6), date(2026, 3, 9), date(2026, 10, 30), date(2026, 11, 2)]

    found = occurrences([Visit(day, 60) for day in days], wall_time=time(9, 0), clock=cast.NORTH)

    assert [each.period.starts_at.isoformat() for each in found] == [
        "2026-03-06T14:00:00+00:00",
        "2026-03-09T13:00:00+00:00",
        "2026-10-30T13:00:00+00:00",
        "2026-11-02T14:00:00+00:00",
    ]


def test_a_session_over_the_change_lasts_its_minutes() -> None:
    [found] = occurrences([Visit(date(2026, 11, 1), 120)], wall_time=time(0, 30), clock=cast.NORTH)

    assert found.period.length == timedelta(minutes=120)
    assert cast.NORTH.local(found.period.ends_at).time() == time(1, 30)


@pytest.mark.parametrize(
    ("on", "minutes", "begins"),
    [
        (date(2026, 4, 11), 420, time(11, 0)),
        (date(2026, 4, 11), 180, None),
        (date(2026, 4, 11), 800, None),
        (date(2026, 4, 12), 420, None),
    ],
)
def test_what_would_outlast_the_day_begins_earlier(
    on: date, minutes: int, begins: time | None
) -> None:
    open_days = OpenDays({day: (time(5, 30), time(18, 0)) for day in range(6)})

    found = ending_in_time(Visit(on, minutes), wall_time=time(15, 0), open_days=open_days)

    assert found.at == begins


@given(
    first=st.dates(date(2024, 1, 1), date(2036, 12, 31)),
    sessions=st.integers(1, 30),
    weekdays=st.sets(st.integers(0, 6), min_size=1),
    closed=st.sets(st.integers(0, 60), max_size=20),
    every_weeks=st.integers(1, 3),
)
def test_a_pattern_keeps_its_count_and_its_days(
    first: date, sessions: int, weekdays: set[int], closed: set[int], every_weeks: int
) -> None:
    shut = {first + timedelta(days=offset) for offset in closed}

    found = weekly_dates(
        first,
        weekdays=weekdays,
        is_open=lambda day: day not in shut,
        sessions=sessions,
        every_weeks=every_weeks,
    )

    assert len(found.dates) == sessions
    assert len(set(found.dates)) == sessions
    assert not shut & set(found.dates)
    assert set(found.skipped) <= shut
    assert {day.weekday() for day in found.dates} <= weekdays
    assert list(found.dates) == sorted(found.dates)


@given(
    zone=st.sampled_from(ZONES),
    first=st.dates(date(2024, 1, 1), date(2036, 12, 31)),
    minute=st.integers(5 * 60, 22 * 60),
    minutes=st.integers(5, 480),
)
def test_a_year_of_days_keeps_its_wall_time_and_never_doubles(
    zone: str, first: date, minute: int, minutes: int
) -> None:
    wall_time = time(minute // 60, minute % 60)
    days = [first + timedelta(days=7 * week) for week in range(53)]

    found = occurrences(
        [Visit(day, minutes) for day in [*days, *days[:5]]], wall_time=wall_time, clock=clock(zone)
    )

    assert [each.on for each in found] == days
    local = [clock(zone).local(each.period.starts_at) for each in found]
    assert {moment.time() for moment in local} == {wall_time}
    assert [moment.date() for moment in local] == days
    assert {each.period.length for each in found} == {timedelta(minutes=minutes)}
