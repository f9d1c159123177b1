from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.core.errors import Refused
from clinic.sites.rules import is_observed_federal_holiday
from clinic.therapies.facts import HolidayCalendar, TmsCourse, TmsTaper
from clinic.therapies.rules.tms import plan_tms_course


def course(start: date, *, sessions: int = 30, closed: tuple[date, ...] = ()) -> TmsCourse:
    return plan_tms_course(
        start,
        acute_sessions=sessions,
        taper=TmsTaper.THREE_TWO_ONE,
        holiday_calendar=HolidayCalendar.US_FEDERAL,
        closed_dates=closed,
    )


def days(text: str) -> tuple[date, ...]:
    return tuple(date.fromisoformat(day) for day in text.split())


@pytest.mark.parametrize(
    ("start", "numbered", "taper"),
    [
        (
            date(2026, 11, 9),
            {3: date(2026, 11, 12), 30: date(2026, 12, 22)},
            "2026-12-28 2026-12-30 2026-12-31 2027-01-05 2027-01-07 2027-01-13",
        ),
        (
            date(2026, 8, 3),
            {25: date(2026, 9, 4), 26: date(2026, 9, 8), 30: date(2026, 9, 14)},
            "2026-09-21 2026-09-23 2026-09-25 2026-09-29 2026-10-01 2026-10-07",
        ),
        (
            date(2026, 4, 6),
            {30: date(2026, 5, 15)},
            "2026-05-18 2026-05-20 2026-05-22 2026-05-26 2026-05-28 2026-06-03",
        ),
    ],
)
def test_a_course_of_36_goes_around_the_holidays(
    start: date, numbered: dict[int, date], taper: str
) -> None:
    planned = course(start)
    assert {number: planned.acute_dates[number - 1] for number in numbered} == numbered
    assert planned.taper_dates == days(taper)
    assert planned.session_count == 36


@pytest.mark.parametrize(
    ("closed", "taper"),
    [
        ("2026-05-12", "2026-05-04 2026-05-06 2026-05-08 2026-05-13 2026-05-14 2026-05-20"),
        ("2026-05-04", "2026-05-05 2026-05-06 2026-05-08 2026-05-12 2026-05-14 2026-05-20"),
        # Friday has no later day in its week: the latest earlier one that is free.
        ("2026-05-08", "2026-05-04 2026-05-06 2026-05-07 2026-05-12 2026-05-14 2026-05-20"),
        (
            "2026-05-04 2026-05-05",
            "2026-05-06 2026-05-07 2026-05-08 2026-05-12 2026-05-14 2026-05-20",
        ),
        (
            "2026-05-20 2026-05-21 2026-05-22",
            "2026-05-04 2026-05-06 2026-05-08 2026-05-12 2026-05-14 2026-05-19",
        ),
    ],
)
def test_a_closed_taper_day_moves_forward_or_else_back_inside_its_week(
    closed: str, taper: str
) -> None:
    planned = course(date(2026, 4, 6), sessions=20, closed=days(closed))
    assert planned.taper_dates == days(taper)


def test_a_start_on_a_closed_day_waits_for_the_next_open_one() -> None:
    planned = course(date(2026, 9, 5), sessions=1)
    assert planned.acute_dates == (date(2026, 9, 8),)


def test_without_taper_or_holidays_the_course_is_weekdays_alone() -> None:
    planned = plan_tms_course(
        date(2026, 12, 24),
        acute_sessions=3,
        taper=TmsTaper.NONE,
        holiday_calendar=HolidayCalendar.NONE,
    )
    assert planned.acute_dates == days("2026-12-24 2026-12-25 2026-12-28")
    assert planned.taper_dates == ()


def test_a_taper_week_that_is_shut_is_refused_and_no_session_is_dropped() -> None:
    week = days("2026-05-18 2026-05-19 2026-05-20 2026-05-21 2026-05-22")
    with pytest.raises(Refused):
        course(date(2026, 4, 6), sessions=20, closed=week)


@settings(deadline=None)
@given(
    start=st.dates(date(2024, 1, 1), date(2060, 1, 1)),
    sessions=st.integers(1, 60),
    closed_after=st.frozensets(st.integers(0, 120), max_size=12),
)
def test_never_two_a_day_never_on_a_closed_day_and_none_is_dropped(
    start: date, sessions: int, closed_after: frozenset[int]
) -> None:
    closed = tuple(start + timedelta(days=days_later) for days_later in closed_after)
    try:
        planned = course(start, sessions=sessions, closed=closed)
    except Refused:
        return
    dates = planned.acute_dates + planned.taper_dates
    assert list(dates) == sorted(set(dates))
    assert len(dates) == sessions + 6
    assert all(day.weekday() < 5 and day not in closed for day in dates)
    assert not any(is_observed_federal_holiday(day) for day in dates)
    assert dates[0] >= start
