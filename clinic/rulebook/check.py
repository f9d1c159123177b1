"""Puts a file of cases to the rules and says which of them do not come out as expected."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from clinic.rulebook.facts import Case, CheckReport, Failure, FailureKind, RuleEntry


class BrokenLine(Exception):
    """A line that is not a case at all."""

    def __init__(self, line_number: int, what: str) -> None:
        super().__init__(f"line {line_number}: {what}")


def read_cases(lines: Iterable[str]) -> Iterator[Case]:
    """The cases of a JSONL text, one a line; empty lines are passed over.

    Raises: BrokenLine, with its number, for a line that is not a case.
    """
    for line_number, line in enumerate(lines, start=1):
        if line.strip():
            yield _case(line, line_number=line_number)


def _case(line: str, *, line_number: int) -> Case:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as cause:
        raise BrokenLine(line_number, f"not JSON ({cause})") from cause
    if not isinstance(record, dict):
        raise BrokenLine(line_number, "not a JSON object")
    for key, kind in (("id", str), ("rule", str), ("input", dict), ("expect", dict)):
        if key not in record:
            raise BrokenLine(line_number, f'"{key}" is missing')
        if not isinstance(record[key], kind):
            wanted = "text" if kind is str else "an object"
            raise BrokenLine(line_number, f'"{key}" must be {wanted}')
    return Case(
        line_number=line_number,
        id=record["id"],
        rule=record["rule"],
        given=record["input"],
        expected=record["expect"],
    )


def check(cases: Iterable[Case], *, rules: Mapping[str, RuleEntry]) -> CheckReport:
    """Ask every case and collect those that fail, in the order of the file."""
    total = 0
    first_line_of: dict[str, int] = {}
    failures: list[Failure] = []
    for case in cases:
        total += 1
        first_line = first_line_of.setdefault(case.id, case.line_number)
        failure = _judge(case, rules=rules, first_line=first_line)
        if failure is not None:
            failures.append(failure)
    return CheckReport(total=total, failures=tuple(failures))


def _judge(case: Case, *, rules: Mapping[str, RuleEntry], first_line: int) -> Failure | None:
    def failed(kind: FailureKind, got: object) -> Failure:
        return Failure(
            kind=kind,
            line_number=case.line_number,
            id=case.id,
            rule=case.rule,
            expected=case.expected,
            got=got,
        )

    if first_line != case.line_number:
        return failed(FailureKind.DUPLICATE_ID, f"the id of line {first_line} again")
    entry = rules.get(case.rule)
    if entry is None:
        return failed(FailureKind.NOT_IMPLEMENTED, f"rule {case.rule!r} is not implemented")
    got = entry.answer(case.given)
    return None if _same(case.expected, got) else failed(FailureKind.MISMATCH, got)


def _same(expected: object, got: object) -> bool:
    """Equal as JSON: ``true`` is not 1, and 1.0 is not 1."""
    return json.dumps(expected, sort_keys=True) == json.dumps(got, sort_keys=True)
