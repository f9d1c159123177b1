"""Which six digits may sign for a dose."""

from __future__ import annotations

from clinic.core.decision import Decision, Reason
from clinic.staff.facts import PIN_LENGTH

SOURCE = "NIST SP 800-63B 5.1.1.2: secrets that are easily guessed are refused"
_UP = "01234567890"


def may_be_pin(pin: str) -> Decision:
    """May these digits be somebody's PIN?

    Shape: six ASCII digits; no run up or down, no group that repeats itself.
    """
    if not looks_like_pin(pin):
        return Decision.of([Reason("not_digits", f"A PIN has {PIN_LENGTH} digits.", SOURCE)])
    if pin in _UP or pin in _UP[::-1] or _repeats(pin):
        return Decision.of([Reason("trivial", "That PIN is too easy to guess.", SOURCE)])
    return Decision()


def looks_like_pin(secret: str) -> bool:
    """Whether what was typed can only be a PIN: a password is longer."""
    return len(secret) == PIN_LENGTH and secret.isascii() and secret.isdigit()


def _repeats(pin: str) -> bool:
    """111111, 121212, 123123: one group, over and over."""
    return any(pin == pin[:size] * (len(pin) // size) for size in (1, 2, 3))
