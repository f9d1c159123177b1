"""The pace of the line, the plan, the forecast."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from clinic.dosing.facts.line import Quarter, WindowPolicy
from clinic.dosing.rules.pace import finish_at, line_ahead, plan, quarters, wait_kind, waited

ZONE = ZoneInfo("America/New_York")


def at(hour: int, minute: int = 0, *, day: int = 3) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("minutes_ago", "left", "finish"),
    [
        ([1, 5, 10, 15, 20, 25], 12, at(10, 0)),
        ([1, 10, 20], 3, at(9, 30)),
        ([1, 10], 3, None),
        ([31, 32, 33, 34], 3, None),
        ([1, 5, 10], 0, None),
    ],
)
def test_when_the_last_one_is_done_at_the_pace_of_the_last_half_hour(
    minutes_ago: list[int], left: int, finish: datetime | None
) -> None:
    given = [at(9) - timedelta(minutes=minutes) for minutes in minutes_ago]
    assert finish_at(given, left=left, now=at(9)) == finish


@pytest.mark.parametrize(
    ("minutes", "kind"), [(0, "ok"), (9, "ok"), (10, "attention"), (14, "attention"), (15, "stop")]
)
def test_a_wait_turns_amber_then_red(minutes: int, kind: str) -> None:
    assert wait_kind(minutes, policy=WindowPolicy()) == kind


def test_a_wait_is_counted_in_whole_minutes_and_never_below_none() -> None:
    assert waited(at(8, 50), now=at(9)) == 10
    assert waited(at(9, 1), now=at(9)) == 0


def test_quarters_lay_past_days_over_today_by_the_clock() -> None:
    found = quarters(
        {at(6, 0): 1, at(6, 14): 1, at(6, 15): 1},
        past=[{at(6, 1, day=1): 2}, {at(6, 20, day=2): 1}],
        opens_at=at(6),
        closes_at=at(6, 45),
    )
    assert [(f"{one.starts_at:%H:%M}", one.dosed, one.expected) for one in found] == [
        ("06:00", 2, Decimal("1.0")),
        ("06:15", 1, Decimal("0.5")),
        ("06:30", 0, Decimal("0.0")),
    ]


DAY = (
    Quarter(at(6, 0), 10, Decimal(10)),
    Quarter(at(6, 15), 0, Decimal(30)),
    Quarter(at(6, 30), 0, Decimal(10)),
)


def test_the_plan_is_the_past_curve_scaled_to_today() -> None:
    assert plan(DAY, total=100) == [Decimal("20.0"), Decimal("80.0"), Decimal("100.0")]
    assert plan(DAY[:0], total=100) == []
    assert plan((Quarter(at(6), 3, Decimal(0)),), total=100) == [Decimal(0)]


def test_the_line_grows_when_more_come_than_are_served() -> None:
    ahead = line_ahead(DAY, in_line=4, now=at(6, 16), per_quarter=14)
    assert ahead == [None, Decimal(20), Decimal(16)]
    assert line_ahead(DAY, in_line=0, now=at(6, 16), per_quarter=99) == [None, 0, 0]
