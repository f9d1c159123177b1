"""Instruments of the withdrawal ward: their items, legal scores and bands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

COWS_SOURCE = "Clinical Opiate Withdrawal Scale, Wesson & Ling 2003"
CIWA_SOURCE = "CIWA-Ar, Sullivan et al. 1989; bands are site policy"

COWS_MAXIMUM = 48
CIWA_MAXIMUM = 67

HIGHEST_PULSE_BPM = 300
"""Above this a pulse is a typing error."""


class CowsItem(StrEnum):
    """The eleven items in the order of the form."""

    RESTING_PULSE = "resting_pulse"
    SWEATING = "sweating"
    RESTLESSNESS = "restlessness"
    PUPIL_SIZE = "pupil_size"
    BONE_JOINT_ACHES = "bone_joint_aches"
    RUNNY_NOSE_TEARING = "runny_nose_tearing"
    GI_UPSET = "gi_upset"
    TREMOR = "tremor"
    YAWNING = "yawning"
    ANXIETY_IRRITABILITY = "anxiety_irritability"
    GOOSEFLESH = "gooseflesh"


COWS_LEGAL_SCORES: Mapping[CowsItem, tuple[int, ...]] = MappingProxyType(
    {
        CowsItem.RESTING_PULSE: (0, 1, 2, 4),
        CowsItem.SWEATING: (0, 1, 2, 3, 4),
        CowsItem.RESTLESSNESS: (0, 1, 3, 5),
        CowsItem.PUPIL_SIZE: (0, 1, 2, 5),
        CowsItem.BONE_JOINT_ACHES: (0, 1, 2, 4),
        CowsItem.RUNNY_NOSE_TEARING: (0, 1, 2, 4),
        CowsItem.GI_UPSET: (0, 1, 2, 3, 5),
        CowsItem.TREMOR: (0, 1, 2, 4),
        CowsItem.YAWNING: (0, 1, 2, 4),
        CowsItem.ANXIETY_IRRITABILITY: (0, 1, 2, 4),
        CowsItem.GOOSEFLESH: (0, 3, 5),
    }
)
"""The form has gaps: nobody can score 4 for gooseflesh. Source: Wesson & Ling 2003."""


class CowsBand(StrEnum):
    NONE = "none"
    MILD = "mild"
    MODERATE = "moderate"
    MODERATELY_SEVERE = "moderately_severe"
    SEVERE = "severe"


class CiwaBand(StrEnum):
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"


@dataclass(frozen=True, slots=True)
class CowsScore:
    total: int
    band: CowsBand
