from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic.demo.rows import stream
from clinic.demo.urine import UrinePlan, cup, planned_tests
from clinic.programs.facts import MedicationState
from clinic.toxicology.facts import Analyte, CollectionOutcome, Reading

FIRST = date(2025, 9, 1)
OPIOIDS = (Analyte.OPIATES, Analyte.FENTANYL, Analyte.OXYCODONE)


@pytest.fixture(scope="module")
def planned() -> list[list[UrinePlan]]:
    """Twenty-four weeks of tests of three hundred people who come every day."""
    random = stream(5, "urine")
    present = frozenset(FIRST + timedelta(days=number) for number in range(168))
    return [
        list(
            planned_tests(
                random,
                first=FIRST,
                until=FIRST + timedelta(days=168),
                present=present,
                medication=MedicationState.METHADONE,
            )
        )
        for _ in range(300)
    ]


def is_opioid_positive(test: UrinePlan) -> bool:
    return any(test.readings[analyte] is Reading.POSITIVE for analyte in OPIOIDS)


def percent_positive(found: list[UrinePlan]) -> float:
    return 100 * sum(map(is_opioid_positive, found)) / len(found)


def test_urines_are_positive_as_often_as_in_the_trial(planned: list[list[UrinePlan]]) -> None:
    collected = [test for person in planned for test in person if test.readings]
    assert percent_positive(collected) == pytest.approx(44, abs=2)


def test_early_urines_are_positive_more_often_than_late_ones(
    planned: list[list[UrinePlan]],
) -> None:
    collected = [test for person in planned for test in person if test.readings]
    early = [test for test in collected if test.on < FIRST + timedelta(days=28)]
    late = [test for test in collected if test.on >= FIRST + timedelta(days=140)]
    assert percent_positive(early) > percent_positive(late) + 12


def test_only_a_collected_specimen_has_readings(planned: list[list[UrinePlan]]) -> None:
    for person in planned:
        for test in person:
            assert bool(test.readings) == (test.outcome is CollectionOutcome.COLLECTED)


def test_the_treatment_itself_shows_in_the_cup() -> None:
    random = stream(6, "cup")
    cups = [cup(random, medication=MedicationState.METHADONE, treatment_day=30) for _ in range(200)]
    shown = sum(each[Analyte.EDDP] is Reading.POSITIVE for each in cups)
    assert shown > 180
    assert all(each[Analyte.BUPRENORPHINE] is Reading.NEGATIVE for each in cups)


def test_a_reward_visit_shows_exactly_the_stimulants_it_was_given() -> None:
    random = stream(7, "cup")
    for stimulants in ((), (Analyte.COCAINE,)):
        shown = cup(random, medication=MedicationState.NONE, treatment_day=9, stimulants=stimulants)
        assert shown[Analyte.COCAINE] is (Reading.POSITIVE if stimulants else Reading.NEGATIVE)
        assert shown[Analyte.METHAMPHETAMINE] is Reading.NEGATIVE
        assert shown[Analyte.AMPHETAMINE] is Reading.NEGATIVE
