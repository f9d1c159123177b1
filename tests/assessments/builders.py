"""Filled forms for tests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from clinic.assessments import services
from clinic.assessments.facts import CURRENT, RecordedAssessment
from clinic.data.work import Work

COWS_OF_NINE = {
    "resting_pulse": 1,
    "sweating": 2,
    "restlessness": 1,
    "pupil_size": 1,
    "bone_joint_aches": 1,
    "runny_nose_tearing": 1,
    "gi_upset": 1,
    "tremor": 0,
    "yawning": 0,
    "anxiety_irritability": 1,
    "gooseflesh": 0,
}
"""A pulse of 88 and mild withdrawal all round: 9 points."""


def zeros(instrument: str) -> dict[str, int]:
    """Every item answered with its lowest score."""
    return {item.name: 0 for item in CURRENT[instrument].items}


def an_assessment(work: Work, *, patient_id: UUID, **changes: Any) -> RecordedAssessment:
    """A COWS of 9 unless ``changes`` say otherwise."""
    values: dict[str, Any] = {"instrument": "cows", "answers": COWS_OF_NINE}
    return services.record_assessment(work, patient_id=patient_id, **(values | changes))
