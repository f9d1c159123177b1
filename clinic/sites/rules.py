"""Which days the law calls a holiday, and which day comes next for business."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from holidays import country_holidays

from clinic.core.calendar_days import is_weekend
from clinic.core.errors import Refused
from clinic.core.service_dates import ONE_DAY

FEDERAL_HOLIDAY_SOURCE = "5 U.S.C. 6103(a) and (b)"

FIRST_HOLIDAY_YEAR = 1971
"""The Monday holidays moved to Mondays in this year (Pub. L. 90-363)."""

LAST_HOLIDAY_YEAR = 2100
"""The last year the holiday tables cover."""


@lru_cache(maxsize=256)
def observed_federal_holidays(calendar_year: int) -> tuple[date, ...]:
    """The weekdays of the year on which a federal holiday is observed, in order.

    Saturday's holiday is observed on Friday, Sunday's on Monday: the New Year of the next year
    may fall on 31 December of this one.

    Raises: Refused for a year the tables do not cover; no day is silently called open.
    Source: 5 U.S.C. 6103(a) and (b).
    """
    if not FIRST_HOLIDAY_YEAR <= calendar_year <= LAST_HOLIDAY_YEAR:
        raise Refused(f"The federal holidays of {calendar_year} are not known.")
    days = country_holidays("US", years=calendar_year, observed=True)
    return tuple(sorted(day for day in days if day.year == calendar_year and not is_weekend(day)))


def is_observed_federal_holiday(day: date) -> bool:
    """Whether federal offices keep a holiday on this date.

    Raises: Refused for a year the tables do not cover.
    """
    return day in observed_federal_holidays(day.year)


def next_business_day(after: date) -> date:
    """The first later date that is neither a weekend nor an observed federal holiday.

    Raises: Refused for a year the tables do not cover.
    """
    day = after + ONE_DAY
    while is_weekend(day) or is_observed_federal_holiday(day):
        day += ONE_DAY
    return day
