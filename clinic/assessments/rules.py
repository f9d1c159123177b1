"""Scoring of the withdrawal scales. A form with a gap or an impossible score has no total."""

from __future__ import annotations

from collections.abc import Mapping

from clinic.assessments.facts import (
    CIWA_MAXIMUM,
    COWS_LEGAL_SCORES,
    COWS_MAXIMUM,
    HIGHEST_PULSE_BPM,
    CiwaBand,
    CowsBand,
    CowsItem,
    CowsScore,
)
from clinic.core.errors import Refused

_COWS_BANDS_FROM = (
    (37, CowsBand.SEVERE),
    (25, CowsBand.MODERATELY_SEVERE),
    (13, CowsBand.MODERATE),
    (5, CowsBand.MILD),
    (0, CowsBand.NONE),
)
_CIWA_BANDS_FROM = ((19, CiwaBand.SEVERE), (10, CiwaBand.MODERATE), (0, CiwaBand.MILD))
_PULSE_SCORES_ABOVE_BPM = ((120, 4), (100, 2), (80, 1), (0, 0))


def score_cows(items: Mapping[CowsItem, int]) -> CowsScore:
    """The total of a complete form and its band.

    Raises: Refused, naming every item left out or scored with a number the form does not have.
    Source: Wesson & Ling 2003.
    """
    faults = [
        f"{item.value.replace('_', ' ')} must be one of {', '.join(map(str, legal))}"
        for item, legal in COWS_LEGAL_SCORES.items()
        if items.get(item) not in legal
    ]
    if faults:
        raise Refused(faults)
    total = sum(items[item] for item in CowsItem)
    return CowsScore(total=total, band=cows_band(total))


def cows_band(total: int) -> CowsBand:
    """How severe a COWS total reads.

    Raises: Refused outside 0-48.
    Source: Wesson & Ling 2003.
    """
    if not 0 <= total <= COWS_MAXIMUM:
        raise Refused(f"A COWS total lies between 0 and {COWS_MAXIMUM}.")
    return next(band for lowest, band in _COWS_BANDS_FROM if total >= lowest)


def cows_pulse_item(resting_pulse_bpm: int) -> int:
    """The score of the pulse item, counted after one minute of rest.

    Units: beats a minute.
    Raises: Refused outside 1-300.
    Source: Wesson & Ling 2003.
    """
    if not 1 <= resting_pulse_bpm <= HIGHEST_PULSE_BPM:
        raise Refused(f"A pulse lies between 1 and {HIGHEST_PULSE_BPM} beats a minute.")
    return next(score for bpm, score in _PULSE_SCORES_ABOVE_BPM if resting_pulse_bpm > bpm)


def ciwa_band(total: int) -> CiwaBand:
    """How severe a CIWA-Ar total reads.

    Raises: Refused outside 0-67.
    Source: CIWA-Ar; the bands are site policy, and guides differ.
    """
    if not 0 <= total <= CIWA_MAXIMUM:
        raise Refused(f"A CIWA-Ar total lies between 0 and {CIWA_MAXIMUM}.")
    return next(band for lowest, band in _CIWA_BANDS_FROM if total >= lowest)
