from __future__ import annotations

import pytest

from clinic.rewards.facts import PrizeSlip
from clinic.rewards.rules.draws import draw_sentence, expected_value_cents, prize_draw_value_cents


def test_good_job_small_and_large_are_worth_21_dollars() -> None:
    assert prize_draw_value_cents([PrizeSlip.GOOD_JOB, PrizeSlip.SMALL, PrizeSlip.LARGE]) == 2100


def test_the_jumbo_is_worth_100_dollars_and_no_slip_nothing() -> None:
    assert prize_draw_value_cents([PrizeSlip.JUMBO]) == 10000
    assert prize_draw_value_cents([]) == 0


@pytest.mark.parametrize(
    ("draws", "cents"), [(0, 0), (1, 222), (9, 1996), (16, 3549), (164, 36375)]
)
def test_many_draws_are_rounded_once(draws: int, cents: int) -> None:
    assert expected_value_cents(draws) == cents


@pytest.mark.parametrize(
    ("slips", "sentence"),
    [
        ([PrizeSlip.GOOD_JOB], "Drew 1 good job: $0.00."),
        (
            [PrizeSlip.SMALL, PrizeSlip.GOOD_JOB, PrizeSlip.JUMBO, PrizeSlip.SMALL],
            "Drew 1 jumbo, 2 small, 1 good job: $102.00.",
        ),
    ],
)
def test_the_best_slip_is_told_first(slips: list[PrizeSlip], sentence: str) -> None:
    assert draw_sentence(slips) == sentence
