from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from clinic.core.periods import Days, Period


def at(hour: int) -> datetime:
    return datetime(2026, 3, 3, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [((9, 10), False), ((11, 12), False), ((9, 11), True), ((10, 11), True), ((9, 12), True)],
)
def test_periods_that_only_touch_do_not_overlap(other: tuple[int, int], *, overlaps: bool) -> None:
    period, second = Period(at(10), at(11)), Period(at(other[0]), at(other[1]))
    assert period.overlaps(second) is overlaps
    assert second.overlaps(period) is overlaps
    assert period.length == timedelta(hours=1)


def test_a_period_is_aware_and_ends_after_it_starts() -> None:
    with pytest.raises(ValueError, match="aware"):
        Period(at(10).replace(tzinfo=None), at(11))
    for end in (at(10), at(9)):
        with pytest.raises(ValueError, match="end after it starts"):
            Period(at(10), end)


MONDAY, TUESDAY, WEDNESDAY = (date(2026, 3, day) for day in (2, 3, 4))


def test_the_day_a_run_ends_is_not_in_it() -> None:
    run = Days(MONDAY, WEDNESDAY)
    assert [day in run for day in (MONDAY, TUESDAY, WEDNESDAY)] == [True, True, False]
    assert WEDNESDAY in Days(MONDAY)
    assert MONDAY not in Days(MONDAY, MONDAY)


@pytest.mark.parametrize(
    ("one", "other", "overlaps"),
    [
        (Days(MONDAY), Days(WEDNESDAY), True),
        (Days(MONDAY, TUESDAY), Days(TUESDAY), False),
        (Days(MONDAY, WEDNESDAY), Days(TUESDAY, WEDNESDAY), True),
    ],
)
def test_runs_of_days_overlap_when_they_share_one(
    one: Days, other: Days, *, overlaps: bool
) -> None:
    assert one.overlaps(other) is overlaps
    assert other.overlaps(one) is overlaps


def test_a_run_does_not_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        Days(TUESDAY, MONDAY)
