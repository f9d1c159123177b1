from __future__ import annotations

from datetime import UTC, datetime

import pytest

from clinic.dosing.facts.downtime import DowntimePolicy
from clinic.dosing.rules.downtime import pack_is_due


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-03T{text}").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "newest", "is_due"),
    [
        ("00:01", None, True),
        ("03:00", "00:01", False),
        ("04:29", "00:01", False),
        ("04:30", "00:01", True),
        ("06:00", "05:46", False),
        ("06:00", "05:45", True),
        ("17:59", "17:40", True),
        ("18:00", "17:40", False),
    ],
)
def test_a_pack_is_fresh_from_an_hour_before_opening_until_closing(
    now: str, newest: str | None, is_due: bool
) -> None:
    assert (
        pack_is_due(
            now=at(now),
            newest_of_day=at(newest) if newest else None,
            opens_at=at("05:30"),
            closes_at=at("18:00"),
            policy=DowntimePolicy(),
        )
        is is_due
    )


@pytest.mark.parametrize(("newest", "is_due"), [(None, True), ("00:01", False)])
def test_a_closed_day_has_one_pack(newest: str | None, is_due: bool) -> None:
    assert (
        pack_is_due(
            now=at("09:00"),
            newest_of_day=at(newest) if newest else None,
            opens_at=None,
            closes_at=None,
            policy=DowntimePolicy(),
        )
        is is_due
    )
