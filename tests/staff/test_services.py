from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.audit.models import AuditLeaf
from clinic.core.errors import Clash, NotFound, Refused
from clinic.data.db import db
from clinic.staff import queries, services
from clinic.staff.facts import Role
from clinic.staff.models import SignInSession, UserAccount
from clinic.staff.services import LockoutPolicy, is_locked
from tests import cast
from tests.conftest import WorkAs

POLICY = LockoutPolicy(failures_max=5, lockout=timedelta(minutes=15))


def add_dora(
    work_as: WorkAs, username: str = "dora", roles: tuple[Role, ...] = (Role.NURSE,)
) -> UUID:
    with work_as(cast.ADA) as work:
        return services.add_person(
            work, username=username, display_name="Dora Nurse", password_hash="x", roles=roles
        )


def test_a_person_added_holds_their_roles_at_this_site_only(work_as: WorkAs) -> None:
    user_id = add_dora(work_as, roles=(Role.NURSE, Role.COUNSELOR))
    with work_as(cast.ADA) as work:
        members = {one.username: one for one in queries.members(work)}
        assert members["dora"].roles == (Role.COUNSELOR, Role.NURSE)
        assert (user_id, "Dora Nurse") in queries.names_by_role(work, role=Role.NURSE)
        assert "olga" not in members
    with work_as(cast.OLGA) as work:
        assert [one.username for one in queries.members(work)] == ["olga"]


def test_a_username_is_given_once(work_as: WorkAs) -> None:
    with pytest.raises(Clash, match="The username nora is taken"):
        add_dora(work_as, username="nora")


def test_nobody_is_let_in_without_a_role(work_as: WorkAs) -> None:
    with pytest.raises(Refused, match="at least one role"):
        add_dora(work_as, roles=())


def test_a_person_of_another_site_cannot_be_shut_out_from_here(work_as: WorkAs) -> None:
    with pytest.raises(NotFound), work_as(cast.ADA) as work:
        services.set_active(work, user_id=cast.OLGA.id, is_active=False)
    assert db.session.get_one(UserAccount, cast.OLGA.id).is_active


def test_an_administrator_cannot_shut_themselves_out(work_as: WorkAs) -> None:
    with pytest.raises(Refused), work_as(cast.ADA) as work:
        services.set_active(work, user_id=cast.ADA.id, is_active=False)
    with pytest.raises(Refused), work_as(cast.ADA) as work:
        services.set_roles(work, user_id=cast.ADA.id, roles=[Role.NURSE])


def test_the_fifth_failure_locks_and_counting_begins_anew(work_as: WorkAs) -> None:
    for failures in range(1, 6):
        with work_as(cast.NORA) as work:
            services.note_failure(work, user_id=cast.NORA.id, policy=POLICY)
            account = work.session.get_one(UserAccount, cast.NORA.id)
            assert (account.locked_until is not None) == (failures == 5)
    locked = db.session.get_one(UserAccount, cast.NORA.id)
    assert locked.locked_until == cast.NOW + timedelta(minutes=15)
    assert locked.failed_sign_ins == 0


def test_a_lock_holds_up_to_its_instant_and_not_at_it() -> None:
    second = timedelta(seconds=1)
    assert not is_locked(locked_until=None, now=cast.NOW)
    assert is_locked(locked_until=cast.NOW + second, now=cast.NOW)
    assert not is_locked(locked_until=cast.NOW, now=cast.NOW)


def test_the_secret_of_a_ticket_is_stored_only_as_its_hash(work_as: WorkAs) -> None:
    with work_as(cast.NORA) as work:
        ticket = services.sign_in(work, user_id=cast.NORA.id)
    stored = db.session.get_one(SignInSession, ticket.session_id)
    assert ticket.secret not in stored.secret_hash
    assert stored.secret_hash == services.hash_secret(ticket.secret)
    assert str(ticket) == f"{ticket.session_id.hex}.{ticket.secret}"


def test_every_act_on_accounts_leaves_its_mark_in_the_audit(work_as: WorkAs) -> None:
    user_id = add_dora(work_as)
    with work_as(cast.ADA) as work:
        ticket = services.sign_in(work, user_id=user_id)
        services.set_roles(work, user_id=user_id, roles=[Role.COUNSELOR])
        services.change_password(work, user_id=user_id, password_hash="y", keep=None)
        services.sign_out(work, session_id=ticket.session_id, why="signed out")
        services.set_active(work, user_id=user_id, is_active=False)
        services.set_active(work, user_id=user_id, is_active=True)

    assert list(db.session.scalars(sa.select(AuditLeaf.action).order_by(AuditLeaf.id)))[-8:] == [
        "staff.add",
        "session.sign_in",
        "staff.set_roles",
        "staff.change_password",
        "session.sign_out",
        "session.sign_out_everywhere",
        "staff.disable",
        "staff.enable",
    ]
