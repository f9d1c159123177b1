"""Which clinic day an instant belongs to. Jobs over the clock changes: tests/tasks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from uuid import UUID

import pytest

from clinic.core.service_dates import SiteClock

MIDNIGHT = SiteClock(UUID(int=1), UUID(int=2), "America/New_York")
FOUR = SiteClock(UUID(int=1), UUID(int=2), "America/New_York", time(4, 0))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("clock", "instant", "day"),
    [
        (MIDNIGHT, "2026-03-03 04:59:59", date(2026, 3, 2)),
        (MIDNIGHT, "2026-03-03 05:00", date(2026, 3, 3)),
        (FOUR, "2026-03-03 08:59:59", date(2026, 3, 2)),
        (FOUR, "2026-03-03 09:00", date(2026, 3, 3)),
        (FOUR, "2026-11-01 05:30", date(2026, 10, 31)),  # 01:30, first time round
        (FOUR, "2026-11-01 06:30", date(2026, 10, 31)),  # 01:30, second time round
        (MIDNIGHT, "2028-02-29 17:00", date(2028, 2, 29)),
        (MIDNIGHT, "2027-01-01 04:59", date(2026, 12, 31)),
    ],
)
def test_a_dose_belongs_to_the_clinic_day_it_was_given_on(
    clock: SiteClock, instant: str, day: date
) -> None:
    assert clock.service_date(utc(instant)) == day


def test_of_two_doses_at_half_past_one_the_order_is_that_of_the_instants() -> None:
    first, second = utc("2026-11-01 05:30"), utc("2026-11-01 06:30")
    assert f"{MIDNIGHT.local(first):%H:%M}" == f"{MIDNIGHT.local(second):%H:%M}" == "01:30"
    assert MIDNIGHT.local(first).astimezone(UTC) < MIDNIGHT.local(second).astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 7), 24), (date(2026, 3, 8), 23), (date(2026, 11, 1), 25)],
)
def test_a_clinic_day_is_as_long_as_the_clocks_make_it(day: date, hours: int) -> None:
    length = MIDNIGHT.day_start(date.fromordinal(day.toordinal() + 1)) - MIDNIGHT.day_start(day)
    assert length.total_seconds() == hours * 3600


def test_a_day_s_first_instant_belongs_to_it() -> None:
    for clock in (MIDNIGHT, FOUR):
        for number in range(730_000, 730_400):
            day = date.fromordinal(number)
            assert clock.service_date(clock.day_start(day)) == day
