"""Reading a question from an address: only what the catalogue lists, each thing said once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation

from clinic.census.facts.deliveries import SmallCellTerms
from clinic.census.facts.questions import (
    FIELDS,
    GROUPS_MAX,
    PATIENTS,
    YES_NO,
    Answer,
    Comparison,
    Field,
    FieldType,
    Filter,
    GroupBy,
    Question,
    RowKind,
    Show,
    Value,
)
from clinic.core.errors import Refused

_OWN = frozenset({"rows", "group", "show", "of"})
_NUMBER_MAX = 10**9


def read_question(pairs: Iterable[tuple[str, str]]) -> Question:
    """The question in the pairs of an address; a pair without a value asks nothing.

    Raises: Refused with a sentence for each thing that cannot be asked.
    """
    said = [(name, value) for name, value in pairs if value]
    rows = _rows(said)
    faults: list[str] = []
    question = Question(
        rows=rows,
        filters=_filters(rows, said, faults),
        groups=_groups(rows, said, faults),
        show=_show(said, faults),
        of=_of(rows, said, faults),
    )
    if (question.show is Show.COUNT) != (question.of is None):
        faults.append("A sum or a mean is of a number: choose both, or count.")
    if faults:
        raise Refused(faults)
    return question


def _rows(said: Sequence[tuple[str, str]]) -> RowKind:
    wanted = [value for name, value in said if name == "rows"] or [RowKind.PATIENTS]
    try:
        (rows,) = map(RowKind, wanted)
    except ValueError:
        kinds = ", ".join(RowKind)
        raise Refused(f"A row is one of: {kinds}. Not {_quoted(*wanted)}.") from None
    return rows


def _filters(
    rows: RowKind, said: Sequence[tuple[str, str]], faults: list[str]
) -> tuple[Filter, ...]:
    found = []
    asked = [(name, value) for name, value in said if name not in _OWN]
    for name, times in Counter(name for name, _ in asked).items():
        if times > 1:
            faults.append(f"{_quoted(name)} is asked twice.")
    for name, value in asked:
        field_name, _, how = name.rpartition(".")
        field = _field(rows, field_name)
        if field is None or how not in field.comparisons:
            faults.append(f"{rows.label} cannot be asked for {_quoted(name)}.")
            continue
        try:
            found.append(Filter(field, Comparison(how), _value(field, value)))
        except ValueError:
            faults.append(f"{field.label} has no value {_quoted(value)}.")
    return tuple(found)


def _groups(
    rows: RowKind, said: Sequence[tuple[str, str]], faults: list[str]
) -> tuple[GroupBy, ...]:
    known = {
        group.key: group
        for field in FIELDS[rows]
        for group in (GroupBy(field, part) for part in field.groups)
    }
    wanted = list(dict.fromkeys(value for name, value in said if name == "group"))
    if len(wanted) > GROUPS_MAX:
        faults.append(f"Rows are put together by {GROUPS_MAX} fields at most.")
    unknown = [key for key in wanted if key not in known]
    if unknown:
        faults.append(f"{rows.label} cannot be put together by {_quoted(*unknown)}.")
    return tuple(known[key] for key in wanted if key in known)


def _show(said: Sequence[tuple[str, str]], faults: list[str]) -> Show:
    wanted = [value for name, value in said if name == "show"] or [Show.COUNT]
    try:
        (show,) = map(Show, wanted)
    except ValueError:
        faults.append(f"What is shown is one of: {', '.join(Show)}. Not {_quoted(*wanted)}.")
        return Show.COUNT
    return show


def _of(rows: RowKind, said: Sequence[tuple[str, str]], faults: list[str]) -> Field | None:
    wanted = [value for name, value in said if name == "of"]
    if not wanted:
        return None
    field = _field(rows, wanted[0]) if len(wanted) == 1 else None
    if field is None or field.type is not FieldType.NUMBER:
        faults.append(f"{rows.label} have no number {_quoted(*wanted)}.")
        return None
    return field


def _field(rows: RowKind, name: str) -> Field | None:
    return next((field for field in FIELDS[rows] if field.name == name), None)


def _value(field: Field, text: str) -> Value:
    """Raises: ValueError when the field has no such value."""
    if field.type is FieldType.CHOICE:
        if text not in dict(field.choices):
            raise ValueError(text)
        return text
    if field.type is FieldType.YES_NO:
        if text not in dict(YES_NO):
            raise ValueError(text)
        return text == "yes"
    if field.type is FieldType.DATE:
        return date.fromisoformat(text)
    return _stored_number(text, scale=field.scale)


def _stored_number(text: str, *, scale: int) -> int:
    try:
        number = Decimal(text) * scale
    except InvalidOperation:
        raise ValueError(text) from None
    whole = number.is_finite() and number == number.to_integral_value()
    if not whole or abs(number) > _NUMBER_MAX:
        raise ValueError(text)
    return int(number)


def _quoted(*texts: str) -> str:
    return ", ".join(f"“{text[:40]}”" for text in texts)


def without_small_groups(answer: Answer, *, terms: SmallCellTerms | None = None) -> Answer:
    """Counts without the lines about too few patients, and never without one alone.

    Were it one, the whole without the others would tell it; the next smallest goes with it.
    A line about nobody says nothing of anybody and stays. Rows that name people stay as well.
    Source: CMS cell size suppression policy.
    """
    if PATIENTS not in answer.labels:
        return answer
    place, least = answer.labels.index(PATIENTS), (terms or SmallCellTerms()).smallest_shown
    counts = {number: int(row[place] or 0) for number, row in enumerate(answer.rows)}
    withheld = {number for number, count in counts.items() if 0 < count < least}
    others = [number for number in counts if number not in withheld and counts[number]]
    if len(withheld) == 1 and others:
        withheld.add(min(others, key=counts.__getitem__))
    kept = tuple(row for number, row in enumerate(answer.rows) if number not in withheld)
    return replace(answer, rows=kept, withheld=answer.withheld + len(withheld))
