"""Six digits at the window: set, locked, signed with, guessed at."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from tests import cast
from tests.conftest import Clock, SignIn

PIN = "274951"
UNTOUCHED = timedelta(seconds=121)


def set_pin(client: FlaskClient, **changes: str) -> int:
    form = {"password": cast.PASSWORD, "pin": PIN, "pin_again": PIN} | changes
    return client.post("/account/pin", data=form).status_code


def unlock(client: FlaskClient, secret: str) -> int:
    return client.post("/unlock", data={"password": secret}).status_code


def act(client: FlaskClient) -> int:
    """Something only a nurse at a window does."""
    return client.post("/dosing/at", data={"window": "1"}).status_code


@pytest.mark.parametrize(
    "changes",
    [{"password": "guessed"}, {"pin": "111111", "pin_again": "111111"}, {"pin_again": "274952"}],
    ids=str,
)
def test_a_pin_is_set_with_the_password_and_is_not_trivial(
    sign_in: SignIn, changes: dict[str, str]
) -> None:
    nurse = sign_in(cast.NORA)
    assert set_pin(nurse, **changes) == 422
    assert set_pin(nurse) == 303
    assert PIN not in nurse.get("/account").text


def test_an_untouched_window_locks_and_the_pin_opens_it(sign_in: SignIn, clock: Clock) -> None:
    nurse = sign_in(cast.NORA)
    set_pin(nurse)
    clock.now += timedelta(seconds=119)
    assert act(nurse) == 303
    clock.now += UNTOUCHED
    refused = nurse.post("/dosing/at", data={"window": "1"})
    assert refused.status_code == 423
    assert "This window is locked" in refused.text
    assert act(nurse) == 423
    assert unlock(nurse, "274952") == 422
    assert unlock(nurse, PIN) == 200
    assert act(nurse) == 303


def test_the_page_itself_locks_and_somebody_typing_keeps_it_open(
    sign_in: SignIn, clock: Clock
) -> None:
    nurse = sign_in(cast.NORA)
    for _ in range(4):
        clock.now += timedelta(seconds=60)
        assert nurse.post("/present").json == {"locked": False}
    assert act(nurse) == 303
    nurse.post("/lock")
    assert act(nurse) == 423
    signed = nurse.post("/sign?next=/dosing", data={"password": cast.PASSWORD})
    assert (signed.status_code, signed.location) == (303, "/dosing")
    assert act(nurse) == 303


def test_after_three_wrong_pins_only_the_password_opens(sign_in: SignIn) -> None:
    nurse = sign_in(cast.NORA)
    set_pin(nurse)
    nurse.post("/lock")
    for _ in range(3):
        assert unlock(nurse, "135790") == 422
    assert unlock(nurse, PIN) == 422
    assert act(nurse) == 423
    assert unlock(nurse, cast.PASSWORD) == 200
    assert act(nurse) == 303
    nurse.post("/lock")
    assert unlock(nurse, PIN) == 200


def test_a_pin_does_not_wake_a_session_that_timed_out(sign_in: SignIn, clock: Clock) -> None:
    nurse = sign_in(cast.NORA)
    set_pin(nurse)
    clock.now += timedelta(minutes=11)
    assert unlock(nurse, PIN) == 422
    assert unlock(nurse, cast.PASSWORD) == 200


def test_another_s_pin_opens_nothing_and_who_gives_no_dose_is_not_locked(
    sign_in: SignIn, clock: Clock
) -> None:
    set_pin(sign_in(cast.NELL), pin="908172", pin_again="908172")
    nurse, desk = sign_in(cast.NORA), sign_in(cast.FRANK)
    set_pin(nurse)
    nurse.post("/lock")
    assert unlock(nurse, "908172") == 422
    clock.now += UNTOUCHED
    desk.get("/schedule")
    assert desk.post("/present").json == {"locked": False}
