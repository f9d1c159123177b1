"""How a test counts in a protocol, by the letter."""

from __future__ import annotations

import pytest

from clinic.rewards.facts import TARGET_ANALYTES, VisitOutcome
from clinic.rewards.rules.outcomes import negatives_in_a_row, visit_outcome
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
    assert visit_outcome(outcome, readings=readings, target=TARGET_ANALYTES) == letter


def test_no_protocol_pays_for_opioid_free_tests() -> None:
    assert not TARGET_ANALYTES & OPIOIDS


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
