from __future__ import annotations

import json

import pytest

from clinic.rulebook.check import BrokenLine, check, read_cases
from clinic.rulebook.facts import CheckReport, FailureKind
from clinic.rulebook.registry import RULES


def line(
    case_id: str = "CW-05", *, rule: str = "cows_band", total: object = 4, expect: object = None
) -> str:
    return json.dumps(
        {
            "id": case_id,
            "rule": rule,
            "input": {"total": total},
            "expect": {"band": "none"} if expect is None else expect,
        }
    )


def report_on(*lines: str) -> CheckReport:
    return check(read_cases(lines), rules=RULES)


def test_a_case_as_expected_passes() -> None:
    assert report_on(line(), "", line("CW-06")).to_json() == {
        "total": 2,
        "passed": 2,
        "failed": 0,
        "not_implemented": 0,
        "failures": [],
    }


def test_a_mismatch_names_the_case_what_was_expected_and_what_came() -> None:
    report = report_on(line(), line("CW-06", total=5))
    assert (report.passed, report.failed) == (1, 1)
    assert report.to_json()["failures"] == [
        {
            "kind": "mismatch",
            "line": 2,
            "id": "CW-06",
            "rule": "cows_band",
            "expected": {"band": "none"},
            "got": {"band": "mild"},
        }
    ]


@pytest.mark.parametrize(
    "expect",
    [
        {},
        {"band": "none", "total": 4},
        {"band": ["none"]},
        {"error": "INVALID", "item": "total"},
    ],
)
def test_all_keys_must_be_there_and_no_others(expect: object) -> None:
    assert report_on(line(expect=expect)).failed == 1


def test_true_is_not_one_and_one_point_zero_is_not_one() -> None:
    good = {"resting_pulse": 1}
    for wrong in ({"resting_pulse": True}, {"resting_pulse": 1.0}, {"resting_pulse": "1"}):
        cases = (
            {
                "id": f"CW-{number}",
                "rule": "cows_pulse_item",
                "input": {"resting_pulse_bpm": 81},
                "expect": expect,
            }
            for number, expect in enumerate((good, wrong))
        )
        report = report_on(*map(json.dumps, cases))
        assert [failure.id for failure in report.failures] == ["CW-1"]


def test_an_expected_error_passes_when_it_comes() -> None:
    assert report_on(line(total=49, expect={"error": "INVALID", "item": "total"})).failed == 0


def test_a_rule_that_is_not_there_fails_and_is_counted_apart() -> None:
    report = report_on(line(), line("CW-06", rule="phase_of_moon"))
    assert (report.failed, report.not_implemented) == (1, 1)
    assert report.failures[0].kind is FailureKind.NOT_IMPLEMENTED


def test_an_id_used_twice_fails() -> None:
    report = report_on(line("TH-01"), line("TH-02"), line("TH-01"))
    assert [(failure.kind, failure.line_number) for failure in report.failures] == [
        (FailureKind.DUPLICATE_ID, 3)
    ]


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"id": "a", "rule": "cows", "input": {}}', '"expect" is missing'),
        ('{"id": 1, "rule": "cows", "input": {}, "expect": {}}', '"id" must be text'),
        ('{"id": "a", "rule": "cows", "input": [], "expect": {}}', '"input" must be an object'),
        ("[" * 100_000, "not JSON"),
        ('{"id": ' + "9" * 5000 + "}", "not JSON"),
    ],
)
def test_a_broken_line_is_named_by_its_number(broken: str, what: str) -> None:
    with pytest.raises(BrokenLine, match=f"line 3: .*{what}"):
        report_on(line(), "", broken)
