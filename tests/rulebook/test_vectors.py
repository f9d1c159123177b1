"""The shared cases, wherever they lie beside the repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic.rulebook.check import check, read_cases
from clinic.rulebook.facts import Case
from clinic.rulebook.registry import RULES

VECTORS = Path(__file__).resolve().parents[2].parent / "shared" / "vectors" / "rules.jsonl"

if VECTORS.exists():
    CASES = list(read_cases(VECTORS.read_text(encoding="utf-8").splitlines()))

    @pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
    def test_a_shared_case_comes_out_as_expected(case: Case) -> None:
        assert RULES[case.rule].answer(case.given) == case.expected

    def test_all_shared_cases_together_pass_the_check() -> None:
        report = check(CASES, rules=RULES)
        assert report.failures == ()
        assert report.total >= 172
