"""The day an address names: a date people can mean, or not found."""

from __future__ import annotations

from datetime import date

import pytest

from clinic.core.errors import NotFound
from clinic.web.days import read_day
from tests import cast
from tests.conftest import SignIn

TODAY = date(2026, 3, 3)


def test_no_day_means_the_one_at_hand() -> None:
    assert read_day(None, otherwise=TODAY) == TODAY


def test_a_day_is_read_as_written() -> None:
    assert read_day("2026-02-28", otherwise=TODAY) == date(2026, 2, 28)


@pytest.mark.parametrize("text", ["2026-02-30", "yesterday", "0001-01-01", "9999-12-31"])
def test_what_is_no_day_of_any_clinic_is_not_found(text: str) -> None:
    with pytest.raises(NotFound):
        read_day(text, otherwise=TODAY)


def test_a_day_to_come_is_not_found_where_only_the_past_can_be_asked_for() -> None:
    with pytest.raises(NotFound):
        read_day("2026-03-04", otherwise=TODAY, until=TODAY)


@pytest.mark.parametrize(
    "path",
    [
        "/census/0001-01-01",
        "/census?on=9999-12-31",
        "/dosing?on=9999-12-31",
        "/dosing/log/0001-01-01",
        "/schedule/day/9999-12-31",
    ],
)
def test_pages_answer_a_day_beyond_the_calendar_with_not_found(sign_in: SignIn, path: str) -> None:
    member = cast.ADA if path.startswith("/census") else cast.NORA

    assert sign_in(member).get(path).status_code == 404
