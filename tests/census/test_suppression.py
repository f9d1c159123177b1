"""No small count leaves the house, nor one that follows from what does."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.census.facts.deliveries import SmallCellTerms
from clinic.census.rules import cell, released, released_together


@pytest.mark.parametrize(
    ("parts", "shown", "total"),
    [
        ({"A": 40, "B": 20}, {"A": 40, "B": 20}, 60),
        ({"A": 40, "B": 0}, {"A": 40, "B": 0}, 40),
        # 60 - 57 would say 3, so the next larger is withheld and the total may stay
        ({"A": 37, "B": 20, "C": 3}, {"A": 37, "B": "withheld", "C": "<11"}, 60),
        # 12 is at least 11: with 3 it leaves 1 to 4 only, so 37 is withheld too
        ({"A": 37, "B": 12, "C": 3}, {"A": "withheld", "B": "withheld", "C": "<11"}, 52),
        # nothing is large enough to hide behind: the total goes
        ({"A": 12, "B": 3}, {"A": 12, "B": "<11"}, "withheld"),
        ({"A": 3}, {"A": "<11"}, "withheld"),
        # three that add up to 15 can each be anything from 1 to 10
        ({"A": 5, "B": 5, "C": 5}, {"A": "<11", "B": "<11", "C": "<11"}, 15),
        # two that add up to 2 are one each
        ({"A": 1, "B": 1, "C": 30}, {"A": "<11", "B": "<11", "C": "withheld"}, 32),
        ({}, {}, 0),
    ],
)
def test_what_may_be_shown(
    parts: dict[str, int], shown: dict[str, int | str], total: int | str
) -> None:
    found = released(parts)

    assert (found.parts, found.total) == (shown, total)


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, "<11"), (10, "<11"), (11, 11)])
def test_a_count_on_its_own(count: int, shown: int | str) -> None:
    assert cell(count) == shown


SMALL = SmallCellTerms(smallest_shown=4)


@given(st.lists(st.integers(0, 14), max_size=4))
def test_whoever_subtracts_learns_nothing_of_a_small_count(counts: list[int]) -> None:
    """By brute force, with 4 for 11: every way to fill what is hidden that fits what is shown."""
    found = released({str(place): count for place, count in enumerate(counts)}, terms=SMALL)
    if not isinstance(found.total, int):
        return
    room = found.total + 1
    ranges = [
        range(1, 4) if cell == "<4" else range(4, room) if cell == "withheld" else [int(cell)]
        for cell in found.parts.values()
    ]
    possible = [ways for ways in product(*ranges) if sum(ways) == found.total]

    assert tuple(counts) in possible or not counts
    for place, cell_shown in enumerate(found.parts.values()):
        if cell_shown == "<4":
            assert {ways[place] for ways in possible} == {1, 2, 3}


def test_one_grouping_does_not_tell_what_another_withholds() -> None:
    """13 in one count would say that 13 less 12 is the one patient of the other."""
    levels, medications = released_together({"OTP": 12, "Outpatient": 1}, {"No medication": 13})

    assert (levels.parts, levels.total) == ({"OTP": 12, "Outpatient": "<11"}, "withheld")
    assert (medications.parts, medications.total) == ({"No medication": "withheld"}, "withheld")


def test_groupings_that_give_nothing_away_are_shown() -> None:
    both = released_together({"OTP": 40, "Outpatient": 20}, {"Methadone": 60})

    assert [one.total for one in both] == [60, 60]
    assert [one.withheld for one in both] == [False, False]
