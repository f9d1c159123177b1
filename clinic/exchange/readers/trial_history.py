"""Treatment histories of the CTN-0094 set: eight CSV files that share a participant number.

Source: public.ctn0094data 1.0.6 (NIDA trials CTN-0027, CTN-0030, CTN-0051). The day of a row is
a study day, and may be negative or missing.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from clinic.exchange.facts.reading import ReadLimits, ReadRefused
from clinic.exchange.facts.records import MedicationClass
from clinic.exchange.facts.trial import (
    TrialDose,
    TrialHistory,
    TrialPerson,
    TrialStay,
    TrialUrine,
    TrialVisit,
    TrialWithdrawal,
    VisitState,
)
from clinic.exchange.readers.outside_bytes import decode, read_bytes

_LIMITS = ReadLimits()
_COLUMNS = {
    "participants": ("who", "project", "site_masked", "age", "is_male"),
    "randomization": ("who", "treatment", "which", "when"),
    "dosing": ("who", "amount", "when"),
    "visits": ("who", "visit", "what", "when", "reasons"),
    "uds_collected": ("who", "was_temp_ok", "when"),
    "uds_positive": ("who", "what", "when"),
    "withdrawal": ("who", "withdrawal", "when"),
    "detox": ("who", "what", "when"),
}
# CTN-0027, -0030 and -0051 all gave buprenorphine together with naloxone; NR-NTX is naltrexone
# for injection, counted in injections. Source: Saxon 2013, Weiss 2011, Lee 2018 (trial reports).
_ARMS = {
    "Methadone": MedicationClass.METHADONE,
    "Inpatient BUP": MedicationClass.BUPRENORPHINE_NALOXONE,
    "Inpatient NR-NTX": MedicationClass.NALTREXONE,
    "Outpatient BUP": MedicationClass.BUPRENORPHINE_NALOXONE,
    "Outpatient BUP + SMM": MedicationClass.BUPRENORPHINE_NALOXONE,
    "Outpatient BUP + EMM": MedicationClass.BUPRENORPHINE_NALOXONE,
}
_WHO = re.compile(r"\d{1,9}", re.ASCII)
_DAY = re.compile(r"-?\d{1,4}", re.ASCII)
_AMOUNT = re.compile(r"\d{1,4}(\.\d{1,3})?", re.ASCII)
_AGE = re.compile(r"\d{1,3}", re.ASCII)
_TEMPERATURES = {"1": True, "0": False, "99": None}
_VISIT_STATES = {state.value: state for state in VisitState}
_BANDS = {"0": 0, "1": 1, "2": 2, "3": 3}
_STAY_EVENTS = {"admission": True, "discharge": False}
_YES_OR_NO = {"Yes": True, "No": False, "": None}
_MONDAY = 0

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of one file."""

    file: str
    line: int
    cells: Mapping[str, str]

    def refusal(self, reason: str) -> ReadRefused:
        return ReadRefused(self.file, f"line {self.line}", reason)

    def matching(self, column: str, pattern: re.Pattern[str], what: str) -> str:
        text = self.cells[column]
        if pattern.fullmatch(text) is None:
            raise self.refusal(f"{column} {text!r} is not {what}")
        return text

    def one_of(self, column: str, values: Mapping[str, _Value]) -> _Value:
        text = self.cells[column]
        if text not in values:
            raise self.refusal(f"{column} {text!r} is not one of {', '.join(map(repr, values))}")
        return values[text]

    @property
    def who(self) -> str:
        return self.matching("who", _WHO, "a participant number")

    @property
    def day(self) -> int:
        return int(self.matching("when", _DAY, "a study day"))

    @property
    def day_if_any(self) -> int | None:
        return self.day if self.cells["when"] else None


def read_folder(
    folder: Path,
    *,
    day_zero: date,
    day_zero_by_site: Mapping[str, date] | None = None,
    limits: ReadLimits = _LIMITS,
) -> TrialHistory:
    """Every participant's history. Study day 0 is ``day_zero``, or the site's own Monday.

    Rows without a day are kept, undated. Two dose rows of one day are both kept, never added.
    Raises: ReadRefused, with nothing read, for a missing file, column or participant and for
    any value that cannot be what its column says; ValueError when a day zero is not a Monday.
    """
    mondays = dict(day_zero_by_site or {})
    if any(day.weekday() != _MONDAY for day in (day_zero, *mondays.values())):
        raise ValueError("study day 0 must be a Monday")
    tables = {name: _table(folder, name, limits) for name in _COLUMNS}
    people = _participants(tables["participants"])
    arms = _arms(tables["randomization"], people)
    doses = _doses(tables["dosing"], people, arms)
    visits = _by_person(tables["visits"], people, _visit)
    urine = _urine(tables["uds_collected"], tables["uds_positive"], people)
    withdrawal = _by_person(tables["withdrawal"], people, _withdrawal)
    stays = _stays(tables["detox"], people)
    return TrialHistory(
        tuple(
            TrialPerson(
                who=who,
                project=row.cells["project"],
                site=row.cells["site_masked"],
                age=int(row.matching("age", _AGE, "an age")) if row.cells["age"] else None,
                is_male=row.one_of("is_male", _YES_OR_NO),
                day_zero=mondays.get(row.cells["site_masked"], day_zero),
                arm=arms[who, "1"].cells["treatment"] if (who, "1") in arms else "",
                second_arm=arms[who, "2"].cells["treatment"] if (who, "2") in arms else "",
                randomized_day=arms[who, "1"].day if (who, "1") in arms else None,
                doses=doses[who],
                visits=visits[who],
                urine=urine[who],
                withdrawal=withdrawal[who],
                detox=stays[who],
            )
            for who, row in sorted(people.items(), key=lambda each: int(each[0]))
        )
    )


