from __future__ import annotations

from collections.abc import Callable

import pytest

from clinic.assessments.facts import CiwaBand, CowsBand, CowsItem, CowsScore
from clinic.assessments.rules import ciwa_band, cows_band, cows_pulse_item, score_cows
from clinic.core.errors import Refused

NOTHING = dict.fromkeys(CowsItem, 0)


def test_a_form_of_zeros_is_no_withdrawal() -> None:
    assert score_cows(NOTHING) == CowsScore(total=0, band=CowsBand.NONE)


def test_the_highest_form_is_48_and_severe() -> None:
    highest = dict(zip(CowsItem, (4, 4, 5, 5, 4, 4, 5, 4, 4, 4, 5), strict=True))
    assert score_cows(highest) == CowsScore(total=48, band=CowsBand.SEVERE)


@pytest.mark.parametrize(
    ("item", "score"),
    [
        (CowsItem.GOOSEFLESH, 4),
        (CowsItem.PUPIL_SIZE, 3),
        (CowsItem.RESTING_PULSE, 3),
        (CowsItem.RESTLESSNESS, 2),
        (CowsItem.GI_UPSET, 4),
        (CowsItem.SWEATING, 5),
        (CowsItem.TREMOR, -1),
    ],
)
def test_a_score_the_form_does_not_have_is_refused(item: CowsItem, score: int) -> None:
    with pytest.raises(Refused, match=item.value.replace("_", " ")):
        score_cows({**NOTHING, item: score})


def test_a_form_with_gaps_names_every_gap_and_has_no_total() -> None:
    gaps = {CowsItem.TREMOR, CowsItem.GOOSEFLESH}
    given: dict[CowsItem, int] = {item: 0 for item in CowsItem if item not in gaps}
    with pytest.raises(Refused) as refusal:
        score_cows(given)
    assert [reason.split(" must")[0] for reason in refusal.value.reasons] == [
        "tremor",
        "gooseflesh",
    ]


@pytest.mark.parametrize(
    ("total", "band"),
    [
        (0, "none"),
        (4, "none"),
        (5, "mild"),
        (12, "mild"),
        (13, "moderate"),
        (24, "moderate"),
        (25, "moderately_severe"),
        (36, "moderately_severe"),
        (37, "severe"),
        (48, "severe"),
    ],
)
def test_bands_of_the_cows(total: int, band: str) -> None:
    assert cows_band(total) is CowsBand(band)


@pytest.mark.parametrize(
    ("bpm", "score"),
    [(1, 0), (80, 0), (81, 1), (100, 1), (101, 2), (120, 2), (121, 4), (300, 4)],
)
def test_score_of_a_counted_pulse(bpm: int, score: int) -> None:
    assert cows_pulse_item(bpm) == score


@pytest.mark.parametrize(
    ("total", "band"),
    [(0, "mild"), (9, "mild"), (10, "moderate"), (18, "moderate"), (19, "severe"), (67, "severe")],
)
def test_bands_of_the_ciwa(total: int, band: str) -> None:
    assert ciwa_band(total) is CiwaBand(band)


@pytest.mark.parametrize(
    ("band_of", "number"),
    [(cows_band, 49), (cows_band, -1), (ciwa_band, 68), (cows_pulse_item, 0)],
)
def test_a_number_off_the_scale_is_refused(band_of: Callable[[int], object], number: int) -> None:
    with pytest.raises(Refused):
        band_of(number)
