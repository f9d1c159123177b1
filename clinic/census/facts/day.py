"""A clinic day in numbers: yesterday, the moves, today; and a run of such days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from clinic.census.facts.axes import BED_LEVELS, Axis, MoveKind
from clinic.programs.facts import CareState, DischargeReason


@dataclass(frozen=True, slots=True)
class MoveCount:
    """How many equal moves one day saw."""

    service_date: date
    from_state: CareState | None
    to_state: CareState
    count: int
    reason: DischargeReason | None = None
    returned: bool = False

    @property
    def kind(self) -> MoveKind:
        return MoveKind.of(self.from_state, to_state=self.to_state)


@dataclass(frozen=True, slots=True)
class LevelLine:
    """One level of care from last midnight to this one; ``level`` None is the whole program."""

    level: CareState | None
    yesterday: int
    admitted: int
    transferred_in: int
    transferred_out: int
    discharged: int
    today: int

    @classmethod
    def of(
        cls, level: CareState, *, yesterday: int, moves: Iterable[MoveCount], today: int
    ) -> LevelLine:
        counted = dict.fromkeys(("admitted", "transferred_in", "transferred_out", "discharged"), 0)
        for move in moves:
            if move.to_state is level:
                entered = move.kind is MoveKind.ADMISSION
                counted["admitted" if entered else "transferred_in"] += move.count
            if move.from_state is level:
                left = move.kind is MoveKind.DISCHARGE
                counted["discharged" if left else "transferred_out"] += move.count
        return cls(level, yesterday=yesterday, today=today, **counted)

    @property
    def label(self) -> str:
        return "All levels" if self.level is None else self.level.label

    @property
    def expected(self) -> int:
        """What the moves make of yesterday."""
        arrived = self.admitted + self.transferred_in
        return self.yesterday + arrived - self.transferred_out - self.discharged

    @property
    def reconciles(self) -> bool:
        return self.expected == self.today

    @property
    def is_idle(self) -> bool:
        """Nobody there, nobody came, nobody went."""
        return not (
            self.yesterday or self.today or self.admitted or self.transferred_in or self.discharged
        )


@dataclass(frozen=True, slots=True)
class Group:
    """One value of an axis and how many patients have it."""

    key: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class CountDifference:
    """A number that reads otherwise now than it was written down."""

    service_date: date
    axis: str
    key: str
    written: int
    derived: int


Counts = Mapping[str, Mapping[str, int]]
"""Axis -> key -> count, zero counts left out: how a snapshot keeps a day."""


@dataclass(frozen=True, slots=True)
class CensusDay:
    """Who is in care when a clinic day ends, and what happened on it.

    Invariant: ``levels`` has every level of care once; a medication or modality nobody has is
    left out. Yesterday, today and the moves between are read from different facts.
    """

    day: date
    levels: tuple[LevelLine, ...]
    medications: tuple[Group, ...]
    modalities: tuple[Group, ...]
    discharge_reasons: tuple[Group, ...]
    readmitted: int
    waiting: int

    @property
    def total(self) -> LevelLine:
        return LevelLine(
            level=None,
            yesterday=sum(line.yesterday for line in self.levels),
            admitted=sum(line.admitted for line in self.levels),
            transferred_in=sum(line.transferred_in for line in self.levels),
            transferred_out=sum(line.transferred_out for line in self.levels),
            discharged=sum(line.discharged for line in self.levels),
            today=sum(line.today for line in self.levels),
        )

    @property
    def in_care(self) -> int:
        return self.total.today

    @property
    def beds_occupied(self) -> int:
        return sum(line.today for line in self.levels if line.level in BED_LEVELS)

    @property
    def busy_levels(self) -> tuple[LevelLine, ...]:
        return tuple(line for line in self.levels if not line.is_idle)

    @property
    def reconciles(self) -> bool:
        """Yesterday and the day's moves make today, in every level."""
        return all(line.reconciles for line in self.levels)

    def counts(self) -> Counts:
        total = self.total
        return {
            Axis.LEVEL.value: {
                line.level.value: line.today for line in self.levels if line.level and line.today
            },
            Axis.MEDICATION.value: {group.key: group.count for group in self.medications},
            Axis.MODALITY.value: {group.key: group.count for group in self.modalities},
            Axis.REASON.value: {group.key: group.count for group in self.discharge_reasons},
            "day": {
                key: count
                for key, count in (
                    (Axis.ADMITTED.value, total.admitted),
                    (Axis.READMITTED.value, self.readmitted),
                    (Axis.DISCHARGED.value, total.discharged),
                    (Axis.WAITING.value, self.waiting),
                )
                if count
            },
        }

    def differences(self, written: Counts) -> tuple[CountDifference, ...]:
        """Every number that a snapshot of this day has otherwise."""
        derived = self.counts()
        return tuple(
            CountDifference(self.day, axis, key, was, now)
            for axis in sorted({*written, *derived})
            for key in sorted({*written.get(axis, {}), *derived.get(axis, {})})
            if (was := written.get(axis, {}).get(key, 0))
            != (now := derived.get(axis, {}).get(key, 0))
        )

    def to_json(self) -> dict[str, object]:
        """The form of ``clinic census --json``."""
        total = self.total
        return {
            "date": self.day.isoformat(),
            "in_care": total.today,
            "yesterday": total.yesterday,
            "admitted": total.admitted,
            "readmitted": self.readmitted,
            "discharged": total.discharged,
            "waiting": self.waiting,
            "reconciles": self.reconciles,
            "levels": {
                line.level.value: {
                    "yesterday": line.yesterday,
                    "admitted": line.admitted,
                    "transferred_in": line.transferred_in,
                    "transferred_out": line.transferred_out,
                    "discharged": line.discharged,
                    "today": line.today,
                }
                for line in self.busy_levels
                if line.level
            },
            "medications": {group.key: group.count for group in self.medications},
            "modalities": {group.key: group.count for group in self.modalities},
            "discharge_reasons": {group.key: group.count for group in self.discharge_reasons},
        }


@dataclass(frozen=True, slots=True)
class CensusSeries:
    """The census at the end of each of a run of days: one list of counts per level of care."""

    days: tuple[date, ...]
    counts: Mapping[CareState, Sequence[int]]
    admitted: Sequence[int]
    discharged: Sequence[int]

    @property
    def totals(self) -> tuple[int, ...]:
        return tuple(map(sum, zip(*self.counts.values(), strict=True)))

    @property
    def busy_levels(self) -> tuple[CareState, ...]:
        return tuple(level for level, counts in self.counts.items() if any(counts))


@dataclass(frozen=True, slots=True)
class DoseCount:
    """Patients with an order to take something that day, and those who have taken it."""

    expected: int
    given: int