def _table(folder: Path, name: str, limits: ReadLimits) -> list[_Row]:
    path = folder / f"{name}.csv"
    text = decode(read_bytes(path, limits=limits), file=path.name)
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(lines, [])
        _require_header(path.name, header, _COLUMNS[name])
        return list(_rows(path.name, header, lines, limits=limits))
    except csv.Error as error:
        reason = f"is not a readable table: {error}"
        raise ReadRefused(path.name, f"line {lines.line_num}", reason) from error


def _require_header(file: str, header: list[str], wanted: tuple[str, ...]) -> None:
    missing = [column for column in wanted if column not in header]
    if missing:
        raise ReadRefused(file, "line 1", f"lacks the column {', '.join(missing)}")
    if len(set(header)) != len(header):
        raise ReadRefused(file, "line 1", "names a column twice")


def _rows(
    file: str, header: list[str], lines: Iterator[list[str]], *, limits: ReadLimits
) -> Iterator[_Row]:
    for line, cells in enumerate(lines, start=2):
        if line > limits.rows_per_table:
            raise ReadRefused(file, f"line {line}", f"has over {limits.rows_per_table:,} rows")
        if not cells:
            continue
        if len(cells) != len(header):
            reason = f"has {len(cells)} cells where the header has {len(header)}"
            raise ReadRefused(file, f"line {line}", reason)
        yield _Row(file, line, dict(zip(header, cells, strict=True)))


def _participants(rows: list[_Row]) -> dict[str, _Row]:
    people: dict[str, _Row] = {}
    for row in rows:
        if people.setdefault(row.who, row) is not row:
            raise row.refusal(f"participant {row.who} is here twice")
    return people


def _known(row: _Row, people: Mapping[str, _Row]) -> str:
    if row.who not in people:
        raise row.refusal(f"participant {row.who} is not in participants.csv")
    return row.who


def _arms(rows: list[_Row], people: Mapping[str, _Row]) -> dict[tuple[str, str], _Row]:
    """The row of each person's first (``1``) and second (``2``) randomization."""
    arms: dict[tuple[str, str], _Row] = {}
    for row in rows:
        row.one_of("treatment", _ARMS)
        which = row.one_of("which", {"1": "1", "2": "2"})
        if arms.setdefault((_known(row, people), which), row) is not row:
            raise row.refusal(f"randomization {which} of participant {row.who} is here twice")
    return arms


def _doses(
    rows: list[_Row], people: Mapping[str, _Row], arms: Mapping[tuple[str, str], _Row]
) -> defaultdict[str, tuple[TrialDose, ...]]:
    def dose(row: _Row) -> TrialDose:
        arm = arms.get((row.who, "1"))
        if arm is None:
            raise row.refusal(f"participant {row.who} has a dose but no treatment arm")
        amount = Decimal(row.matching("amount", _AMOUNT, "an amount"))
        return TrialDose(row.day, amount, _ARMS[arm.cells["treatment"]])

    doses = _by_person(rows, people, dose)
    for who, given in doses.items():
        doses[who] = tuple(sorted(given, key=lambda each: each.day))
    return doses


def _by_person(
    rows: list[_Row], people: Mapping[str, _Row], fact_of: Callable[[_Row], _Value]
) -> defaultdict[str, tuple[_Value, ...]]:
    found: dict[str, list[_Value]] = {}
    for row in rows:
        found.setdefault(_known(row, people), []).append(fact_of(row))
    return defaultdict(tuple, {who: tuple(facts) for who, facts in found.items()})


def _visit(row: _Row) -> TrialVisit:
    return TrialVisit(
        name=row.cells["visit"],
        state=row.one_of("what", _VISIT_STATES),
        day=row.day_if_any,
        reasons=tuple(reason for reason in row.cells["reasons"].split(";") if reason),
    )


def _withdrawal(row: _Row) -> TrialWithdrawal:
    return TrialWithdrawal(row.day, row.one_of("withdrawal", _BANDS))


def _urine(
    collected: list[_Row], positive: list[_Row], people: Mapping[str, _Row]
) -> defaultdict[str, tuple[TrialUrine, ...]]:
    """Samples with their positives; a positive without a sample breaks the set."""
    found: dict[tuple[str, int | None], set[str]] = {}
    for row in collected:
        sample = (_known(row, people), row.day_if_any)
        if sample in found:
            raise row.refusal(f"a second sample of participant {row.who} on that day")
        found[sample] = set()
    for row in positive:
        analytes = found.get((_known(row, people), row.day_if_any))
        if analytes is None:
            raise row.refusal(f"a positive of participant {row.who} without a collected sample")
        analytes.add(row.cells["what"])

    def sample_of(row: _Row) -> TrialUrine:
        return TrialUrine(
            day=row.day_if_any,
            is_temperature_ok=row.one_of("was_temp_ok", _TEMPERATURES),
            positives=frozenset(found[row.who, row.day_if_any]),
        )

    return _by_person(collected, people, sample_of)


def _stays(rows: list[_Row], people: Mapping[str, _Row]) -> defaultdict[str, tuple[TrialStay, ...]]:
    stays: defaultdict[str, tuple[TrialStay, ...]] = defaultdict(tuple)
    for row in rows:
        who = _known(row, people)
        before = stays[who]
        is_open = bool(before) and before[-1].last_day is None
        if row.one_of("what", _STAY_EVENTS):
            if is_open:
                raise row.refusal(f"participant {who} is admitted twice without a discharge")
            stays[who] = (*before, TrialStay(row.day, None))
        elif not is_open or row.day < before[-1].first_day:
            raise row.refusal(f"participant {who} is discharged without an admission")
        else:
            stays[who] = (*before[:-1], TrialStay(before[-1].first_day, row.day))
    return stays
