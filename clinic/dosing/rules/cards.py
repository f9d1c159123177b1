"""What is printed on a card: random, short, checkable, and silent about its bearer."""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so that nothing is misread."""
PREFIX = "C"
RANDOM_LENGTH = 9
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def card_code(drawn: int) -> str:
    """The code of a number drawn at random: prefix, nine letters, one check letter.

    Shape: ``drawn`` below 32 to the ninth.
    """
    letters = ""
    for _ in range(RANDOM_LENGTH):
        drawn, rest = divmod(drawn, len(ALPHABET))
        letters += ALPHABET[rest]
    return PREFIX + letters + _check_letter(letters)


def read_card(text: str) -> str | None:
    """The code a scan or a typed text stands for; None when it can be no card's."""
    code = text.strip().upper().translate(_READ_AS)
    letters, check = code[1:-1], code[-1:]
    if len(code) != RANDOM_LENGTH + 2 or not code.startswith(PREFIX):
        return None
    if any(letter not in ALPHABET for letter in letters) or check != _check_letter(letters):
        return None
    return code


def _check_letter(letters: str) -> str:
    """Weighted sum: one wrong letter or two swapped neighbours give another one."""
    weighted = sum((2 * place + 1) * ALPHABET.index(letter) for place, letter in enumerate(letters))
    return ALPHABET[weighted % len(ALPHABET)]
