"""What a disk holds after the power went: everything synced, and some of what was not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from random import Random

from tests.faults.disk import Step, Synced, Truncated, Written

SECTOR = 512
"""Bytes that reach the disk together or not at all."""


def cuts(
    before: dict[str, bytes], steps: Sequence[Step], *, at: Iterable[int], random: Random
) -> Iterator[tuple[int, dict[str, bytes]]]:
    """Cut the power before each of the given steps, ascending; the files as found afterwards.

    Shape: ``before`` and each answer map a file's name to its contents.
    """
    durable = {name: bytearray(data) for name, data in before.items()}
    waiting: dict[str, list[Written | Truncated]] = {}
    done = 0
    for cut in at:
        for step in steps[done:cut]:
            if not isinstance(step, Synced):
                waiting.setdefault(step.file, []).append(step)
                continue
            for change in waiting.pop(step.file, ()):
                _apply(durable.setdefault(step.file, bytearray()), change)
        done = cut
        yield cut, _survivors(durable, waiting, random)


def _survivors(
    durable: dict[str, bytearray],
    waiting: dict[str, list[Written | Truncated]],
    random: Random,
) -> dict[str, bytes]:
    """Of what waits, each sector and each truncation got through or did not."""
    found = {name: bytearray(data) for name, data in durable.items()}
    for name, changes in waiting.items():
        data = found.setdefault(name, bytearray())
        for change in changes:
            for piece in _pieces(change):
                if random.random() < 0.5:
                    _apply(data, piece)
    return {name: bytes(data) for name, data in found.items()}


def _pieces(change: Written | Truncated) -> Iterator[Written | Truncated]:
    if isinstance(change, Truncated):
        yield change
        return
    start = 0
    while start < len(change.data):
        size = SECTOR - (change.offset + start) % SECTOR
        yield Written(change.file, change.offset + start, change.data[start : start + size])
        start += size


def _apply(data: bytearray, change: Written | Truncated) -> None:
    if isinstance(change, Truncated):
        del data[change.size :]
        return
    end = change.offset + len(change.data)
    if len(data) < end:
        data.extend(bytes(end - len(data)))
    data[change.offset : end] = change.data
