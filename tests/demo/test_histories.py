from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest

from clinic.demo.histories import Calendar, History, Part, histories
from clinic.demo.paths import BED_LEVELS
from clinic.demo.people import people
from clinic.demo.rows import stream
from clinic.programs.facts import ALLOWED_MOVES, WAITING, CareState

TODAY = date(2026, 3, 3)
BEDS = 24


@pytest.fixture(scope="module")
def told() -> list[History]:
    calendar = Calendar(
        today=TODAY,
        first=TODAY - timedelta(days=180),
        closed=frozenset({date(2025, 12, 25), date(2026, 1, 1)}),
        beds=BEDS,
        is_under_way=True,
    )
    return histories(
        stream(3, "histories"),
        persons=people(stream(3, "people"), today=TODAY),
        count=300,
        calendar=calendar,
        has_parts=True,
    )


def test_everybody_asked_for_is_told_once(told: list[History]) -> None:
    names = {(each.person.family_name, each.person.given_names) for each in told}
    assert len(told) == len(names) == 300


def test_every_part_of_the_story_is_played(told: list[History]) -> None:
    assert [each.part for each in told if each.part] == list(Part)


def test_about_a_dozen_wait(told: list[History]) -> None:
    waiting = [each for each in told if each.current.moves[-1].to in WAITING]
    assert 10 <= len(waiting) <= 14


def test_moves_are_those_the_program_allows_and_in_order(told: list[History]) -> None:
    for each in told:
        for episode in each.episodes:
            assert episode.moves[0].to is CareState.INQUIRY
            for before, after in pairwise(episode.moves):
                assert after.to in ALLOWED_MOVES[before.to]
                assert before.on <= after.on <= TODAY


def test_only_the_last_episode_can_be_open(told: list[History]) -> None:
    returned = [each for each in told if len(each.episodes) > 1]
    assert returned
    for each in returned:
        for earlier, later in pairwise(each.episodes):
            assert earlier.discharged_on is not None
            assert earlier.discharged_on < later.requested_on


def test_no_night_has_more_patients_than_beds(told: list[History]) -> None:
    nights: Counter[date] = Counter()
    for each in told:
        for episode in each.episodes:
            until = (*(move.on for move in episode.moves[1:]), TODAY + timedelta(days=1))
            for move, ends_on in zip(episode.moves, until, strict=True):
                if move.to in BED_LEVELS:
                    nights.update(
                        move.on + timedelta(days=night) for night in range((ends_on - move.on).days)
                    )
    assert 8 <= max(nights.values()) <= BEDS


def test_residential_stays_are_planned_for_thirty_to_ninety_days(told: list[History]) -> None:
    planned = [
        move.planned_days
        for each in told
        for episode in each.episodes
        for move in episode.moves
        if move.to is CareState.RESIDENTIAL_HIGH
    ]
    assert len(planned) > 15
    assert all(days is not None and 30 <= days <= 90 for days in planned)
