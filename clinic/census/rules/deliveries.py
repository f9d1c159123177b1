"""When a letter is tried again, and when it is given up."""

from __future__ import annotations

from datetime import timedelta

from clinic.census.facts.deliveries import (
    DeliveryTerms,
    LetterStatus,
    PostOutcome,
)


def wait_before_next_try(attempts: int, *, terms: DeliveryTerms) -> timedelta:
    """How long to wait after so many tries: twice as long each time, up to the longest.

    Units: ``attempts`` counts the tries already made, at least 1.
    """
    doublings = min(attempts - 1, 30)
    minutes = min(terms.first_wait_minutes << doublings, terms.wait_minutes_max)
    return timedelta(minutes=minutes)


def fate(outcome: PostOutcome, *, attempts: int, terms: DeliveryTerms) -> LetterStatus:
    """What becomes of a letter after a try; QUEUED when it goes on waiting.

    Invariant: a letter that may have arrived is never sent again by itself.
    """
    if outcome is PostOutcome.ACCEPTED:
        return LetterStatus.SENT
    if outcome is PostOutcome.UNKNOWN:
        return LetterStatus.UNKNOWN
    if outcome is PostOutcome.NOT_NOW and attempts < terms.attempts_max:
        return LetterStatus.QUEUED
    return LetterStatus.FAILED
