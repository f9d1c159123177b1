"""Six digits that may sign, and six that may not."""

from __future__ import annotations

import pytest

from clinic.staff.rules import may_be_pin


@pytest.mark.parametrize("pin", ["274951", "080817", "909091", "135790"])
def test_a_pin_that_may_sign(pin: str) -> None:
    assert may_be_pin(pin)


@pytest.mark.parametrize(
    ("pin", "code"),
    [
        ("111111", "trivial"),
        ("121212", "trivial"),
        ("123123", "trivial"),
        ("123456", "trivial"),
        ("567890", "trivial"),
        ("654321", "trivial"),
        ("987654", "trivial"),
        ("12345", "not_digits"),
        ("1234567", "not_digits"),
        ("27495a", "not_digits"),
        ("२७४९५१", "not_digits"),
        ("", "not_digits"),
    ],
)
def test_a_pin_that_is_refused(pin: str, code: str) -> None:
    assert [reason.code for reason in may_be_pin(pin).reasons] == [code]
