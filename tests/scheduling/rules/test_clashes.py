"""Every cause is found, and only where it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.periods import Period
from clinic.scheduling.facts import (
    ClashCause,
    Diary,
    Engagement,
    Occurrence,
    OpenDays,
    ResourceKind,
    ResourceName,
    Setting,
    Wish,
)
from clinic.scheduling.rules.clashes import find_clashes
from tests import cast

DAY = date(2026, 3, 4)
OPEN = OpenDays({day: (time(5, 30), time(18, 0)) for day in range(6)})
ASH = UUID(int=1)
ROOM = ResourceName(UUID(int=2), ResourceKind.ROOM, "Room 1")


def period(first: str, last: str, on: date = DAY) -> Period:
    starts, ends = (cast.NORTH.instant(on, time.fromisoformat(wall)) for wall in (first, last))
    return Period(starts, ends)


def wish(first: str, last: str, *resources: ResourceName, on: date = DAY) -> Wish:
    return Wish(Occurrence(1, on, period(first, last, on)), resources, (ASH,))


def causes(
    *wishes: Wish,
    held: Mapping[UUID, Period] = MappingProxyType({}),
    open_days: OpenDays = OPEN,
    setting: Setting = Setting.IN_PERSON,
) -> list[tuple[date, ClashCause]]:
    found = find_clashes(
        wishes,
        diaries={owner: Diary((Engagement(taken, "CBT"),)) for owner, taken in held.items()},
        open_days=open_days,
        clock=cast.NORTH,
        setting=setting,
    )
    return [(each.on, each.cause) for each in found]


@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        (ResourceKind.STAFF, ClashCause.STAFF_TAKEN),
        (ResourceKind.ROOM, ClashCause.ROOM_TAKEN),
        (ResourceKind.DEVICE, ClashCause.DEVICE_TAKEN),
        (ResourceKind.BED, ClashCause.BED_TAKEN),
    ],
)
def test_the_kind_of_resource_names_the_cause(kind: ResourceKind, cause: ClashCause) -> None:
    wanted = wish("09:00", "10:00", ResourceName(ROOM.id, kind, "It"))

    assert causes(wanted, held={ROOM.id: period("09:59", "11:00")}) == [(DAY, cause)]


@pytest.mark.parametrize(
    ("first", "last", "clashes"),
    [
        ("08:00", "09:00", False),
        ("08:00", "09:01", True),
        ("09:15", "09:45", True),
        ("08:00", "11:00", True),
        ("10:00", "11:00", False),
    ],
)
def test_a_period_is_half_open(first: str, last: str, *, clashes: bool) -> None:
    found = causes(wish(first, last), held={ASH: period("09:00", "10:00")})

    assert found == ([(DAY, ClashCause.PATIENT_BUSY)] if clashes else [])


@pytest.mark.parametrize(
    ("first", "last", "inside"),
    [
        ("05:30", "18:00", True),
        ("05:29", "09:00", False),
        ("17:00", "18:01", False),
    ],
)
def test_a_visit_in_person_keeps_opening_hours(first: str, last: str, *, inside: bool) -> None:
    outside = [] if inside else [(DAY, ClashCause.OUTSIDE_HOURS)]

    assert causes(wish(first, last)) == outside
    assert causes(wish(first, last), setting=Setting.TELEHEALTH) == []


def test_a_closed_day_binds_everybody() -> None:
    shut = OpenDays(OPEN.hours, {DAY: "Flood"})

    assert causes(wish("09:00", "10:00"), open_days=shut, setting=Setting.TELEHEALTH) == [
        (DAY, ClashCause.CLOSED_DAY)
    ]


def test_every_date_and_every_cause_in_order() -> None:
    sunday = date(2026, 3, 8)

    assert causes(
        wish("09:00", "10:00", on=sunday),
        wish("17:30", "18:30", ROOM),
        held={ROOM.id: period("17:00", "18:00"), ASH: period("18:00", "18:30")},
    ) == [
        (DAY, ClashCause.PATIENT_BUSY),
        (DAY, ClashCause.ROOM_TAKEN),
        (DAY, ClashCause.OUTSIDE_HOURS),
        (sunday, ClashCause.CLOSED_DAY),
    ]


def test_a_series_cannot_overlap_itself() -> None:
    assert causes(wish("09:00", "10:00"), wish("09:30", "10:30")) == [(DAY, ClashCause.ASKED_TWICE)]


def test_a_resource_out_of_use_serves_nobody() -> None:
    resting = ResourceName(ROOM.id, ResourceKind.ROOM, "Room 1", is_active=False)

    assert causes(wish("09:00", "10:00", resting)) == [(DAY, ClashCause.NOT_IN_USE)]


@given(
    cuts=st.lists(st.integers(0, 1440), min_size=2, max_size=20, unique=True),
    first=st.integers(0, 1439),
    minutes=st.integers(1, 600),
)
def test_a_diary_finds_what_a_look_at_each_line_finds(
    cuts: list[int], first: int, minutes: int
) -> None:
    midnight = datetime(2026, 3, 4, tzinfo=UTC)

    def minutes_from(start: int, length: int) -> Period:
        starts = midnight + timedelta(minutes=start)
        return Period(starts, starts + timedelta(minutes=length))

    edges = sorted(cuts)
    lines = tuple(
        Engagement(minutes_from(start, end - start), "CBT")
        for start, end in zip(edges[::2], edges[1::2], strict=False)
    )
    wanted = minutes_from(first, minutes)

    assert Diary(lines).during(wanted) == tuple(
        line for line in lines if line.period.overlaps(wanted)
    )
