"""Shares as people print them, rounded once and only for the eye.

A decision compares exact numbers; what these functions return is for reading.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction


def rounded(number: Fraction, *, places: int) -> Decimal:
    """The number with a fixed count of decimals; ties go away from zero, and zero has no sign."""
    ten_to_places = 10**places
    whole = (abs(number) * ten_to_places + Fraction(1, 2)).__floor__()
    digits = tuple(int(digit) for digit in str(whole))
    return Decimal((int(number < 0 < whole), digits, -places))


def percent(part: int, *, of: int, places: int = 1) -> Decimal | None:
    """How many hundredths ``part`` is of the whole; None when there is no whole to speak of."""
    return rounded(Fraction(100 * part, of), places=places) if of else None
