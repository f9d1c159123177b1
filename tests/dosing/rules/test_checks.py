"""Which checks are due at the window, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.dosing.facts.line import CheckFacts, CheckKind, CheckRecord
from clinic.dosing.rules.checks import checks_due

TODAY = date(2026, 3, 3)
SCREEN, WEIGHT, COWS = CheckKind.IMPAIRMENT, CheckKind.WEIGHT, CheckKind.COWS


def record(kind: CheckKind, *, days_ago: int, is_positive: bool = False) -> CheckRecord:
    on = TODAY - timedelta(days=days_ago)
    at = datetime(on.year, on.month, on.day, 8, 0, tzinfo=ZoneInfo("America/New_York"))
    return CheckRecord(kind, on, at, is_positive, "seen", "Nora Nurse")


WEIGHED = record(WEIGHT, days_ago=30)
STEADY = CheckFacts(day=TODAY, treatment_day=200, missed_days=0, last=(WEIGHED,))


@pytest.mark.parametrize(
    ("facts", "due"),
    [
        (STEADY, {}),
        (replace(STEADY, treatment_day=15), {}),
        (replace(STEADY, treatment_day=14), {SCREEN: "day 14 of treatment"}),
        (
            replace(STEADY, treatment_day=7),
            {SCREEN: "day 7 of treatment", COWS: "day 7 of treatment"},
        ),
        (replace(STEADY, treatment_day=8), {SCREEN: "day 8 of treatment"}),
        (replace(STEADY, increased_on=date(2026, 3, 3)), {SCREEN: "the dose was raised"}),
        (replace(STEADY, increased_on=date(2026, 3, 1)), {SCREEN: "the dose was raised"}),
        (replace(STEADY, increased_on=date(2026, 2, 28)), {}),
        (replace(STEADY, increased_on=date(2026, 3, 4)), {}),
        (replace(STEADY, missed_days=1), {SCREEN: "1 missed"}),
        (replace(STEADY, missed_days=2), {SCREEN: "2 missed", COWS: "2 missed"}),
        (replace(STEADY, last=()), {WEIGHT: "never weighed here"}),
        (
            replace(STEADY, last=(record(WEIGHT, days_ago=90),)),
            {WEIGHT: "last weighed on 03 Dec 2025"},
        ),
        (replace(STEADY, last=(record(WEIGHT, days_ago=89),)), {}),
        (
            replace(STEADY, last=(WEIGHED, record(SCREEN, days_ago=7, is_positive=True))),
            {SCREEN: "appeared impaired on 24 Feb"},
        ),
        (replace(STEADY, last=(WEIGHED, record(SCREEN, days_ago=8, is_positive=True))), {}),
        (replace(STEADY, last=(WEIGHED, record(SCREEN, days_ago=1))), {}),
    ],
)
def test_what_is_due(facts: CheckFacts, due: dict[CheckKind, str]) -> None:
    assert {one.kind: one.because for one in checks_due(facts)} == due


def test_what_was_done_today_is_not_asked_again() -> None:
    new = replace(STEADY, treatment_day=1, last=())
    done = tuple(record(kind, days_ago=0) for kind in CheckKind)
    assert {one.kind for one in checks_due(new)} == {SCREEN, WEIGHT, COWS}
    assert checks_due(replace(new, last=done)) == ()
