"""Who may be drawn, until when they come, what a count says."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from clinic.dosing.facts import CallbackCount, CallbackOutcome
from clinic.dosing.facts.pickups import TakeHomePolicy
from clinic.dosing.rules.callbacks import Found, Holder, due_by, judge, may_be_drawn

DAY = date(2026, 3, 3)
POLICY = TakeHomePolicy()


@pytest.mark.parametrize(
    ("sealed", "last_called_on", "is_called", "expected"),
    [
        (7, None, False, True),
        (6, None, False, False),
        (28, date(2025, 12, 3), False, True),
        (28, date(2025, 12, 4), False, False),
        (28, None, True, False),
    ],
)
def test_holders_of_seven_are_drawn_once_in_ninety_days(
    sealed: int, last_called_on: date | None, is_called: bool, expected: bool
) -> None:
    holder = Holder(UUID(int=1), sealed, last_called_on, is_called)
    drawn = list(may_be_drawn([holder], day=DAY, policy=POLICY))
    assert (drawn == [holder]) is expected


@pytest.mark.parametrize(
    ("called_on", "closed", "expected"),
    [
        (date(2026, 3, 3), (), date(2026, 3, 5)),
        (date(2026, 3, 6), (date(2026, 3, 8),), date(2026, 3, 9)),
        (date(2026, 3, 6), (date(2026, 3, 8), date(2026, 3, 9)), date(2026, 3, 10)),
    ],
)
def test_the_patient_comes_within_two_days_on_an_open_day(
    called_on: date, closed: tuple[date, ...], expected: date
) -> None:
    assert due_by(called_on, closed=closed, policy=POLICY) == expected


@pytest.mark.parametrize(
    ("found", "outcome", "reasons"),
    [
        (Found(4, 2, True, True), CallbackOutcome.PASSED, 0),
        (Found(3, 2, True, True), CallbackOutcome.FAILED, 1),
        (Found(4, 3, True, True), CallbackOutcome.FAILED, 1),
        (Found(4, 2, False, True), CallbackOutcome.FAILED, 1),
        (Found(0, 0, False, False), CallbackOutcome.FAILED, 4),
    ],
)
def test_a_count_passes_only_when_all_is_there(
    found: Found, outcome: CallbackOutcome, reasons: int
) -> None:
    expected = CallbackCount(issued=6, sealed_expected=4, empties_expected=2)
    judged, decision = judge(expected, found=found)
    assert (judged, len(decision.reasons)) == (outcome, reasons)
    assert decision  # a failed count stops nothing by itself
