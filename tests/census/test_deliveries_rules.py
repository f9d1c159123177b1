"""How patiently a letter is tried, and what becomes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic.census.facts.deliveries import DeliveryTerms, LetterStatus, PostOutcome
from clinic.census.rules import fate, wait_before_next_try

TERMS = DeliveryTerms(first_wait_minutes=5, wait_minutes_max=120, attempts_max=10)


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 5), (2, 10), (3, 20), (5, 80), (6, 120), (9, 120), (400, 120)]
)
def test_the_waits_double_up_to_the_longest(attempts: int, minutes: int) -> None:
    assert wait_before_next_try(attempts, terms=TERMS) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("outcome", "attempts", "status"),
    [
        (PostOutcome.ACCEPTED, 1, LetterStatus.SENT),
        (PostOutcome.NOT_NOW, 1, LetterStatus.QUEUED),
        (PostOutcome.NOT_NOW, 9, LetterStatus.QUEUED),
        (PostOutcome.NOT_NOW, 10, LetterStatus.FAILED),
        (PostOutcome.REFUSED, 1, LetterStatus.FAILED),
        (PostOutcome.UNKNOWN, 1, LetterStatus.UNKNOWN),
    ],
)
def test_what_becomes_of_a_letter(
    outcome: PostOutcome, attempts: int, status: LetterStatus
) -> None:
    assert fate(outcome, attempts=attempts, terms=TERMS) is status
