"""When a patient's PIN stands for a signature."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from clinic.rewards.facts import PatientPin, PinTerms
from clinic.rewards.rules.pins import may_sign_by_pin

CARL, DANA = UUID(int=1), UUID(int=2)
TODAY = date(2026, 3, 2)


def a_pin(*, failures: int = 0, set_by: UUID = DANA, set_on: date = date(2026, 1, 5)) -> PatientPin:
    return PatientPin(
        id=UUID(int=9),
        pin_hash="hashed",
        failures=failures,
        set_on=set_on,
        set_by=set_by,
        set_by_name="Dana",
    )


@pytest.mark.parametrize(
    ("pin", "codes"),
    [
        (a_pin(), []),
        (a_pin(failures=4), []),
        (a_pin(failures=5), ["pin_locked"]),
        (None, ["no_pin"]),
        (a_pin(set_by=CARL), []),
        (a_pin(set_by=CARL, set_on=TODAY), ["pin_set_here"]),
        (a_pin(set_by=DANA, set_on=TODAY), []),
    ],
)
def test_a_pin_signs_while_it_is_the_patient_s_own(
    pin: PatientPin | None, codes: list[str]
) -> None:
    decision = may_sign_by_pin(pin, handed_over_by=CARL, on=TODAY, terms=PinTerms())

    assert [reason.code for reason in decision.stops] == codes
