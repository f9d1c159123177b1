from __future__ import annotations

from fractions import Fraction

import pytest

from clinic.core.rates import percent, rounded


@pytest.mark.parametrize(
    ("number", "places", "text"),
    [
        (Fraction(125, 20), 1, "6.3"),
        (Fraction(-125, 20), 1, "-6.3"),
        (Fraction(5, 1000), 2, "0.01"),
        (Fraction(-4, 100000), 3, "0.000"),
        (Fraction(9), 1, "9.0"),
        (Fraction(3637525, 100), 0, "36375"),
        (Fraction(36375500, 1000), 0, "36376"),
    ],
)
def test_a_tie_goes_away_from_zero_and_zero_has_no_sign(
    number: Fraction, places: int, text: str
) -> None:
    assert str(rounded(number, places=places)) == text


def test_a_share_of_nothing_is_no_share() -> None:
    assert percent(0, of=0) is None


def test_five_of_sixteen_is_31_point_3_percent() -> None:
    assert str(percent(5, of=16)) == "31.3"
