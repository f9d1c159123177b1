"""Who is admitted first, and the clocks of 45 CFR 96.126 and 96.131 on a waitlist."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from clinic.programs.facts import CareState, Priority
from clinic.programs.rules import waiting
from clinic.programs.rules.waiting import Deadlines

NEW_YORK = ZoneInfo("America/New_York")
ASKED = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
"""Monday 10:30 in New York."""


@pytest.mark.parametrize(
    ("pregnant", "injects", "priority"),
    [
        (True, True, Priority.PREGNANT_INJECTING),
        (True, False, Priority.PREGNANT),
        (False, True, Priority.INJECTING),
        (False, False, Priority.OTHER),
    ],
)
def test_priority(*, pregnant: bool, injects: bool, priority: Priority) -> None:
    assert waiting.priority(pregnant=pregnant, injects=injects) is priority


def test_priorities_sort_the_most_urgent_first() -> None:
    assert sorted(Priority) == [
        Priority.PREGNANT_INJECTING,
        Priority.PREGNANT,
        Priority.INJECTING,
        Priority.OTHER,
    ]


IN_48_HOURS = datetime(2026, 3, 4, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "pregnant", "injects", "has_room", "admit_by", "interim_services_by"),
    [
        (CareState.WAITLIST, False, False, False, None, None),
        (CareState.WAITLIST, False, True, True, date(2026, 3, 16), None),
        (CareState.WAITLIST, False, True, False, date(2026, 3, 16), IN_48_HOURS),
        (CareState.INTERIM, False, True, False, date(2026, 6, 30), None),
        (CareState.INTERIM, False, True, True, date(2026, 6, 30), None),
        (CareState.INQUIRY, True, False, False, None, IN_48_HOURS),
        (CareState.INQUIRY, True, False, True, None, None),
        (CareState.INTERIM, True, False, False, None, None),
        (CareState.INQUIRY, True, True, False, date(2026, 3, 16), IN_48_HOURS),
    ],
)
def test_deadlines(
    *,
    state: CareState,
    pregnant: bool,
    injects: bool,
    has_room: bool,
    admit_by: date | None,
    interim_services_by: datetime | None,
) -> None:
    found = waiting.deadlines(
        state,
        requested_at=ASKED,
        pregnant=pregnant,
        injects=injects,
        has_room=has_room,
        zone=NEW_YORK,
    )

    assert found == Deadlines(admit_by, interim_services_by)


@pytest.mark.parametrize(
    ("now", "overdue"),
    [
        (datetime(2026, 3, 4, 15, 30, tzinfo=UTC), False),
        (datetime(2026, 3, 4, 15, 31, tzinfo=UTC), True),
    ],
)
def test_a_missed_deadline_is_overdue_a_moment_later(now: datetime, *, overdue: bool) -> None:
    by = Deadlines(date(2026, 3, 16), IN_48_HOURS)

    assert by.overdue(now=now, today=date(2026, 3, 4)) is overdue


def test_the_last_day_to_admit_is_not_overdue() -> None:
    by = Deadlines(date(2026, 3, 16), None)

    assert not by.overdue(now=ASKED, today=date(2026, 3, 16))
    assert by.overdue(now=ASKED, today=date(2026, 3, 17))
