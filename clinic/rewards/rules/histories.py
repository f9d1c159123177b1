"""Read the laboratory's histories out of files, and say which line is wrong.

The clinic's own form is CSV with a header, one visit a line:

    patient,visit,result,bonus
    7,2026-03-02,N,yes
    7,2026-03-05,M,

``visit`` is a date or a whole number; ``result`` one of N P M X; ``bonus``, which may be left out,
is yes where the visit also earned a prize bowl's bonus draws.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from clinic.core.errors import Refused
from clinic.rewards.facts import History, PastVisit, VisitOutcome

COLUMNS = ("patient", "visit", "result")
BONUS = "bonus"
LINES_MAX = 200_000
BYTES_MAX = 10_000_000
FAULTS_SHOWN = 10
_CODE_LENGTH_MAX = 40
_NUMBER = re.compile(r"-?[0-9]{1,6}")
_LETTERS = ", ".join(letter.value for letter in VisitOutcome)
_YES, _NO = frozenset({"yes", "y", "1"}), frozenset({"", "no", "n", "0"})

TRIAL_COLUMNS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "participants.csv": frozenset({"who"}),
        "uds_collected.csv": frozenset({"who", "was_temp_ok", "when"}),
        "uds_positive.csv": frozenset({"who", "what", "when"}),
        "visits.csv": frozenset({"who", "what", "when", "reasons"}),
    }
)
"""The files of the public CTN-0094 histories that are read, and what is read of them."""
TRIAL_STIMULANTS = frozenset({"Cocaine", "Amphetamine"})
TRIAL_BONUS = frozenset({"Opioid", "Thc"})
TRIAL_EXCUSES = frozenset({"illness", "in_hospital", "in_jail", "on_vacation"})
"""Reasons for a missed visit that count as an excuse. Source: site policy."""


class _Line(NamedTuple):
    patient: str
    place: tuple[int, date | None]
    visit: PastVisit


class _Fault(Exception):
    """What is wrong with a line, in words for people."""


def text_of(content: bytes) -> str:
    """The text of a file.

    Raises: Refused when it is too big, or no text.
    """
    if len(content) > BYTES_MAX:
        raise Refused(f"The file is bigger than {BYTES_MAX // 1_000_000} MB.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("The file is not text in UTF-8.") from error


def histories_from_csv(text: str) -> tuple[History, ...]:
    """The histories of a file in the clinic's form, patients in the order they first come.

    Raises: Refused with the first faults, each with its line and what is allowed there.
    """
    rows = _rows(text)
    header = [name.strip().lower() for name in next(rows, (0, []))[1]]
    if header not in ([*COLUMNS], [*COLUMNS, BONUS]):
        raise Refused(f"The first line must read {','.join(COLUMNS)} or {','.join(COLUMNS)},bonus.")
    found: dict[str, dict[tuple[int, date | None], PastVisit]] = defaultdict(dict)
    faults: list[str] = []
    for number, cells in rows:
        try:
            _keep(_line(cells, columns=len(header)), found)
        except _Fault as fault:
            faults.append(f"Line {number}: {fault}.")
            if len(faults) == FAULTS_SHOWN:
                break
    if faults:
        raise Refused(faults)
    return tuple(_history(code, visits) for code, visits in found.items())


def histories_from_trial(files: Mapping[str, str]) -> tuple[History, ...]:
    """The histories of the public CTN-0094 files, by their text, as stimulant tests.

    A sample with a stimulant in it is positive; one at a wrong temperature proves nothing. A visit
    that was not kept counts as missed on its day when no sample was given then. What has no
    study day has no place in a history and is left out. Participants without any visit stay.
    Shape: ``files`` holds the text of each of ``TRIAL_COLUMNS`` by its name; visits have no dates.
    Raises: Refused when a file is missing, or is not of that form.
    """
    tables = {name: _table(name, files.get(name)) for name in TRIAL_COLUMNS}
    found_in: dict[tuple[str, int], set[str]] = defaultdict(set)
    for row in tables["uds_positive.csv"]:
        found_in[row["who"], _day(row)].add(row["what"])
    visits: dict[str, dict[int, PastVisit]] = {row["who"]: {} for row in tables["participants.csv"]}
    for row in tables["visits.csv"]:
        if row["what"] == "no visit":
            is_excused = bool(TRIAL_EXCUSES & set(row["reasons"].split(";")))
            outcome = VisitOutcome.EXCUSED if is_excused else VisitOutcome.MISSED
            visits.setdefault(row["who"], {})[_day(row)] = PastVisit(outcome)
    for row in tables["uds_collected.csv"]:
        drugs = found_in[row["who"], _day(row)]
        visits.setdefault(row["who"], {})[_day(row)] = _sample(row["was_temp_ok"], drugs)
    return tuple(
        History(code, tuple(days[day] for day in sorted(days))) for code, days in visits.items()
    )


def _sample(was_temperature_right: str, drugs: set[str]) -> PastVisit:
    if drugs & TRIAL_STIMULANTS:
        return PastVisit(VisitOutcome.POSITIVE)
    if was_temperature_right == "0":
        return PastVisit(VisitOutcome.EXCUSED)
    return PastVisit(VisitOutcome.NEGATIVE, earns_bonus_draws=not drugs & TRIAL_BONUS)


def _keep(line: _Line, found: Mapping[str, dict[tuple[int, date | None], PastVisit]]) -> None:
    visits = found[line.patient]
    if line.place in visits:
        raise _Fault(f"patient {line.patient} has this visit twice")
    visits[line.place] = line.visit


def _history(code: str, visits: Mapping[tuple[int, date | None], PastVisit]) -> History:
    places = sorted(visits, key=lambda place: place[0])
    return History(code, tuple(visits[place] for place in places))


def _line(cells: Sequence[str], *, columns: int) -> _Line:
    if len(cells) != columns:
        raise _Fault(f"it has {len(cells)} values, not {columns}")
    patient, visit, result, bonus = [*(cell.strip() for cell in cells), ""][:4]
    if not 0 < len(patient) <= _CODE_LENGTH_MAX:
        raise _Fault(f"patient is a code of 1 to {_CODE_LENGTH_MAX} characters")
    letter = result.upper()
    if letter not in list(VisitOutcome):
        raise _Fault(f"result is {_shown(result)}; it is one of {_LETTERS}")
    if bonus.lower() not in _YES | _NO:
        raise _Fault(f"bonus is {_shown(bonus)}; it is yes, no or empty")
    order, day = _place(visit)
    return _Line(
        patient,
        (order, day),
        PastVisit(VisitOutcome(letter), happened_on=day, earns_bonus_draws=bonus.lower() in _YES),
    )


def _place(visit: str) -> tuple[int, date | None]:
    """Where a visit stands among a patient's, and its date where it has one."""
    if _NUMBER.fullmatch(visit):
        return int(visit), None
    try:
        day = date.fromisoformat(visit)
    except ValueError as error:
        raise _Fault(
            f"visit is {_shown(visit)}; it is a date such as 2026-03-02, or a whole number"
        ) from error
    return day.toordinal(), day


def _shown(text: str) -> str:
    return repr(text[:_CODE_LENGTH_MAX])


def _table(name: str, text: str | None) -> list[dict[str, str]]:
    if text is None:
        raise Refused(f"The folder has no {name}.")
    rows = [cells for _, cells in _rows(text)]
    table = [dict(zip(rows[0], cells, strict=False)) for cells in rows[1:]] if rows else []
    wanted = TRIAL_COLUMNS[name]
    if not all(wanted <= row.keys() for row in table):
        raise Refused(f"{name} is not of the CTN-0094 form: it needs {', '.join(sorted(wanted))}.")
    return [row for row in table if row.get("when", "0").strip()]


def _day(row: Mapping[str, str]) -> int:
    try:
        return int(row["when"])
    except ValueError as error:
        raise Refused(f"{row['when'][:_CODE_LENGTH_MAX]!r} is not a study day.") from error


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold something, with the numbers of their lines.

    Raises: Refused for what is not CSV, and for more lines than anybody's clinic has.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            if reader.line_num > LINES_MAX:
                raise Refused(f"The file has more than {LINES_MAX:,} lines.")
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise Refused(f"Line {reader.line_num} cannot be read as CSV.") from error
