"""Delays, draws and people, held against numbers from tables."""

from __future__ import annotations

from decimal import Decimal

import pytest

from clinic.rewards.facts import VA_BOWL, FidelityTerms, PrizeSlip
from clinic.rewards.rules.fidelity import (
    chi_square_tail,
    delays,
    draw_check,
    flags,
    interval,
)

TERMS = FidelityTerms()
GOOD, SMALL, LARGE, JUMBO = PrizeSlip


@pytest.mark.parametrize(
    ("statistic", "freedom", "tail"),
    [
        # the usual table of critical values
        (3.841, 1, 0.05),
        (5.991, 2, 0.05),
        (7.815, 3, 0.05),
        (9.488, 4, 0.05),
        (6.635, 1, 0.01),
        (11.345, 3, 0.01),
        (0, 3, 1.0),
    ],
)
def test_the_tail_of_chi_square_is_the_table_s(statistic: float, freedom: int, tail: float) -> None:
    assert chi_square_tail(statistic, degrees_of_freedom=freedom) == pytest.approx(tail, abs=5e-5)


def test_the_bounds_of_a_share_are_wilson_s() -> None:
    # 8 of 10 at 95 %: 0.490 to 0.943, as in Wilson's own formula
    found = interval(8, of=10, z=1.96)
    assert found is not None
    assert (found.percent, found.low, found.high) == (
        Decimal("80.0"),
        Decimal("49.0"),
        Decimal("94.3"),
    )
    whole = interval(10, of=10)
    assert whole is not None
    assert whole.high == 100
    assert interval(0, of=0) is None


def test_delays_are_counted_with_their_middle_and_their_slow_end() -> None:
    found = delays([-3, 0, 1, 4, 4, 9, 10, 11, 61, 3000], terms=TERMS)

    assert [(one.label, one.rewards) for one in found.bins] == [
        ("0 to 2", 3),
        ("2 to 5", 2),
        ("5 to 10", 1),
        ("10 to 20", 2),
        ("20 to 60", 0),
        ("60 to 1440", 1),
        ("1440 and more", 1),
    ]
    assert (found.in_time, found.in_time_percent) == (7, Decimal("70.0"))
    assert (found.median_minutes, found.ninetieth_minutes) == (4, 61)
    assert delays([], terms=TERMS).median_minutes is None
    assert delays([], terms=TERMS).in_time_percent is None


def test_draws_as_the_bowl_promises_them_are_nothing_unusual() -> None:
    check = draw_check(VA_BOWL, drawn={GOOD: 250, SMALL: 209, LARGE: 40, JUMBO: 1})

    assert [one.expected for one in check.slips] == [250, 209, 40, 1]
    # one jumbo is expected: it is counted with the large slips, which leaves three cells
    assert (check.chi_square, check.degrees_of_freedom, check.p_value) == (
        Decimal(0),
        2,
        Decimal(1),
    )
    assert "nothing unusual" in check.sentence


def test_draws_that_stray_far_ask_for_a_look() -> None:
    # 100 draws, 50.0, 41.8 and 8.2 expected: (20^2 / 50) + (1.8^2 / 41.8) + (21.8^2 / 8.2)
    check = draw_check(VA_BOWL, drawn={GOOD: 30, SMALL: 40, LARGE: 30})

    assert check.chi_square == Decimal("66.03")
    assert check.p_value == 0
    assert check.sentence.endswith("Look into it.")


@pytest.mark.parametrize("drawn", [{}, {GOOD: 3, SMALL: 2}])
def test_few_draws_are_no_evidence(drawn: dict[PrizeSlip, int]) -> None:
    check = draw_check(VA_BOWL, drawn=drawn)

    assert check.p_value is None
    assert "too few" in check.sentence


@pytest.mark.parametrize(
    ("negatives", "tests", "others", "said"),
    [
        (40, 40, Decimal("70.0"), "More negatives"),
        (10, 40, Decimal("70.0"), "Fewer negatives"),
        (30, 40, Decimal("70.0"), None),
        (19, 19, Decimal("50.0"), None),  # too few visits to compare
        (40, 40, None, None),  # nobody else records
    ],
)
def test_a_rate_far_from_the_others_is_worth_a_look(
    negatives: int, tests: int, others: Decimal | None, said: str | None
) -> None:
    found = flags(
        rate=interval(negatives, of=tests), tests=tests, others_percent=others, terms=TERMS
    )

    assert [flag.startswith(said or "-") for flag in found] == ([True] if said else [])
