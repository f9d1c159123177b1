"""Patients for tests, plainly invented. Each call without a name makes another person."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from clinic.data.work import Work
from clinic.patients import services
from clinic.patients.facts import Sex

_NUMBERS = count()


def a_patient(work: Work, **changes: Any) -> UUID:
    """A registered patient nobody else resembles, unless ``changes`` say so."""
    number = next(_NUMBERS)
    values: dict[str, Any] = {
        "family_name": f"Testperson{_word(number)}",
        "given_names": f"Sample{_word(number * 7 + 3)}",
        "birth_date": date(1960, 1, 1) + timedelta(days=97 * number % 14000),
        "sex": Sex.FEMALE,
        "despite_duplicates": True,
    }
    return services.register(work, **(values | changes))


def _word(number: int) -> str:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return letters[number % 26] + letters[number // 26 % 26] + letters[number // 676 % 26]
