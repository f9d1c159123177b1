"""The night's count: written once, held against the facts, rebuilt when somebody doubts it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic.census.facts import CountDifference
from clinic.census.queries import census_on, snapshots
from clinic.census.services import rebuild_snapshots, take_snapshot, verify_snapshots
from clinic.core.errors import Refused
from clinic.data.work import Work
from clinic.programs.facts import CareState, MedicationState
from tests import cast
from tests.census import builders as ward
from tests.conftest import WorkAs

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 2, day) for day in (16, 17, 18))
TODAY = date(2026, 3, 3)


def written(work: Work, *, day: date) -> object:
    return snapshots(work, first=day, until=day + timedelta(days=1))[day][1]


def test_the_snapshot_is_the_census_of_that_day(work: Work) -> None:
    episode = ward.admitted(work, on=MONDAY)
    ward.takes(work, episode=episode, on=MONDAY, medication=MedicationState.METHADONE)
    ward.a_course(work, episode=episode, modality="cbt", on=MONDAY)

    assert take_snapshot(work, service_date=MONDAY)

    assert written(work, day=MONDAY) == {
        "level": {"opioid_treatment": 1},
        "medication": {"methadone": 1},
        "modality": {"cbt": 1},
        "reason": {},
        "day": {"admitted": 1},
    }


def test_a_past_day_still_equals_its_snapshot(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        episode = ward.admitted(work, on=MONDAY)
        take_snapshot(work, service_date=MONDAY)
        ward.discharged(work, episode=episode, on=TUESDAY)
        take_snapshot(work, service_date=TUESDAY)

    with work_as(cast.ADA) as work:
        assert verify_snapshots(work, first=MONDAY, until=WEDNESDAY) == []
        assert written(work, day=MONDAY) == census_on(work, day=MONDAY).counts()


def test_taken_twice_it_is_written_once(work: Work) -> None:
    ward.admitted(work, on=MONDAY)

    assert [take_snapshot(work, service_date=MONDAY) for _ in range(2)] == [True, False]


def test_what_was_recorded_later_shows_as_a_difference(work: Work) -> None:
    episode = ward.admitted(work, on=MONDAY)
    take_snapshot(work, service_date=TUESDAY)
    ward.moves(work, episode=episode, on=TUESDAY, to=CareState.OUTPATIENT)

    assert verify_snapshots(work, first=MONDAY, until=WEDNESDAY) == [
        CountDifference(TUESDAY, "level", "opioid_treatment", written=1, derived=0),
        CountDifference(TUESDAY, "level", "outpatient", written=0, derived=1),
    ]


def test_rebuilding_says_what_it_mended_and_then_all_agree(work: Work) -> None:
    take_snapshot(work, service_date=TUESDAY)
    ward.admitted(work, on=MONDAY)

    mended = rebuild_snapshots(work, first=MONDAY, until=WEDNESDAY)

    assert {(one.axis, one.written, one.derived) for one in mended} == {
        ("level", 0, 1),
        ("medication", 0, 1),
    }
    assert verify_snapshots(work, first=MONDAY, until=WEDNESDAY) == []


def test_a_day_without_snapshot_is_no_difference(work: Work) -> None:
    ward.admitted(work, on=MONDAY)

    assert verify_snapshots(work, first=MONDAY, until=WEDNESDAY) == []


def test_tomorrow_cannot_be_written_down(work: Work) -> None:
    with pytest.raises(Refused):
        take_snapshot(work, service_date=TODAY + timedelta(days=1))
