"""What a booking may become, hour by hour."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from clinic.scheduling.facts import BookingPolicy, BookingStatus
from clinic.scheduling.rules.outcomes import cancellation, may_become, may_undo

START = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)
DAY = date(2026, 3, 4)
POLICY = BookingPolicy()


def codes(
    wanted: BookingStatus,
    *,
    current: BookingStatus = BookingStatus.BOOKED,
    now: datetime = START,
    today: date = DAY,
    reason: str = "ill",
) -> list[str]:
    decision = may_become(
        wanted,
        current=current,
        starts_at=START,
        service_date=DAY,
        now=now,
        today=today,
        reason=reason,
        policy=POLICY,
    )
    return [each.code for each in decision.reasons]


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (timedelta(hours=24), BookingStatus.TIMELY_CANCEL),
        (timedelta(hours=23, minutes=59, seconds=59), BookingStatus.LATE_CANCEL),
        (timedelta(hours=-1), BookingStatus.LATE_CANCEL),
    ],
)
def test_twenty_four_hours_divide_timely_from_late(
    ahead: timedelta, expected: BookingStatus
) -> None:
    assert cancellation(START, cancelled_at=START - ahead, policy=POLICY) is expected


def test_a_site_may_ask_for_two_days() -> None:
    strict = BookingPolicy(late_cancel_hours=48)

    assert (
        cancellation(START, cancelled_at=START - timedelta(hours=30), policy=strict)
        is BookingStatus.LATE_CANCEL
    )


@pytest.mark.parametrize(
    ("current", "wanted"),
    [
        (BookingStatus.BOOKED, BookingStatus.CHECKED_IN),
        (BookingStatus.BOOKED, BookingStatus.ATTENDED),
        (BookingStatus.BOOKED, BookingStatus.NO_SHOW),
        (BookingStatus.BOOKED, BookingStatus.CLINIC_CANCEL),
        (BookingStatus.CHECKED_IN, BookingStatus.ATTENDED),
        (BookingStatus.CHECKED_IN, BookingStatus.LATE_CANCEL),
    ],
)
def test_the_moves_there_are(current: BookingStatus, wanted: BookingStatus) -> None:
    assert codes(wanted, current=current) == []


@pytest.mark.parametrize(
    ("current", "wanted"),
    [
        (BookingStatus.CHECKED_IN, BookingStatus.NO_SHOW),
        (BookingStatus.ATTENDED, BookingStatus.NO_SHOW),
        (BookingStatus.NO_SHOW, BookingStatus.ATTENDED),
        (BookingStatus.LATE_CANCEL, BookingStatus.CHECKED_IN),
        (BookingStatus.CHECKED_IN, BookingStatus.BOOKED),
        (BookingStatus.BOOKED, BookingStatus.BOOKED),
    ],
)
def test_the_moves_there_are_not(current: BookingStatus, wanted: BookingStatus) -> None:
    assert codes(wanted, current=current) == ["no_such_move"]


def test_nobody_is_missed_before_the_visit_begins() -> None:
    assert codes(BookingStatus.NO_SHOW, now=START - timedelta(seconds=1)) == ["not_begun"]


def test_nobody_arrives_on_the_wrong_day() -> None:
    yesterday = DAY - timedelta(days=1)

    assert codes(BookingStatus.CHECKED_IN, today=yesterday) == ["wrong_day"]


def test_a_cancellation_says_why() -> None:
    assert codes(BookingStatus.CLINIC_CANCEL, reason="") == ["reason_missing"]


@pytest.mark.parametrize(
    ("current", "minutes", "expected"),
    [
        (BookingStatus.ATTENDED, 10, []),
        (BookingStatus.ATTENDED, 11, ["too_late_to_undo"]),
        (BookingStatus.BOOKED, 1, ["nothing_to_undo"]),
    ],
)
def test_ten_minutes_to_take_it_back(
    current: BookingStatus, minutes: int, expected: list[str]
) -> None:
    decision = may_undo(
        current=current, changed_at=START, now=START + timedelta(minutes=minutes), policy=POLICY
    )

    assert [each.code for each in decision.reasons] == expected
