"""A day and its history for a part of the patients: the same numbers, made by the replay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

from clinic.census.facts import (
    AGE_BANDS_FROM,
    CARE_LEVELS,
    NOT_RECORDED,
    SPLIT_AXES,
    Axis,
    AxisLine,
    CensusDay,
    CensusSeries,
    Column,
    Flows,
    Group,
    LevelLine,
    MoveKind,
    Movement,
    Slice,
    Step,
    age_band,
    moved_in,
)
from clinic.census.facts.work import PeriodTotals
from clinic.census.queries.day import modality_label
from clinic.core.service_dates import ONE_DAY
from clinic.patients.facts import PayerKind, Sex
from clinic.programs.facts import CareState, DischargeReason, MedicationState
from clinic.therapies.catalogue import CATALOGUE

_EMPTY_LEVEL = dict.fromkeys((column.value for column in Column), 0)


def labels(axis: Axis, names: Mapping[str, str] | None = None) -> dict[str, str]:
    """The values of an axis in the order they are shown, with what people call them."""
    if axis is Axis.COUNSELOR:
        by_name = sorted((names or {}).items(), key=lambda pair: pair[1])
        return {**dict(by_name), NOT_RECORDED: "No counselor"}
    return _LABELS[axis]


def _ages() -> dict[str, str]:
    born = date(1900, 1, 1)
    bands = [age_band(born, on=date(1900 + start, 1, 1)) for start in AGE_BANDS_FROM]
    return {band: f"{band} years" for band in bands}


_LABELS: Mapping[Axis, dict[str, str]] = {
    Axis.LEVEL: {level.value: level.label for level in CARE_LEVELS},
    Axis.MEDICATION: {one.value: one.label for one in MedicationState},
    Axis.MODALITY: {
        **{code: modality_label(code) for code in sorted(CATALOGUE, key=modality_label)},
        NOT_RECORDED: "No course",
    },
    Axis.UNIT: {NOT_RECORDED: "No unit named"},
    Axis.PAYER: {
        **{payer.value: payer.label for payer in PayerKind},
        NOT_RECORDED: "No payer recorded",
    },
    Axis.SEX: {sex.value: sex.label for sex in Sex},
    Axis.AGE: _ages(),
    Axis.PREGNANT: {"yes": "Pregnant", "no": "Not pregnant"},
}


def tables(found: Flows, *, part: Slice) -> dict[Axis, list[AxisLine]]:
    """The lines of every axis but the level of care, which has a table of its own."""
    return {
        axis: found.lines(axis, part=part, labels=labels(axis, found.names))
        for axis in SPLIT_AXES
        if axis is not Axis.LEVEL
    }


def choices(found: Flows) -> dict[Axis, dict[str, str]]:
    """What the filters offer: every value somebody in care has, whatever is chosen now."""
    everybody = Slice()
    return {
        axis: {
            str(line.key): line.label
            for line in found.lines(axis, part=everybody, labels=labels(axis, found.names))
        }
        for axis in SPLIT_AXES
    }


def census_of(found: Flows, *, part: Slice, moves: list[Movement]) -> CensusDay:
    """The census of a slice, or of a day until a minute of it."""
    lines = {line.key: line for line in found.lines(Axis.LEVEL, part=part, labels={})}
    after = [one.position for one in found.after if part.holds(one.position)]
    admitted = _episodes(found, Column.ADMITTED, part)
    discharged = _episodes(found, Column.DISCHARGED, part)
    reasons = Counter(
        move.reason
        for move in moves
        if move.kind is MoveKind.DISCHARGE and move.patient_id in discharged and move.reason
    )
    return CensusDay(
        day=found.vantage.day,
        levels=tuple(_level(level, lines.get(level.value)) for level in CARE_LEVELS),
        medications=_groups(found, Axis.MEDICATION, part),
        modalities=_groups(found, Axis.MODALITY, part),
        discharge_reasons=tuple(
            Group(reason.value, reason.label, reasons[reason])
            for reason in DischargeReason
            if reasons[reason]
        ),
        readmitted=sum(move.returned and move.patient_id in admitted for move in moves),
        waiting=sum(position.waits for position in after),
    )


def series_of(found: Flows, *, part: Slice, first: date) -> CensusSeries:
    """The census of a slice at the end of each day from ``first`` to the day of ``found``."""
    length = (found.vantage.day - first).days + 1
    days = tuple(first + timedelta(days=offset) for offset in range(length))
    change: Counter[tuple[CareState | None, date]] = Counter()
    moved: Counter[tuple[Column, date]] = Counter()
    for step in found.steps:
        change[step.before.state, step.service_date] -= part.counts(step.before)
        change[step.after.state, step.service_date] += part.counts(step.after)
        for column, keys in moved_in(step, axis=None, part=part).items():
            moved[column, step.service_date] += len(keys)
    before = Counter(one.position.state for one in found.before if part.counts(one.position))
    counts: dict[CareState, list[int]] = {}
    for level in CARE_LEVELS:
        running = before[level]
        counts[level] = [running := running + change[level, day] for day in days]
    return CensusSeries(
        days=days,
        counts=counts,
        admitted=[moved[Column.ADMITTED, day] for day in days],
        discharged=[moved[Column.DISCHARGED, day] for day in days],
    )


def compared(history: CensusSeries, *, days: int) -> tuple[PeriodTotals, PeriodTotals]:
    """The last days of a history, and as many before them."""
    length = len(history.days)
    return (
        _totals(history, first=length - days, until=length),
        _totals(history, first=length - 2 * days, until=length - days),
    )


def counted_steps(
    found: Flows, column: Column, *, axis: Axis | None, value: str, part: Slice
) -> list[Step]:
    """The steps a number of moves counts, one for each time it counts them."""
    return [
        step
        for step in found.steps
        if (keys := moved_in(step, axis=axis, part=part).get(column))
        and (not value or value in keys)
    ]


def _totals(history: CensusSeries, *, first: int, until: int) -> PeriodTotals:
    return PeriodTotals(
        first=history.days[first],
        last=history.days[until] - ONE_DAY if until < len(history.days) else history.days[-1],
        patient_days=sum(history.totals[first:until]),
        admitted=sum(history.admitted[first:until]),
        discharged=sum(history.discharged[first:until]),
        in_care=history.totals[until - 1],
    )


def _episodes(found: Flows, column: Column, part: Slice) -> set[object]:
    steps = counted_steps(found, column, axis=None, value="", part=part)
    return {step.patient_id for step in steps}


def _level(level: CareState, line: AxisLine | None) -> LevelLine:
    if line is None:
        return LevelLine(level, **_EMPTY_LEVEL)
    return LevelLine(level, **{column.value: line.number(column) for column in Column})


def _groups(found: Flows, axis: Axis, part: Slice) -> tuple[Group, ...]:
    return tuple(
        Group(str(line.key), line.label, line.today)
        for line in found.lines(axis, part=part, labels=labels(axis))
        if line.today and not (axis is Axis.MODALITY and line.key == NOT_RECORDED)
    )
