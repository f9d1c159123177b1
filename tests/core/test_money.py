from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.money import cents_from_text, dollars


@pytest.mark.parametrize(
    ("cents", "text"),
    [(0, "$0.00"), (5, "$0.05"), (-5, "-$0.05"), (123450, "$1,234.50"), (100, "$1.00")],
)
def test_cents_read_as_dollars(cents: int, text: str) -> None:
    assert dollars(cents) == text


@pytest.mark.parametrize(
    ("text", "cents"),
    [("12", 1200), ("12.5", 1250), ("$1,234.50", 123450), (" $ 0.05 ", 5), ("0", 0)],
)
def test_an_amount_is_read_as_typed(text: str, cents: int) -> None:
    assert cents_from_text(text) == cents


@pytest.mark.parametrize("text", ["", "-1", "1.234", "1,23", "12,34.00", "1e3", "€5", "NaN", "1 2"])
def test_what_is_no_amount_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        cents_from_text(text)


@given(st.integers(0, 10**12))
def test_every_amount_can_be_typed_as_it_reads(cents: int) -> None:
    assert cents_from_text(dollars(cents)) == cents
