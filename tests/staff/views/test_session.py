"""Signing in and out, the idle limit and what it keeps, switching sites."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from clinic.data.db import db
from clinic.sites.models import Site
from clinic.staff import services
from clinic.staff.facts import Role
from clinic.staff.models import SignInSession, SiteRole, UserAccount
from clinic.staff.views.session import WRONG
from tests import cast
from tests.conftest import Clock, SignIn, WorkAs

NEW_PASSWORD = "another horse battery"


def enter(
    client: FlaskClient, username: str, password: str = cast.PASSWORD, **more: str
) -> TestResponse:
    return client.post("/sign-in", data={"username": username, "password": password, **more})


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def open_sessions(member: cast.Member) -> int:
    db.session.rollback()
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(SignInSession)
            .where(SignInSession.user_id == member.id, SignInSession.ended_at.is_(None))
        )
        or 0
    )


def ticket_of(client: FlaskClient) -> str:
    with client.session_transaction() as session:
        return str(session.get("_user_id"))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_the_right_password_opens_a_session(client: FlaskClient) -> None:
    answer = enter(client, "nora")
    assert (answer.status_code, answer.location) == (303, "/")
    assert is_in(client)
    assert open_sessions(cast.NORA) == 1


def test_wrong_unknown_disabled_and_locked_look_alike(client: FlaskClient, work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        services.set_active(work, user_id=cast.CARL.id, is_active=False)
        work.session.get_one(UserAccount, cast.PIA.id).locked_until = cast.NOW + timedelta(hours=1)

    answers = {
        "wrong": enter(client, "nora", "not her password"),
        "unknown": enter(client, "nobody"),
        "disabled": enter(client, "carl"),
        "locked": enter(client, "pia"),
    }

    assert {answer.status_code for answer in answers.values()} == {422}
    assert WRONG in answers["wrong"].text
    assert len({re.sub(r'value="\w+"', "", answer.text) for answer in answers.values()}) == 1


def test_five_failures_lock_the_account_and_the_right_password_with_it(
    client: FlaskClient, clock: Clock
) -> None:
    for _ in range(5):
        assert enter(client, "nora", "not her password").status_code == 422
    assert enter(client, "nora").status_code == 422

    clock.now += timedelta(minutes=14, seconds=59)
    assert enter(client, "nora").status_code == 422
    clock.now += timedelta(seconds=1)
    assert enter(client, "nora").status_code == 303


def test_four_failures_do_not_lock_and_success_forgets_them(client: FlaskClient) -> None:
    for _ in range(2):
        for _ in range(4):
            enter(client, "nora", "not her password")
        assert enter(client, "nora").status_code == 303


def test_failures_of_one_account_lock_no_other(client: FlaskClient) -> None:
    for _ in range(5):
        enter(client, "nora", "not her password")
    assert enter(client, "nell").status_code == 303


def test_ten_idle_minutes_end_the_session_on_the_server(sign_in: SignIn, clock: Clock) -> None:
    client = sign_in(cast.ADA)
    clock.now += timedelta(minutes=10)
    assert is_in(client)

    clock.now += timedelta(minutes=10, seconds=1)
    answer = client.get("/account")
    assert (answer.status_code, answer.location) == (302, "/sign-in?next=/account")


def test_a_session_in_use_goes_on_but_no_longer_than_twelve_hours(
    sign_in: SignIn, clock: Clock
) -> None:
    client = sign_in(cast.ADA)
    for _ in range(12 * 60 // 8):
        clock.now += timedelta(minutes=8)
        assert is_in(client)
    clock.now += timedelta(seconds=1)
    assert not is_in(client)


TYPED = {
    "closed_on": "2026-12-24",
    "kind": "planned",
    "reason": "Stock count & <audit>",
}


def kept_after_expiry(client: FlaskClient, clock: Clock) -> str:
    """A closure typed and sent too late; gives back what the sign-in page kept of it."""
    clock.now += timedelta(minutes=11)
    answer = client.post("/site/closures", data=TYPED)
    assert answer.status_code == 401
    assert "You were signed out" in answer.text
    return hidden(answer.text, "kept")


def hidden(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    assert found, f"no hidden field {name}"
    return found.group(1)


def test_a_form_sent_too_late_is_kept_and_sent_after_signing_in_again(
    sign_in: SignIn, clock: Clock
) -> None:
    client = sign_in(cast.ADA)
    kept = kept_after_expiry(client, clock)

    page = enter(client, "ada", kept=kept)
    assert "Your form is still here" in page.text
    assert 'action="/site/closures"' in page.text
    assert hidden(page.text, "reason") == "Stock count &amp; &lt;audit&gt;"
    assert cast.PASSWORD not in page.text

    assert client.post("/site/closures", data=TYPED).status_code == 303
    assert "Stock count &amp; &lt;audit&gt;" in client.get("/site").text


def test_a_kept_form_survives_a_mistyped_password(sign_in: SignIn, clock: Clock) -> None:
    client = sign_in(cast.ADA)
    again = enter(client, "ada", "mistyped", kept=kept_after_expiry(client, clock))
    assert again.status_code == 422
    assert "Your form is still here" in enter(client, "ada", kept=hidden(again.text, "kept")).text


def test_somebody_else_who_signs_in_does_not_get_the_form(sign_in: SignIn, clock: Clock) -> None:
    client = sign_in(cast.ADA)
    answer = enter(client, "nora", kept=kept_after_expiry(client, clock))
    assert answer.status_code == 303
    assert "Stock count" not in answer.text


@pytest.mark.parametrize("change", [lambda kept: kept[:-2] + "xx", lambda _kept: "nothing signed"])
def test_a_kept_form_that_was_changed_is_dropped(
    sign_in: SignIn, clock: Clock, change: object
) -> None:
    assert callable(change)
    client = sign_in(cast.ADA)
    kept = change(kept_after_expiry(client, clock))
    assert enter(client, "ada", kept=kept).status_code == 303


def test_a_stranger_s_form_is_not_kept(client: FlaskClient) -> None:
    answer = client.post("/site/closures", data=TYPED)
    assert answer.status_code == 401
    assert hidden(answer.text, "kept") == ""


def test_signing_out_kills_the_cookie_on_the_server(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)
    stolen = app.test_client()
    with client.session_transaction() as mine, stolen.session_transaction() as theirs:
        theirs.update(mine)
    assert is_in(stolen)

    assert client.post("/sign-out").location == "/sign-in"
    assert not is_in(client)
    assert not is_in(stolen)


def test_signing_out_everywhere_ends_every_session_of_the_account_and_no_other(
    sign_in: SignIn,
) -> None:
    desk, office, other = sign_in(cast.ADA), sign_in(cast.ADA), sign_in(cast.INGRID)
    desk.post("/sign-out-everywhere")
    assert [is_in(desk), is_in(office), is_in(other)] == [False, False, True]


def test_a_cookie_with_a_guessed_secret_opens_nothing(app: Flask, sign_in: SignIn) -> None:
    session_hex = ticket_of(sign_in(cast.ADA)).partition(".")[0]
    forged = app.test_client()
    for ticket in (f"{session_hex}.guess", session_hex, "nonsense", f"{session_hex}.", ""):
        with forged.session_transaction() as session:
            session["_user_id"] = ticket
        assert not is_in(forged)


def test_the_cookie_changes_at_sign_in_and_the_one_before_is_dead(
    app: Flask, sign_in: SignIn
) -> None:
    """An attacker who planted a session of their own does not share the victim's."""
    client = sign_in(cast.INGRID)
    planted = ticket_of(client)
    assert enter(client, "ada").status_code == 303
    assert ticket_of(client) != planted

    attacker = app.test_client()
    with attacker.session_transaction() as session:
        session["_user_id"] = planted
    assert not is_in(attacker)


