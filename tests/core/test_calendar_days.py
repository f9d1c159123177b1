from __future__ import annotations

from datetime import date

import pytest

from clinic.core.calendar_days import is_weekend, months_after


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 4, 15), 6, date(2026, 10, 15)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2028, 2, 29), 24, date(2030, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 1, 31), -2, date(2025, 11, 30)),
    ],
)
def test_a_day_the_month_lacks_becomes_its_last(day: date, months: int, later: date) -> None:
    assert months_after(day, months=months) == later


@pytest.mark.parametrize(("day", "months"), [(date(9999, 7, 1), 6), (date(1, 1, 1), -1)])
def test_beyond_the_calendar_there_is_no_answer(day: date, months: int) -> None:
    with pytest.raises(OverflowError):
        months_after(day, months=months)


def test_friday_is_no_weekend_and_saturday_and_sunday_are() -> None:
    assert [is_weekend(date(2026, 3, day)) for day in (6, 7, 8, 9)] == [False, True, True, False]
