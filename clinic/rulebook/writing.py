"""Turns what a rule answers into plain JSON."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal


def iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def iso_list(days: Iterable[date]) -> list[str]:
    return [day.isoformat() for day in days]


def quantity(amount: Decimal) -> str:
    """Every digit that counts and no other: ``"40"``, ``"47.5"``, ``"0"`` and never ``"-0"``."""
    if not amount:
        return "0"
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def fixed(share: Decimal | None) -> str | None:
    """A rounded share with the decimals it was rounded to."""
    return None if share is None else format(share, "f")