def test_what_lay_in_the_cookie_before_signing_in_is_gone(client: FlaskClient) -> None:
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    enter(client, "ada")
    with client.session_transaction() as session:
        assert "planted" not in session


def test_a_disabled_account_fails_at_its_next_request(sign_in: SignIn) -> None:
    nora = sign_in(cast.INGRID)
    assert is_in(nora)
    assert sign_in(cast.ADA).post(f"/staff/{cast.INGRID.id}/disable").status_code == 303
    assert not is_in(nora)

    sign_in(cast.ADA).post(f"/staff/{cast.INGRID.id}/enable")
    assert not is_in(nora), "an old session does not come back to life"


def test_a_role_taken_away_is_missing_at_the_next_request(sign_in: SignIn) -> None:
    ingrid = sign_in(cast.INGRID)
    assert ingrid.get("/audit").status_code == 200
    sign_in(cast.ADA).post(f"/staff/{cast.INGRID.id}/roles", data={"roles": ["nurse"]})
    assert ingrid.get("/audit").status_code == 403


@pytest.fixture
def ada_at_both(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        work.session.add(
            SiteRole(site_id=cast.SOUTH.id, user_id=cast.ADA.id, role=Role.ADMINISTRATOR)
        )


@pytest.mark.usefixtures("ada_at_both")
def test_the_site_is_switched_where_one_holds_a_role(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)
    assert "Harbor North" in client.get("/site").text
    assert client.post("/site", data={"site_id": str(cast.SOUTH.id)}).status_code == 303
    assert 'value="Harbor South"' in client.get("/site").text


@pytest.mark.parametrize(
    "site_id", [str(cast.SOUTH.id), "00000000-0000-7000-8000-00000000dead", "", "x' OR 1=1"]
)
def test_no_other_site_can_be_switched_to(sign_in: SignIn, site_id: str) -> None:
    client = sign_in(cast.ADA)
    assert client.post("/site", data={"site_id": site_id}).status_code == 404
    assert 'value="Harbor North"' in client.get("/site").text


@pytest.mark.usefixtures("ada_at_both")
def test_unlocking_goes_on_at_the_site_one_was_working_at(sign_in: SignIn, clock: Clock) -> None:
    client = sign_in(cast.ADA)
    client.post("/site", data={"site_id": str(cast.SOUTH.id)})
    clock.now += timedelta(minutes=11)

    assert client.post("/unlock", data={"password": cast.PASSWORD}).json == {"unlocked": True}
    assert 'value="Harbor South"' in client.get("/site").text


def test_unlocking_opens_a_new_session_and_ends_the_one_before(
    sign_in: SignIn, clock: Clock
) -> None:
    client = sign_in(cast.ADA)
    before = ticket_of(client)
    clock.now += timedelta(minutes=11)
    assert client.post("/unlock", data={"password": cast.PASSWORD}).status_code == 200
    assert is_in(client)
    assert ticket_of(client) != before
    assert open_sessions(cast.ADA) == 1


def test_unlocking_needs_the_same_person_s_password(client: FlaskClient, sign_in: SignIn) -> None:
    wrong = sign_in(cast.ADA).post("/unlock", data={"password": "not hers"})
    assert (wrong.status_code, wrong.json) == (422, {"message": WRONG})
    nobody = client.post("/unlock", data={"password": cast.PASSWORD})
    assert (nobody.status_code, nobody.json) == (401, {"message": "Sign in again."})


def test_guessing_at_the_idle_lock_locks_the_account(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)
    for _ in range(5):
        client.post("/unlock", data={"password": "not hers"})
    assert client.post("/unlock", data={"password": cast.PASSWORD}).status_code == 422


def test_a_signed_out_session_cannot_be_unlocked(sign_in: SignIn) -> None:
    client = sign_in(cast.ADA)
    ticket = ticket_of(client)
    client.post("/sign-out")
    with client.session_transaction() as session:
        session["_user_id"] = ticket
    assert client.post("/unlock", data={"password": cast.PASSWORD}).status_code == 401


def test_a_new_password_ends_the_other_sessions_and_opens_the_next(
    client: FlaskClient, sign_in: SignIn
) -> None:
    desk, office = sign_in(cast.ADA), sign_in(cast.ADA)
    sent = {"current": cast.PASSWORD, "new": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert desk.post("/account", data=sent).status_code == 303

    assert is_in(desk)
    assert not is_in(office)
    assert enter(client, "ada").status_code == 422
    assert enter(client, "ada", NEW_PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"current": "wrong"}, "That is not your current password."),
        ({"new": "short", "again": "short"}, "between 12 and 200 characters"),
        ({"again": "something else"}, "The two do not match."),
    ],
)
def test_a_password_is_changed_only_when_everything_is_right(
    sign_in: SignIn, sent: dict[str, str], said: str
) -> None:
    client = sign_in(cast.ADA)
    right = {"current": cast.PASSWORD, "new": NEW_PASSWORD, "again": NEW_PASSWORD}
    answer = client.post("/account", data=right | sent)
    assert answer.status_code == 422
    assert said in answer.text
    assert enter(client, "ada").status_code == 303


def test_after_signing_in_one_goes_on_to_the_page_one_asked_for(client: FlaskClient) -> None:
    wanted = client.get("/audit?before=2026-03-01").location
    assert wanted == "/sign-in?next=/audit?before%3D2026-03-01"
    answer = client.post(wanted, data={"username": "ada", "password": cast.PASSWORD})
    assert answer.location == "/audit?before=2026-03-01"


def test_who_is_signed_in_already_is_sent_home(sign_in: SignIn) -> None:
    assert sign_in(cast.ADA).get("/sign-in").location == "/"


def test_the_password_is_never_sent_back(client: FlaskClient) -> None:
    assert "not her password" not in enter(client, "nora", "not her password").text


@pytest.fixture
def north_closed(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        work.session.get_one(Site, cast.NORTH.id).is_active = False


@pytest.mark.usefixtures("north_closed")
def test_a_closed_site_is_no_longer_offered(sign_in: SignIn) -> None:
    assert "Switch site" not in sign_in(cast.ADA).get("/account").text
