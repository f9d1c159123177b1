"""Codes of cards: read as printed, as typed, and not when misread."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.dosing.rules.cards import ALPHABET, card_code, read_card


@pytest.mark.parametrize(
    ("drawn", "code"),
    [(0, "C0000000000"), (1, "C1000000001"), (31, "CZ00000000Z"), (32, "C0100000003")],
)
def test_the_code_of_a_number(drawn: int, code: str) -> None:
    assert card_code(drawn) == code


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("C1000000001", "C1000000001"),
        (" c1000-00000-1 ", "C1000000001"),
        ("CI00OO0000L", "C1000000001"),
        ("C1000000002", None),
        ("C100000001", None),
        ("D1000000001", None),
        ("C1000000U01", None),
        ("C", None),
        ("", None),
        ("H-100234", None),
    ],
)
def test_what_is_typed_or_scanned(typed: str, read: str | None) -> None:
    assert read_card(typed) == read


@given(st.integers(0, 32**9 - 1), st.integers(1, 9), st.sampled_from(ALPHABET))
def test_one_wrong_letter_is_never_another_card(drawn: int, place: int, letter: str) -> None:
    code = card_code(drawn)
    wrong = code[:place] + letter + code[place + 1 :]
    assert read_card(code) == code
    assert wrong == code or read_card(wrong) is None
