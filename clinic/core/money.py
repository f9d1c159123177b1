"""Money is whole cents. Dollars exist only where people read and type them."""

from __future__ import annotations

import re
from decimal import Decimal

_DOLLARS = re.compile(r"\$?\s*(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?")


def dollars(cents: int) -> str:
    """``123450`` reads ``$1,234.50``; a negative amount reads ``-$0.05``."""
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    return f"{sign}${whole:,}.{rest:02d}"


def cents_from_text(text: str) -> int:
    """Whole cents in an amount as a person types it: ``12``, ``12.5``, ``$1,234.50``.

    Raises: ValueError when the text is not such an amount. Nothing is rounded.
    """
    match = _DOLLARS.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not an amount in dollars and cents")
    whole, rest = match.groups()
    return int(whole.replace(",", "")) * 100 + int(Decimal("0." + (rest or "0")) * 100)
