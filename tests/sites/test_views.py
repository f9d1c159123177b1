from __future__ import annotations

from datetime import date

import pytest

from clinic.sites import queries
from tests import cast
from tests.conftest import SignIn, WorkAs


def test_the_page_shows_hours_closures_and_numbers(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)
    sent = {"closed_on": "2026-12-24", "kind": "planned", "reason": "Stock count"}
    assert client.post("/site/closures", data=sent).status_code == 303
    page = client.get("/site").text
    assert "Stock count" in page
    assert 'value="05:30"' in page


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/site/details", {"name": "", "version": "1"}),
        ("/site/closures", {"closed_on": "24/12/2026", "kind": "planned", "reason": "x"}),
        ("/site/closures", {"closed_on": "2026-12-24", "kind": "whim", "reason": "x"}),
        ("/site/settings", {"setting": "a", "value": "1", "starts_on": "soon", "source": "x"}),
        ("/site/hours", {"opens_0": "half past five", "closes_0": "12:00"}),
    ],
)
def test_a_form_with_a_fault_comes_back(sign_in: SignIn, path: str, sent: dict[str, str]) -> None:
    assert sign_in(cast.ADA).post(path, data=sent).status_code == 422


def test_hours_that_close_before_they_open_are_refused(sign_in: SignIn) -> None:
    sent = {"opens_0": "12:00", "closes_0": "06:00"}
    answer = sign_in(cast.ADA).post("/site/hours", data=sent)
    assert answer.status_code == 422
    assert "Closing time must be after opening time." in answer.text


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("5", 5),
        ("2.5", 2.5),
        ("true", True),
        ("closed", "closed"),
        ("NaN", "NaN"),
        ("1e999", "1e999"),
        ("-Infinity", "-Infinity"),
    ],
)
def test_a_number_is_stored_as_a_number_and_everything_else_as_typed(
    sign_in: SignIn, work_as: WorkAs, typed: str, stored: object
) -> None:
    sent = {"setting": "limits.x", "value": typed, "starts_on": "2026-03-01", "source": "decided"}
    assert sign_in(cast.ADA).post("/site/settings", data=sent).status_code == 303
    with work_as(cast.ADA) as work:
        chosen = [(one.value, one.starts_on) for one in queries.settings(work)]
    assert chosen == [(stored, date(2026, 3, 1))]
