"""Long lists in pieces that one statement can hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

VALUES_PER_STATEMENT = 5000
"""Well below what either engine binds in one statement (SQLite 32,766, PostgreSQL 65,535)."""

_Value = TypeVar("_Value")


def batches(values: Iterable[_Value], *, size: int) -> Iterator[Sequence[_Value]]:
    """The values in runs of at most ``size``."""
    waiting = iter(values)
    while batch := list(islice(waiting, size)):
        yield batch
