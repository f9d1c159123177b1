"""How a test counts in a protocol, by the letter."""

from __future__ import annotations

import pytest

from clinic.rewards.facts import Target, VisitOutcome
from clinic.rewards.rules.outcomes import earns_bonus, negatives_in_a_row, visit_outcome
from clinic.toxicology.facts import OPIOIDS, Analyte, CollectionOutcome, Reading

N, P, I = Reading.NEGATIVE, Reading.POSITIVE, Reading.INVALID  # noqa: E741  # as on the keys
COLLECTED = CollectionOutcome.COLLECTED


@pytest.mark.parametrize(
    ("outcome", "readings", "letter"),
    [
        (COLLECTED, {Analyte.COCAINE: N, Analyte.METHAMPHETAMINE: N}, "N"),
        (COLLECTED, {Analyte.COCAINE: N, Analyte.METHAMPHETAMINE: P}, "P"),
        (COLLECTED, {Analyte.COCAINE: I, Analyte.METHAMPHETAMINE: P}, "P"),
        (COLLECTED, {Analyte.COCAINE: I, Analyte.METHAMPHETAMINE: N}, "X"),
        (COLLECTED, {Analyte.COCAINE: N, Analyte.FENTANYL: P, Analyte.EDDP: P}, "N"),
        (COLLECTED, {Analyte.COCAINE: N, Analyte.FENTANYL: I}, "N"),
        (COLLECTED, {Analyte.FENTANYL: N}, None),
        (CollectionOutcome.MISSED, {}, "M"),
        (CollectionOutcome.REFUSED, {}, "M"),
        (CollectionOutcome.EXCUSED, {}, "X"),
    ],
)
def test_a_test_s_letter(
    outcome: CollectionOutcome, readings: dict[Analyte, Reading], letter: str | None
) -> None:
    assert visit_outcome(outcome, readings=readings, target=Target.STIMULANT_NEGATIVE) == letter


def test_no_protocol_pays_for_opioid_free_tests() -> None:
    assert not set(Target.STIMULANT_NEGATIVE.analytes) & OPIOIDS


@pytest.mark.parametrize(
    ("letters", "now", "longest"),
    [
        ("", 0, 0),
        ("NNN", 3, 3),
        ("NNP", 0, 2),
        ("NNMN", 1, 2),
        ("NNXN", 3, 3),
        ("NNNPNN", 2, 3),
        ("XX", 0, 0),
    ],
)
def test_an_excused_visit_breaks_no_run(letters: str, now: int, longest: int) -> None:
    assert negatives_in_a_row([VisitOutcome(letter) for letter in letters]) == (now, longest)


@pytest.mark.parametrize(
    ("readings", "letter"),
    [
        ({Analyte.EDDP: P, Analyte.METHADONE: P}, "N"),
        ({Analyte.EDDP: N, Analyte.METHADONE: P}, "P"),  # dropped into the cup
        ({Analyte.EDDP: N, Analyte.BUPRENORPHINE: P, Analyte.COCAINE: P}, "N"),
        ({Analyte.EDDP: I, Analyte.BUPRENORPHINE: N}, "X"),
        ({Analyte.METHADONE: P}, None),
    ],
)
def test_where_the_medication_is_looked_for_finding_it_pays(
    readings: dict[Analyte, Reading], letter: str | None
) -> None:
    found = visit_outcome(COLLECTED, readings=readings, target=Target.MEDICATION_ADHERENCE)

    assert found == (None if letter is None else VisitOutcome(letter))


@pytest.mark.parametrize("target", [Target.ATTENDANCE, Target.GOAL])
def test_no_cup_says_whether_somebody_came_or_reached_a_goal(target: Target) -> None:
    assert visit_outcome(COLLECTED, readings={Analyte.COCAINE: N}, target=target) is None
    assert visit_outcome(CollectionOutcome.MISSED, readings={}, target=target) is None


@pytest.mark.parametrize(
    ("changes", "earns"),
    [
        ({}, True),
        ({Analyte.COCAINE: P}, True),
        ({Analyte.FENTANYL: P}, False),
        ({Analyte.CANNABINOIDS: I}, False),
    ],
)
def test_bonus_draws_ask_for_no_opioid_and_no_cannabis(
    changes: dict[Analyte, Reading], earns: bool
) -> None:
    beside = dict.fromkeys([*OPIOIDS, Analyte.CANNABINOIDS], N)

    assert earns_bonus(beside | changes) is earns
    assert earns_bonus({Analyte.FENTANYL: N}) is False
