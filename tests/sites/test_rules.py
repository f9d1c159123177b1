from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.core.errors import Refused
from clinic.sites.rules import (
    is_observed_federal_holiday,
    next_business_day,
    observed_federal_holidays,
)

# 5 U.S.C. 6103, written out by hand from the calendars of these years.
OBSERVED = {
    2022: "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26",
    2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
    2027: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
    2028: "01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25",
}


@pytest.mark.parametrize("year", OBSERVED)
def test_the_observed_federal_holidays_of_a_year(year: int) -> None:
    expected = [date.fromisoformat(f"{year}-{day}") for day in OBSERVED[year].split()]
    assert list(observed_federal_holidays(year)) == expected


@settings(deadline=None)
@given(st.integers(2022, 2099))
def test_a_year_has_eleven_holidays_but_for_a_new_year_moved_over_its_border(year: int) -> None:
    saturday = 5
    moved_out = date(year, 1, 1).weekday() == saturday
    moved_in = date(year + 1, 1, 1).weekday() == saturday
    assert len(observed_federal_holidays(year)) == 11 - moved_out + moved_in


@settings(deadline=None)
@given(st.integers(2022, 2099))
def test_no_holiday_is_observed_on_a_weekend(year: int) -> None:
    assert all(day.weekday() < 5 for day in observed_federal_holidays(year))


def test_the_new_year_of_2028_is_observed_in_2027() -> None:
    assert is_observed_federal_holiday(date(2027, 12, 31))
    assert not is_observed_federal_holiday(date(2028, 1, 3))


@pytest.mark.parametrize("year", [1970, 2101])
def test_a_year_nobody_knows_is_refused_and_not_called_open(year: int) -> None:
    with pytest.raises(Refused):
        observed_federal_holidays(year)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (date(2026, 9, 4), date(2026, 9, 8)),  # Friday before Labor Day
        (date(2026, 11, 25), date(2026, 11, 27)),  # Wednesday before Thanksgiving
        (date(2026, 3, 3), date(2026, 3, 4)),
        (date(2027, 12, 30), date(2028, 1, 3)),  # New Year is observed on Friday the 31st
        (date(2026, 7, 2), date(2026, 7, 6)),
    ],
)
def test_the_next_business_day_skips_weekends_and_holidays(after: date, expected: date) -> None:
    assert next_business_day(after) == expected
