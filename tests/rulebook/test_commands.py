from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from clinic.rulebook.commands import rules_group

GOOD = '{"id": "CW-05", "rule": "cows_band", "input": {"total": 4}, "expect": {"band": "none"}}\n'
WRONG = '{"id": "CW-06", "rule": "cows_band", "input": {"total": 5}, "expect": {"band": "none"}}\n'
UNKNOWN = '{"id": "XX-01", "rule": "phase_of_moon", "input": {}, "expect": {"phase": "full"}}\n'


def run(*arguments: str) -> Result:
    return CliRunner().invoke(rules_group, arguments)


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    return tmp_path / "cases.jsonl"


def test_list_shows_a_setting_with_its_default_and_source() -> None:
    result = run("list")
    assert result.exit_code == 0
    assert "cows_threshold, default 8: site policy" in result.output
    assert "42 CFR 8.12(i)(3)" in result.output


def test_list_as_json_has_every_rule() -> None:
    rules = {rule["name"]: rule for rule in json.loads(run("list", "--json").output)}
    assert len(rules) == 34
    assert rules["missed_dose"]["settings"][0] == {
        "name": "hold_after_missed",
        "default": 3,
        "source": "site policy: missed doses (no federal table)",
    }


def test_check_passes_quietly_and_exits_0(cases: Path) -> None:
    cases.write_text(GOOD, encoding="utf-8")
    result = run("check", str(cases))
    assert result.exit_code == 0
    assert result.output == "1 cases: 1 passed, 0 failed (0 not implemented)\n"


def test_check_prints_a_line_per_failure_and_exits_1(cases: Path) -> None:
    cases.write_text("\ufeff" + GOOD + WRONG + UNKNOWN, encoding="utf-8")
    result = run("check", str(cases))
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        'CW-06  expected {"band": "none"}  got {"band": "mild"}',
        'XX-01  expected {"phase": "full"}  got rule \'phase_of_moon\' is not implemented',
        "3 cases: 1 passed, 2 failed (1 not implemented)",
    ]


def test_check_as_json_has_the_counts_and_exits_1(cases: Path) -> None:
    cases.write_text(GOOD + WRONG, encoding="utf-8")
    result = run("check", str(cases), "--json")
    report = json.loads(result.output)
    assert result.exit_code == 1
    assert [report[key] for key in ("total", "passed", "failed", "not_implemented")] == [2, 1, 1, 0]
    assert report["failures"][0]["id"] == "CW-06"


def test_check_names_the_broken_line(cases: Path) -> None:
    cases.write_text(GOOD + "{\n", encoding="utf-8")
    result = run("check", str(cases))
    assert result.exit_code == 2
    assert "line 2: not JSON" in result.stderr


def test_check_of_a_file_that_is_no_text_says_so(cases: Path) -> None:
    cases.write_bytes(b"\xff\xfe\x00")
    result = run("check", str(cases))
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr


def test_explain_shows_the_answer_the_reasons_and_their_sources() -> None:
    given = json.dumps(
        {
            "medication": "methadone",
            "first_dose_date": "2026-03-02",
            "dispense_date": "2026-04-10",
            "regular_doses": 29,
            "criteria_failed": ["no_recent_diversion"],
        }
    )
    result = run("explain", "take_home", "--input", given)
    assert result.exit_code == 0
    assert 'reason: "CRITERIA"' in result.output
    assert "no recent diversion.  [42 CFR 8.12(i)(2)]" in result.output
    assert "29 regular doses would be in hand; at most 28 may be." in result.output


def test_explain_as_json_carries_the_decision() -> None:
    given = '{"opioid_class": "short_acting", "hours_since_last_use": "3", "cows_total": 5}'
    result = run("explain", "buprenorphine_start", "--input", given, "--json")
    explained = json.loads(result.output)
    assert explained["answer"] == {"gate": "WAIT_HOURS"}
    assert explained["decision"]["verdict"] == "stop"
    assert [reason["code"] for reason in explained["decision"]["reasons"]] == [
        "wait_hours",
        "wait_cows",
    ]


def test_explain_of_a_plain_number_has_no_decision() -> None:
    result = run("explain", "cows_band", "--input", '{"total": 4}', "--json")
    assert json.loads(result.output)["decision"] is None


def test_explain_of_a_faulty_input_names_the_field() -> None:
    result = run("explain", "cows_band", "--input", '{"total": 49}')
    assert 'item: "total"' in result.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("explain", "cow_band", "--input", "{}"), 'Did you mean "cows_band"?'),
        (("explain", "cows_band", "--input", "{"), "not JSON"),
        (("check", "nowhere.jsonl"), "does not exist"),
    ],
)
def test_a_slip_of_the_pen_gets_a_clear_word(arguments: tuple[str, ...], says: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert says in result.stderr
