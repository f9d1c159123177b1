from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from flask_migrate import upgrade

from clinic.audit.models import AuditLeaf
from clinic.core.errors import Refused
from clinic.data.db import db
from clinic.demo.commands import demo
from clinic.demo.seeding import seed_if_empty
from clinic.demo.sign_in import SIGN_INS, sign_in_table
from clinic.staff.models import UserAccount
from clinic.web import passwords
from tests.conftest import Clock, make_app

SMALL = ("--patients", "12", "--days", "30", "--seed", "2")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Flask]:
    """A clinic with its schema and nothing in it."""
    app = make_app(f"sqlite:///{tmp_path / 'clinic.db'}", tmp_path, Clock())
    with app.app_context():
        upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.mark.usefixtures("empty")
def test_the_command_prints_who_can_sign_in() -> None:
    result = CliRunner().invoke(demo, SMALL, catch_exceptions=False)
    assert "Seeding 12 patients over 30 days" in result.output
    assert sign_in_table() in result.output
    for role in ("Front desk", "Nurse", "Counselor", "Prescriber", "Pharmacist", "Administrator"):
        assert role in result.output


@pytest.mark.usefixtures("empty")
def test_the_printed_password_opens_every_account() -> None:
    CliRunner().invoke(demo, SMALL, catch_exceptions=False)
    hashes = set(db.session.scalars(sa.select(UserAccount.password_hash)))
    assert [passwords.matches(each, SIGN_INS.password) for each in hashes] == [True]


@pytest.mark.usefixtures("empty")
def test_json_counts_every_table_and_digests_the_content() -> None:
    result = CliRunner().invoke(demo, [*SMALL, "--json"], catch_exceptions=False)
    answer = json.loads(result.output)
    assert answer["counts"]["patient"] == 12
    assert answer["counts"]["site"] == 2
    assert len(answer["digest"]) == 64


@pytest.mark.usefixtures("empty")
def test_one_leaf_of_the_audit_says_so_at_each_site() -> None:
    CliRunner().invoke(demo, SMALL, catch_exceptions=False)
    leaves = db.session.execute(
        sa.select(AuditLeaf.action, AuditLeaf.detail).where(AuditLeaf.action == "demo.seed")
    ).all()
    assert [tuple(leaf) for leaf in leaves] == [
        ("demo.seed", {"patients": 12, "days": 30, "seed": 2})
    ] * 2


@pytest.mark.usefixtures("empty")
def test_a_second_time_nothing_is_written() -> None:
    CliRunner().invoke(demo, SMALL, catch_exceptions=False)
    with pytest.raises(Refused, match="already holds an organization"):
        CliRunner().invoke(demo, SMALL, catch_exceptions=False)
    assert seed_if_empty() is SIGN_INS


@pytest.mark.usefixtures("empty")
def test_an_empty_house_is_seeded_when_it_starts() -> None:
    assert seed_if_empty(patients=12, days=30, seed=1) is SIGN_INS
    assert db.session.scalar(sa.select(sa.func.count()).select_from(UserAccount)) == 43
