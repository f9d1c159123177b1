"""Words of measuring: instruments by edition, and what a filled one says."""

from __future__ import annotations

from clinic.assessments.facts.editions import CURRENT, EDITIONS
from clinic.assessments.facts.instruments import (
    LOCAL,
    LOINC,
    Band,
    Choice,
    Code,
    Instrument,
    Item,
    Measurement,
    Prompt,
    RecordedAssessment,
    Score,
    Trend,
)
from clinic.assessments.facts.mood import GAD_7, PHQ_9
from clinic.assessments.facts.rulers import CRAVING, PAIN, READINESS
from clinic.assessments.facts.screens import AUDIT_C, DAST_10
from clinic.assessments.facts.withdrawal import (
    CIWA_AR,
    CIWA_MAXIMUM,
    CIWA_SOURCE,
    COWS,
    COWS_LEGAL_SCORES,
    COWS_MAXIMUM,
    COWS_SOURCE,
    HIGHEST_PULSE_BPM,
    SHORT_SOWS,
    SOWS,
    CiwaBand,
    CowsBand,
    CowsItem,
    CowsScore,
)

__all__ = [
    "AUDIT_C",
    "CIWA_AR",
    "CIWA_MAXIMUM",
    "CIWA_SOURCE",
    "COWS",
    "COWS_LEGAL_SCORES",
    "COWS_MAXIMUM",
    "COWS_SOURCE",
    "CRAVING",
    "CURRENT",
    "DAST_10",
    "EDITIONS",
    "GAD_7",
    "HIGHEST_PULSE_BPM",
    "LOCAL",
    "LOINC",
    "PAIN",
    "PHQ_9",
    "READINESS",
    "SHORT_SOWS",
    "SOWS",
    "Band",
    "Choice",
    "CiwaBand",
    "Code",
    "CowsBand",
    "CowsItem",
    "CowsScore",
    "Instrument",
    "Item",
    "Measurement",
    "Prompt",
    "RecordedAssessment",
    "Score",
    "Trend",
]
