"""Where a patient stands on every axis at once, and the lines such positions add up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from clinic.census.facts.axes import Axis, Column
from clinic.programs.facts import LEVELS_OF_CARE, WAITING, CareState, MedicationState

NOT_RECORDED = "none"
"""The value of an axis for whom nothing is recorded on it."""

AGE_BANDS_FROM = (0, 18, 25, 35, 45, 55, 65)
"""First year of each age band. Source: TEDS age groups put together; site policy."""


def age_band(birth_date: date, *, on: date) -> str:
    """The band of the age in whole years: ``25-34``."""
    years = on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
    first = max((start for start in AGE_BANDS_FROM if start <= years), default=0)
    after = next((start for start in AGE_BANDS_FROM if start > first), None)
    return f"{first}+" if after is None else f"{first}-{after - 1}"


@dataclass(frozen=True, slots=True)
class Vantage:
    """From where a day is seen: whole or until a minute of it, by what was recorded by when.

    ``known_by`` None is everything recorded until now.
    """

    day: date
    at: datetime | None = None
    known_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """One episode at one moment, on every axis."""

    state: CareState | None
    medication: MedicationState = MedicationState.NONE
    modalities: frozenset[str] = frozenset()
    unit: str = NOT_RECORDED
    counselor: str = NOT_RECORDED
    payer: str = NOT_RECORDED
    sex: str = NOT_RECORDED
    age: str = NOT_RECORDED
    pregnant: bool = False

    @property
    def in_care(self) -> bool:
        return self.state in LEVELS_OF_CARE

    @property
    def waits(self) -> bool:
        return self.state in WAITING

    def values(self, axis: Axis) -> frozenset[str]:
        """What the patient counts under on an axis; several only for modalities."""
        if axis is Axis.MODALITY:
            return self.modalities or frozenset({NOT_RECORDED})
        if axis is Axis.LEVEL:
            return frozenset({self.state.value} if self.state else ())
        if axis is Axis.PREGNANT:
            return frozenset({"yes" if self.pregnant else "no"})
        return frozenset({str(getattr(self, axis.value))})


@dataclass(frozen=True, slots=True)
class Slice:
    """Only those patients who have one value on each of some axes; empty is everybody."""

    wanted: tuple[tuple[Axis, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wanted)

    def holds(self, position: Position) -> bool:
        return all(value in position.values(axis) for axis, value in self.wanted)

    def counts(self, position: Position) -> bool:
        """In care, and one of those meant."""
        return position.in_care and self.holds(position)

    def to_query(self) -> dict[str, str]:
        """The part of an address that asks for this slice."""
        return {axis.value: value for axis, value in self.wanted}


EVERYBODY = Slice()


@dataclass(frozen=True, slots=True)
class Standing:
    """One episode when the day begins or ends: who, where, and since when."""

    episode_id: UUID
    patient_id: UUID
    since: date | None
    position: Position


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one episode during the days counted."""

    episode_id: UUID
    patient_id: UUID
    service_date: date
    before: Position
    after: Position


@dataclass(frozen=True, slots=True)
class AxisLine:
    """One value of an axis from last midnight to this one; ``key`` None is everybody counted."""

    key: str | None
    label: str
    yesterday: int
    admitted: int
    transferred_in: int
    transferred_out: int
    discharged: int
    today: int

    @property
    def expected(self) -> int:
        """What the changes make of yesterday."""
        arrived = self.admitted + self.transferred_in
        return self.yesterday + arrived - self.transferred_out - self.discharged

    @property
    def reconciles(self) -> bool:
        return self.expected == self.today

    def number(self, column: Column) -> int:
        found: int = getattr(self, column.value)
        return found


def moved_in(step: Step, *, axis: Axis | None, part: Slice) -> dict[Column, frozenset[str]]:
    """What one step counts as, and under which values of an axis (None: of the whole).

    Invariant: yesterday with every step applied is today, on each value of each axis.
    """
    was, now = part.counts(step.before), part.counts(step.after)
    here = frozenset({""})
    old = (step.before.values(axis) if axis else here) if was else frozenset[str]()
    new = (step.after.values(axis) if axis else here) if now else frozenset[str]()
    if not step.before.in_care:
        return {Column.ADMITTED: new}
    if not step.after.in_care:
        return {Column.DISCHARGED: old}
    return {Column.TRANSFERRED_OUT: old - new, Column.TRANSFERRED_IN: new - old}


@dataclass(frozen=True, slots=True)
class Flows:
    """The positions when the first day began and the last one ended, and each step between.

    Invariant: the three are read apart, so that a line that reconciles has been checked.
    """

    vantage: Vantage
    before: tuple[Standing, ...]
    steps: tuple[Step, ...]
    after: tuple[Standing, ...]
    names: Mapping[str, str]
    """Counselor id -> name."""

    def lines(self, axis: Axis, *, part: Slice, labels: Mapping[str, str]) -> list[AxisLine]:
        """Every value of an axis that anybody had, in the order of ``labels``, then by name."""
        table = self._count(axis, part)
        order = {key: place for place, key in enumerate(labels)}
        keys = sorted(
            {key for counts in table.values() for key in counts},
            key=lambda key: (order.get(key, len(order)), labels.get(key, key)),
        )
        return [
            AxisLine(
                key=key,
                label=labels.get(key, key),
                **{column.value: table[column].get(key, 0) for column in Column},
            )
            for key in keys
        ]

    def total(self, *, part: Slice) -> AxisLine:
        """Everybody in the slice: who enters or leaves it while in care is a transfer."""
        table = self._count(None, part)
        return AxisLine(
            key=None,
            label="Everybody" if not part else "The whole slice",
            **{column.value: table[column].get("", 0) for column in Column},
        )

    def _count(self, axis: Axis | None, part: Slice) -> dict[Column, dict[str, int]]:
        table: dict[Column, dict[str, int]] = {column: {} for column in Column}

        def add(column: Column, keys: Iterable[str]) -> None:
            for key in keys:
                table[column][key] = table[column].get(key, 0) + 1

        for column, standing in ((Column.YESTERDAY, self.before), (Column.TODAY, self.after)):
            for one in standing:
                if part.counts(one.position):
                    add(column, one.position.values(axis) if axis else ("",))
        for step in self.steps:
            for column, keys in moved_in(step, axis=axis, part=part).items():
                add(column, keys)
        return table
