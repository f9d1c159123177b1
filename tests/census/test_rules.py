from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.census.rules import (
    capacity_notice,
    length_of_stay,
    patient_days,
    period_census,
    retention_from_episodes,
    retention_rate,
)
from clinic.core.periods import Days

START = date(2026, 1, 1)


def stay(admitted: str, discharged: str | None = None) -> Days:
    return Days(
        date.fromisoformat(admitted), None if discharged is None else date.fromisoformat(discharged)
    )


SEPTEMBER = (
    stay("2026-09-01", "2026-09-11"),
    stay("2026-09-05"),
    stay("2026-08-20", "2026-09-03"),
    stay("2026-09-15", "2026-09-15"),
)


def test_a_month_counts_10_and_26_and_2_and_a_same_day_stay() -> None:
    census = period_census(
        SEPTEMBER, first_day=date(2026, 9, 1), last_day=date(2026, 9, 30), beds=2
    )
    assert census.patient_days == 39
    assert census.calendar_days == 30
    assert str(census.average_daily_census) == "1.30"
    assert str(census.occupancy_percent) == "65.0"


@pytest.mark.parametrize(
    ("admitted", "discharged", "counted"),
    [
        ("2026-03-10", None, 0),
        ("2026-03-09", None, 1),
        ("2026-02-01", "2026-03-01", 0),
        ("2026-02-01", "2026-03-02", 1),
        ("2026-03-09", "2026-03-09", 1),
        ("2026-02-28", "2026-02-28", 0),
        ("2026-02-01", "2026-04-01", 9),
    ],
)
def test_the_day_of_discharge_is_not_a_day_in_care(
    admitted: str, discharged: str | None, counted: int
) -> None:
    stays = [stay(admitted, discharged)]
    assert patient_days(stays, first_day=date(2026, 3, 1), last_day=date(2026, 3, 9)) == counted


def test_without_beds_there_is_no_occupancy() -> None:
    census = period_census([], first_day=START, last_day=START)
    assert str(census.average_daily_census) == "0.00"
    assert census.occupancy_percent is None


STAYS = st.lists(
    st.builds(
        lambda admitted, length: Days(
            START + timedelta(days=admitted),
            None if length is None else START + timedelta(days=admitted + length),
        ),
        st.integers(-50, 150),
        st.none() | st.integers(0, 100),
    ),
    max_size=8,
)


@given(stays=STAYS, first=st.integers(0, 30), middle=st.integers(31, 60), last=st.integers(61, 90))
def test_patient_days_of_adjacent_periods_add_up(
    stays: list[Days], first: int, middle: int, last: int
) -> None:
    first_day, split, last_day = (START + timedelta(days=day) for day in (first, middle, last))
    before = patient_days(stays, first_day=first_day, last_day=split - timedelta(days=1))
    after = patient_days(stays, first_day=split, last_day=last_day)
    assert before + after == patient_days(stays, first_day=first_day, last_day=last_day)


@pytest.mark.parametrize(
    ("admitted", "discharged", "los_days", "band"),
    [
        ("2026-09-01", "2026-09-11", 10, "10"),
        ("2026-09-01", "2026-09-01", 1, "1"),
        ("2026-01-31", "2026-03-01", 29, "29"),
        ("2026-01-01", "2026-01-31", 30, "30"),
        ("2026-01-01", "2026-02-01", 31, "31-45"),
        ("2026-01-01", "2026-02-15", 45, "31-45"),
        ("2026-01-01", "2026-02-16", 46, "46-60"),
        ("2026-01-01", "2026-04-01", 90, "61-90"),
        ("2026-01-01", "2026-04-02", 91, "91-120"),
        ("2026-01-01", "2026-05-02", 121, "121-180"),
        ("2026-01-01", "2026-06-30", 180, "121-180"),
        ("2026-01-01", "2027-01-01", 365, "181-365"),
        ("2026-01-01", "2027-01-02", 366, ">365"),
    ],
)
def test_length_of_stay_and_its_band(
    admitted: str, discharged: str, los_days: int, band: str
) -> None:
    answer = length_of_stay(
        date.fromisoformat(admitted), discharge_date=date.fromisoformat(discharged)
    )
    assert (answer.los_days, answer.teds_los) == (los_days, band)


@pytest.mark.parametrize(
    ("with_follow_up", "enrolled", "percent"), [(9, 6, "66.7"), (16, 5, "31.3"), (4, 0, "0.0")]
)
def test_retention_is_a_share_of_those_followed(
    with_follow_up: int, enrolled: int, percent: str
) -> None:
    assert str(retention_rate(with_follow_up, enrolled_on_day=enrolled)) == percent


def test_nobody_followed_has_no_retention() -> None:
    assert retention_rate(0, enrolled_on_day=0) is None


def test_a_discharge_on_the_day_itself_is_no_longer_enrolled() -> None:
    episodes = [
        stay("2026-01-05"),
        stay("2026-02-01", "2026-05-02"),
        stay("2026-02-01", "2026-05-03"),
        stay("2026-10-02"),
        stay("2026-10-03"),
    ]
    retention = retention_from_episodes(episodes, day=90, as_of_date=date(2026, 12, 31))
    assert retention.admissions == 5
    assert retention.with_follow_up == 4
    assert retention.enrolled_on_day == 3
    assert str(retention.rate_percent) == "75.0"


@pytest.mark.parametrize(
    ("capacity", "census", "percent", "notify_by"),
    [
        (250, 224, "89.6", None),
        (250, 225, "90.0", date(2026, 8, 10)),
        # 89.96 % reads 90.0 and is still below.
        (2500, 2249, "90.0", None),
        (30, 33, "110.0", date(2026, 8, 10)),
    ],
)
def test_the_state_is_told_from_exactly_90_percent_on(
    capacity: int, census: int, percent: str, notify_by: date | None
) -> None:
    notice = capacity_notice(capacity, census=census, as_of_date=date(2026, 8, 3))
    assert str(notice.occupancy_percent) == percent
    assert notice.notice_required is (notify_by is not None)
    assert notice.notify_by == notify_by
