"""Who and what is taken when, in minutes of a day; finds a slot that suits everybody. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from clinic.demo.house import Thing

GRID_MINUTES = 15


@dataclass(frozen=True, slots=True)
class Slot:
    """Minutes after midnight, and the resources that were free then."""

    on: date
    start: int
    end: int
    things: tuple[Thing, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """``pools`` holds, for every resource needed, those that could serve, the preferred first."""

    on: date
    minutes: int
    preferred_minute: int
    opens: int
    closes: int
    pools: Sequence[Sequence[Thing]]
    people: Sequence[Hashable]


@dataclass(slots=True)
class Timetable:
    """Everything given away so far."""

    taken: defaultdict[tuple[Hashable, date], list[tuple[int, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def place(self, wanted: Wanted) -> Slot | None:
        """Take the first time from the preferred one on, then earlier; None on a full day."""
        for start in _starts(wanted):
            end = start + wanted.minutes
            if any(not self._free(who, wanted.on, start, end) for who in wanted.people):
                continue
            chosen = self._choose(wanted, start, end)
            if chosen is not None:
                for who in (*wanted.people, *(thing.id for thing in chosen)):
                    self.taken[who, wanted.on].append((start, end))
                return Slot(wanted.on, start, end, tuple(chosen))
        return None

    def _choose(self, wanted: Wanted, start: int, end: int) -> list[Thing] | None:
        chosen: list[Thing] = []
        for pool in wanted.pools:
            free = (
                thing
                for thing in pool
                if thing not in chosen and self._free(thing.id, wanted.on, start, end)
            )
            found = next(free, None)
            if found is None:
                return None
            chosen.append(found)
        return chosen

    def _free(self, who: Hashable, on: date, start: int, end: int) -> bool:
        return all(end <= begun or done <= start for begun, done in self.taken.get((who, on), ()))


def _starts(wanted: Wanted) -> Iterator[int]:
    last = wanted.closes - wanted.minutes
    first = min(max(wanted.preferred_minute, wanted.opens), last)
    if first < wanted.opens:
        return
    yield from range(first, last + 1, GRID_MINUTES)
    yield from range(first - GRID_MINUTES, wanted.opens - 1, -GRID_MINUTES)
