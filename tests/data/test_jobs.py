from __future__ import annotations

from datetime import date, timedelta

import pytest

from clinic.data import jobs
from clinic.data.db import db
from clinic.data.work import writing
from tests import cast
from tests.conftest import WorkAs

TTL = timedelta(seconds=60)
DAY = date(2026, 3, 2)


def holds(holder: str, *, seconds: int = 0) -> bool:
    session = db.session()
    with writing(session):
        return jobs.hold_lease(
            session, holder=holder, now=cast.NOW + timedelta(seconds=seconds), ttl=TTL
        )


@pytest.mark.usefixtures("app")
def test_one_scheduler_holds_the_lease_until_it_runs_out() -> None:
    assert holds("first")
    assert not holds("second", seconds=59)
    assert holds("first", seconds=59)
    assert not holds("second", seconds=61)
    assert holds("second", seconds=59 + 61)
    assert not holds("first", seconds=59 + 62)


@pytest.mark.usefixtures("app")
def test_a_lease_given_back_is_free_at_once() -> None:
    holds("first")
    session = db.session()
    with writing(session):
        jobs.release_lease(session, holder="second", now=cast.NOW)
    assert not holds("second", seconds=1)

    with writing(session):
        jobs.release_lease(session, holder="first", now=cast.NOW)
    assert holds("second", seconds=1)


@pytest.mark.usefixtures("app")
def test_the_heartbeat_is_the_last_renewal() -> None:
    assert jobs.heartbeat(db.session()) is None
    holds("first")
    holds("first", seconds=20)
    assert jobs.heartbeat(db.session()) == cast.NOW + timedelta(seconds=20)


def test_a_day_is_claimed_once_for_each_job_and_site(work_as: WorkAs) -> None:
    def claims(job: str = "census", member: cast.Member = cast.ADA) -> bool:
        with work_as(member) as work:
            return jobs.claim(work, job=job, service_date=DAY, holder="first")

    assert claims()
    assert not claims()
    assert claims("reminders")
    assert claims(member=cast.OLGA)


def test_a_claim_goes_with_the_work_it_was_for(work_as: WorkAs) -> None:
    def claim_and_fail() -> None:
        with work_as(cast.ADA) as work:
            jobs.claim(work, job="census", service_date=DAY, holder="first")
            raise LookupError

    with pytest.raises(LookupError):
        claim_and_fail()

    with work_as(cast.ADA) as work:
        assert jobs.last_service_date(work, job="census") is None
        assert jobs.claim(work, job="census", service_date=DAY, holder="first")
        assert jobs.last_service_date(work, job="census") == DAY
