"""What missed days ask of the staff, and whose they are."""

from __future__ import annotations

from datetime import date

import pytest

from clinic.dosing.facts import OutreachKind, OutreachPolicy
from clinic.dosing.rules.outreach import attendance_of, outreach_for

MARCH = [date(2026, 3, day) for day in range(1, 8)]


@pytest.mark.parametrize(
    ("missed", "kind"),
    [
        (0, None),
        (1, "message"),
        (2, "phone"),
        (3, "welfare_check"),
        (4, None),
        (10, "welfare_check"),
        (17, "welfare_check"),
        (24, "welfare_check"),
        (30, None),
        (31, None),
        (38, None),
    ],
)
def test_a_message_a_call_a_visit_then_every_week_for_a_month(
    missed: int, kind: str | None
) -> None:
    assert outreach_for(missed) == (OutreachKind(kind) if kind else None)


def test_a_site_may_call_at_once() -> None:
    assert outreach_for(1, policy=OutreachPolicy(phone_after_missed=1)) is OutreachKind.PHONE


def test_closed_days_and_the_clinic_s_own_misses_stand_apart() -> None:
    answer = attendance_of(
        MARCH,
        covered={MARCH[0], MARCH[3]},
        closed={MARCH[1], MARCH[3]},
        clinic_caused={MARCH[2]},
    )
    assert (answer.expected, answer.attended) == (7, 2)
    assert answer.missed == (MARCH[4], MARCH[5], MARCH[6])
    assert answer.clinic_caused == (MARCH[1], MARCH[2])
