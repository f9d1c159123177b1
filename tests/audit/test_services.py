from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from clinic.audit import queries, services
from clinic.audit.models import AuditLeaf, AuditSeal, AuditSealedLeaf
from clinic.data.db import db
from clinic.data.work import unit_of_work
from tests import cast
from tests.conftest import Clock, WorkAs


def record(work_as: WorkAs, subject: str = "patient 1") -> None:
    with work_as(cast.NORA) as work:
        services.record(work, action="chart.view", subject=subject)


def seal(work_as: WorkAs) -> int:
    with work_as(cast.ADA) as work:
        return services.seal(work)


@pytest.fixture
def sealed(work_as: WorkAs) -> int:
    """Everything so far is in the first seal."""
    return seal(work_as)


@pytest.mark.usefixtures("sealed")
def test_sealing_twice_seals_nothing_new(work_as: WorkAs) -> None:
    record(work_as)
    assert seal(work_as) == 1
    assert seal(work_as) == 0
    with work_as(cast.ADA) as work:
        last = queries.last_seal(work)
    assert last is not None
    assert last[0] == 2


def test_a_leaf_says_who_did_what_when_where_and_in_which_request(work_as: WorkAs) -> None:
    with work_as(cast.NORA) as work:
        work.request_id, work.session_id = "request 1", UUID(int=5)
        services.record(
            work,
            action="dose.give",
            subject="order 1",
            patient_id=UUID(int=6),
            detail={"dose": "40 mg"},
        )
    leaf = db.session.scalars(sa.select(AuditLeaf).where(AuditLeaf.action == "dose.give")).one()
    assert (leaf.site_id, leaf.actor_id, leaf.actor_name) == (
        cast.NORTH.id,
        cast.NORA.id,
        "Nora Nurse",
    )
    assert leaf.occurred_at == cast.NOW
    assert str(leaf.service_date) == "2026-03-03"
    assert (leaf.request_id, leaf.session_id, leaf.patient_id) == (
        "request 1",
        UUID(int=5),
        UUID(int=6),
    )
    assert (leaf.subject, leaf.detail) == ("order 1", {"dose": "40 mg"})


def test_an_act_that_fails_leaves_no_leaf(work_as: WorkAs) -> None:
    def fail() -> None:
        with work_as(cast.NORA) as work:
            services.record(work, action="chart.view", subject="nobody")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    found = sa.select(sa.func.count()).where(AuditLeaf.subject == "nobody")
    assert db.session.scalar(found) == 0


def committed_late(work_as: WorkAs, clock: Clock, *, hours: float) -> None:
    """A leaf whose act began before the last seal was cut, and which is committed after it."""
    with work_as(cast.NORA, now=clock.now - timedelta(hours=hours)) as work:
        services.record(work, action="chart.view", subject="late")


@pytest.mark.usefixtures("sealed")
def test_a_late_leaf_joins_the_next_seal(work_as: WorkAs, clock: Clock) -> None:
    record(work_as)
    assert seal(work_as) == 1
    committed_late(work_as, clock, hours=1)
    assert seal(work_as) == 1
    with work_as(cast.ADA) as work:
        assert queries.verify(work) == []


@pytest.mark.usefixtures("sealed")
def test_after_a_week_without_a_scheduler_every_leaf_is_sealed(
    work_as: WorkAs, clock: Clock
) -> None:
    for _day in range(7):
        clock.now += timedelta(days=1)
        record(work_as)
    clock.now += timedelta(days=4)
    assert seal(work_as) == 7


def test_more_leaves_than_one_seal_holds_are_sealed_by_the_next_ones(
    work_as: WorkAs, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "SEAL_BATCH", 3)
    seal(work_as)
    for _day in range(8):
        clock.now += timedelta(days=5)
        record(work_as)
    assert [seal(work_as) for _ in range(4)] == [3, 3, 2, 0]


@pytest.mark.usefixtures("sealed")
def test_what_lies_further_back_than_the_sealer_looks_is_swept_up_each_night(
    work_as: WorkAs, clock: Clock
) -> None:
    committed_late(work_as, clock, hours=24 * 30)
    assert seal(work_as) == 0
    with work_as(cast.ADA) as work:
        assert services.seal_left_out(work, work.service_date) == 1
    with work_as(cast.ADA) as work:
        assert queries.verify(work) == []


def test_two_sealers_at_once_seal_every_leaf_once(app: Flask, work_as: WorkAs) -> None:
    for number in range(20):
        record(work_as, f"patient {number}")
    unsealed = db.session.scalar(
        sa.select(sa.func.count()).select_from(AuditLeaf).where(AuditLeaf.site_id == cast.NORTH.id)
    )
    db.session.rollback()
    start = threading.Barrier(4)
    counts: list[int] = []

    def run() -> None:
        start.wait()
        with (
            app.app_context(),
            unit_of_work(actor=cast.ADA.actor, now=cast.NOW, site=cast.NORTH, reactions={}) as work,
        ):
            counts.append(services.seal(work))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(counts) == [0, 0, 0, unsealed]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditSeal)) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditSealedLeaf)) == unsealed
