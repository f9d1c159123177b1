"""Decimal arithmetic that refuses to round."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import (
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)

_EXACT = Context(prec=1000, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])


@contextmanager
def exactly() -> Iterator[None]:
    """Inside, a sum or product keeps every digit.

    Raises: decimal.Inexact where a digit would be lost, instead of losing it.
    """
    with localcontext(_EXACT):
        yield


def total(*amounts: Decimal) -> Decimal:
    """The sum; Decimal zero of nothing."""
    return sum(amounts, start=Decimal(0))
