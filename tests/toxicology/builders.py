"""Test results for tests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from clinic.data.work import Work
from clinic.toxicology import services
from clinic.toxicology.facts import (
    PANEL,
    STIMULANTS,
    Analyte,
    CollectionOutcome,
    Reading,
    RecordedResult,
)

NEGATIVE = dict.fromkeys(PANEL, Reading.NEGATIVE)
COCAINE_POSITIVE = NEGATIVE | {Analyte.COCAINE: Reading.POSITIVE}


def a_result(work: Work, *, patient_id: UUID, **changes: Any) -> RecordedResult:
    """A collected test, negative throughout unless ``changes`` say otherwise."""
    values: dict[str, Any] = {
        "outcome": CollectionOutcome.COLLECTED,
        "readings": NEGATIVE,
    }
    return services.record_result(work, patient_id=patient_id, **(values | changes))


def a_visit(work: Work, letter: str, *, patient_id: UUID) -> RecordedResult:
    """A visit by its letter: N negative, P cocaine positive, M missed, X excused, R refused."""
    if letter in "NP":
        reading = Reading.NEGATIVE if letter == "N" else Reading.POSITIVE
        readings = dict.fromkeys(STIMULANTS, Reading.NEGATIVE) | {Analyte.COCAINE: reading}
        return a_result(work, patient_id=patient_id, readings=readings)
    outcome = {
        "M": CollectionOutcome.MISSED,
        "X": CollectionOutcome.EXCUSED,
        "R": CollectionOutcome.REFUSED,
    }[letter]
    return a_result(work, patient_id=patient_id, outcome=outcome, readings={})
