"""What the database refuses reads as one sentence, the same on both engines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic.audit.models import AuditLeaf
from clinic.core.errors import Clash
from clinic.data import walls
from clinic.rewards.facts import AccountKind
from tests import cast, rows
from tests.conftest import WorkAs

TEN, ELEVEN, TWELVE, ONE = (datetime(2026, 3, 3, hour, tzinfo=UTC) for hour in (10, 11, 12, 13))


def a_patient(session: Session, code: str = "P1") -> UUID:
    return rows.insert(session, "patient", organization_id=cast.ORGANIZATION, code=code)


def an_identifier_twice(session: Session) -> None:
    for code in ("P1", "P2"):
        rows.insert(
            session,
            "patient_identifier",
            organization_id=cast.ORGANIZATION,
            patient_id=a_patient(session, code),
            system="card",
            value="4711",
        )


def a_closure_twice(session: Session) -> None:
    for _ in range(2):
        rows.insert(session, "closure", site_id=cast.NORTH.id)


def a_second_open_episode(session: Session) -> None:
    patient = a_patient(session)
    for number in (1, 2):
        rows.insert(session, "episode", site_id=cast.NORTH.id, patient_id=patient, number=number)


def an_overdrawn_patient(session: Session) -> None:
    rows.insert(
        session,
        "ledger_account",
        site_id=cast.NORTH.id,
        kind=AccountKind.PATIENT,
        patient_id=a_patient(session),
        balance_cents=-1,
    )


def a_fact_changed(session: Session) -> None:
    rows.insert(session, "audit_leaf", site_id=cast.NORTH.id)
    session.execute(sa.update(AuditLeaf).values(subject="somebody else"))


def held(session: Session, resource: UUID, starts_at: datetime, ends_at: datetime) -> None:
    times = {"starts_at": starts_at, "ends_at": ends_at}
    booked = rows.insert(session, "session", site_id=cast.NORTH.id, **times)
    rows.insert(
        session,
        "session_resource",
        site_id=cast.NORTH.id,
        session_id=booked,
        resource_id=resource,
        is_held=True,
        **times,
    )


def a_room_taken_twice(session: Session) -> None:
    room = rows.insert(session, "resource", site_id=cast.NORTH.id)
    held(session, room, TEN, TWELVE)
    held(session, room, ELEVEN, ONE)


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        pytest.param(
            an_identifier_twice, "Another patient already has this identifier.", id="unique"
        ),
        pytest.param(a_closure_twice, walls.THERE_ALREADY, id="unique without a sentence"),
        pytest.param(
            a_second_open_episode,
            "This patient already has an open episode at this site.",
            id="partial unique index",
        ),
        pytest.param(
            an_overdrawn_patient, "The patient's balance does not cover this amount.", id="check"
        ),
        pytest.param(a_fact_changed, "A recorded fact cannot be changed or removed.", id="trigger"),
        pytest.param(
            a_room_taken_twice, "One of the resources is taken at that time.", id="exclusion"
        ),
    ],
)
def test_a_refusal_by_the_database_is_a_clash_with_its_sentence(
    work_as: WorkAs, act: Callable[[Session], None], sentence: str
) -> None:
    with pytest.raises(Clash) as refused, work_as(cast.ADA) as work:
        act(work.session)

    assert str(refused.value) == sentence


def test_sessions_that_only_touch_do_not_overlap(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        room = rows.insert(work.session, "resource", site_id=cast.NORTH.id)
        held(work.session, room, TEN, ELEVEN)
        held(work.session, room, ELEVEN, TWELVE)


def test_a_row_without_its_parent_is_a_bug_and_no_clash(work_as: WorkAs) -> None:
    with pytest.raises(IntegrityError), work_as(cast.ADA) as work:
        rows.insert(work.session, "episode", site_id=cast.NORTH.id, patient_id=UUID(int=9))
