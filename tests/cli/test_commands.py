"""The ``clinic`` command, as an operator types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask

from clinic.audit import services as audit
from clinic.audit.models import AuditLeaf
from clinic.cli import main
from clinic.data.db import db
from tests import cast
from tests.conftest import Clock, WorkAs, make_app

PASSWORD = "a password of hers"


def clinic(*arguments: str, typed: str | None = None) -> Result:
    db.session.rollback()
    return CliRunner().invoke(main, arguments, input=typed)


def test_help_names_every_command_without_a_database() -> None:
    answer = CliRunner().invoke(main, ["--help"])
    assert answer.exit_code == 0
    for command in ("serve", "migrate", "user", "audit", "rules"):
        assert f"\n  {command} " in answer.output


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("command", [["user"], ["audit"], ["user", "add"], ["audit", "verify"]])
def test_every_command_explains_itself(command: list[str]) -> None:
    answer = clinic(*command, "--help")
    assert answer.exit_code == 0
    assert len(answer.output.splitlines()) > 3


def test_a_user_added_can_sign_in(app: Flask) -> None:
    answer = clinic(
        "user", "add", "dora", "Dora Nurse", "--role", "nurse", typed=f"{PASSWORD}\n{PASSWORD}\n"
    )
    assert answer.exit_code == 0
    assert "Dora Nurse can sign in as dora." in answer.output
    assert PASSWORD not in answer.output
    sent = {"username": "dora", "password": PASSWORD}
    assert app.test_client().post("/sign-in", data=sent).status_code == 303


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["user", "add", "nora", "N", "--role", "nurse", "--password", PASSWORD], 1, "is taken"),
        (["user", "add", "dora", "D", "--role", "nurse", "--password", "short"], 2, "at least 12"),
        (["user", "add", "dora", "D", "--role", "boss", "--password", PASSWORD], 2, "'boss'"),
        (["user", "add", "dora", "D", "--password", PASSWORD], 2, "--role"),
        (["user", "password", "nobody", "--password", PASSWORD], 1, "clinic user list"),
        (["user", "list", "--site", "west"], 1, "the sites are: north, south"),
        (["audit", "verify", "--anchor", "yesterday"], 2, "SEQUENCE:CHAIN"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    arguments: list[str], code: int, said: str
) -> None:
    answer = clinic(*arguments)
    assert answer.exit_code == code
    assert said in answer.output
    assert "Traceback" not in answer.output


@pytest.mark.usefixtures("app")
def test_the_list_of_users_is_data_too() -> None:
    listed = json.loads(clinic("user", "list", "--json", "--site", "south").output)
    assert listed == [
        {"username": "olga", "name": "Olga Outsider", "roles": ["nurse"], "active": True}
    ]
    assert "Ada Administrator" in clinic("user", "list").output


def test_a_new_password_works_at_once(app: Flask) -> None:
    assert clinic("user", "password", "nora", "--password", PASSWORD).exit_code == 0
    client = app.test_client()
    old = client.post("/sign-in", data={"username": "nora", "password": cast.PASSWORD})
    new = client.post("/sign-in", data={"username": "nora", "password": PASSWORD})
    assert (old.status_code, new.status_code) == (422, 303)


def test_verifying_exits_0_when_sound_and_1_when_not(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        audit.seal(work)
    sound = clinic("audit", "verify")
    assert (sound.exit_code, sound.output) == (0, "The audit verifies.\n")
    assert json.loads(clinic("audit", "verify", "--json").output) == []

    forged = clinic("audit", "verify", "--anchor", f"1:{'0' * 64}")
    assert forged.exit_code == 1
    assert "seal 1: differs from the copy kept outside" in forged.output
    found = json.loads(clinic("audit", "verify", "--json", "--anchor", "7:abc").output)
    assert found == [{"where": "seal 7", "what": "differs from the copy kept outside"}]


@pytest.mark.usefixtures("app")
def test_a_changed_leaf_makes_verifying_fail() -> None:
    db.session.rollback()
    on_sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.connect().execution_options(writes=True) as connection:
        on = "" if on_sqlite else " ON audit_leaf"
        connection.execute(sa.text(f"DROP TRIGGER append_only_audit_leaf_update{on}"))
        connection.execute(sa.update(AuditLeaf).values(subject="somebody else"))
        connection.commit()
    answer = clinic("audit", "verify")
    assert answer.exit_code == 1
    assert "its contents were changed" in answer.output


@pytest.mark.usefixtures("app")
def test_what_sealing_prints_is_an_anchor() -> None:
    sealed = clinic("audit", "seal").output.split()
    anchor = f"{sealed[-2]}:{sealed[-1]}"
    assert clinic("audit", "verify", "--anchor", anchor).exit_code == 0


def test_migrating_makes_the_schema_and_does_no_harm_twice(tmp_path: Path) -> None:
    app = make_app(f"sqlite:///{tmp_path / 'new.db'}", tmp_path, Clock())
    with app.app_context():
        for _ in range(2):
            answer = clinic("migrate")
            assert answer.exit_code == 0
            assert "The schema is up to date." in answer.output
        assert "patient" in sa.inspect(db.engine).get_table_names()
        db.session.remove()
        db.engine.dispose()


@pytest.mark.usefixtures("app")
def test_patients_records_are_not_served_in_clear_beyond_this_machine() -> None:
    answer = clinic("serve", "--host", "0.0.0.0")  # noqa: S104
    assert answer.exit_code == 2
    assert "--behind-proxy" in answer.output
