"""The scheduler on a real database: each day once, whoever ticks, whenever, and whatever dies."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from clinic.audit import services as audit
from clinic.audit.models import AuditLeaf
from clinic.data.db import db
from clinic.data.models import JobRun
from clinic.data.work import Work
from clinic.sites import services as sites
from tasks.scheduler import Scheduler
from tasks.timetable import DailyJob
from tests import cast
from tests.conftest import Clock, WorkAs

ROOT = Path(__file__).resolve().parents[2]
TIMES = (time(0, 0), time(0, 5), time(0, 30), time(1, 30), time(2, 30))
ZONES = ("America/Phoenix", "Pacific/Guam", "Europe/Berlin", "Australia/Lord_Howe")
NIGHT = timedelta(hours=1)


def act(work: Work, day: date) -> None:
    """A job with an effect that can be counted: one row for the day."""
    audit.record(work, action=work.actor.name, subject=str(day))


def jobs() -> list[DailyJob]:
    return [DailyJob(f"job at {at:%H:%M}", at, act) for at in TIMES]


def effects() -> Counter[tuple[UUID, str, str]]:
    """How often each (site, job, day) had its effect."""
    db.session.rollback()
    rows = db.session.execute(
        sa.select(AuditLeaf.site_id, AuditLeaf.action, AuditLeaf.subject).where(
            AuditLeaf.action.startswith("system:")
        )
    )
    return Counter((row.site_id, row.action, row.subject) for row in rows)


def days_done(job: str) -> list[str]:
    """The days of a job at the north site, in the order they were done."""
    db.session.rollback()
    return list(
        db.session.scalars(
            sa.select(AuditLeaf.subject)
            .where(AuditLeaf.action == f"system:{job}", AuditLeaf.site_id == cast.NORTH.id)
            .order_by(AuditLeaf.id)
        )
    )


class Unleased(Scheduler):
    """A scheduler that believes it holds the lease, like one that was paused while it ran out."""

    def _hold_lease(self, now: datetime) -> bool:
        return bool(now)


def scheduler(app: Flask, clock: Clock, holder: str, *, leased: bool = True) -> Scheduler:
    kind = Scheduler if leased else Unleased
    return kind(app, clock, holder=holder, daily=jobs(), steady=(), errands=())


@pytest.fixture
def many_zones(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        for zone in ZONES:
            sites.open_site(
                work.session,
                organization_id=cast.ORGANIZATION,
                code=zone,
                name=zone,
                time_zone=zone,
            )


def irregular(first: datetime, last: datetime) -> Iterator[datetime]:
    chance = random.Random(20261101)  # noqa: S311
    now = first
    while now < last:
        yield now
        now += timedelta(minutes=chance.randint(61, 400))


@pytest.mark.usefixtures("many_zones")
@pytest.mark.parametrize("sunday", [date(2026, 3, 8), date(2026, 11, 1)])
def test_two_schedulers_do_each_day_once_over_a_clock_change(
    app: Flask, clock: Clock, sunday: date
) -> None:
    first = datetime.combine(sunday, time(12), tzinfo=UTC) - timedelta(days=2)
    last = first + timedelta(days=4)
    chance = random.Random(20260308)  # noqa: S311
    two = [scheduler(app, clock, holder) for holder in ("first", "second")]
    for clock.now in irregular(first, last):
        for one in chance.sample(two, 2):
            one.tick()
    clock.now = last
    two[0].tick()

    done = effects()
    wanted = {str(sunday + timedelta(days=n)) for n in (-1, 0, 1)}
    per_job: dict[tuple[UUID, str], set[str]] = {}
    for site, job, day in done:
        per_job.setdefault((site, job), set()).add(day)
    assert set(done.values()) == {1}
    assert len(per_job) == (2 + len(ZONES)) * len(TIMES)
    assert [key for key, found in per_job.items() if not wanted <= found] == []


def test_two_schedulers_at_the_same_instant_do_each_day_once(app: Flask, clock: Clock) -> None:
    """The lease aside: the ledger alone keeps each effect single."""
    for round_ in range(3):
        clock.now = cast.NOW + timedelta(days=2 * round_)
        start = threading.Barrier(2)
        done: list[int] = []

        def run(one: Scheduler, start: threading.Barrier = start, done: list[int] = done) -> None:
            start.wait()
            done.append(one.tick())

        threads = [
            threading.Thread(target=run, args=(scheduler(app, clock, holder, leased=False),))
            for holder in ("first", "second")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(done) == 2 * 2 * len(TIMES)

    assert set(effects().values()) == {1}
    assert len(effects()) == 3 * 2 * 2 * len(TIMES)


def test_while_one_holds_the_lease_the_other_leaves_the_work_to_it(
    app: Flask, clock: Clock
) -> None:
    first, second = (scheduler(app, clock, holder) for holder in ("first", "second"))
    first.tick()
    clock.now += timedelta(seconds=59)
    assert second.tick() == 0

    first.release()
    clock.now += timedelta(days=1)
    assert second.tick() == 2 * len(TIMES)


def test_a_machine_asleep_for_three_days_does_every_day_in_order(app: Flask, clock: Clock) -> None:
    one = scheduler(app, clock, "first")
    one.tick()
    clock.now += timedelta(days=3)
    assert one.tick() == 3 * 2 * len(TIMES)

    assert days_done("job at 00:05") == [f"2026-03-0{day}" for day in (2, 3, 4, 5, 6)]
    assert one.tick() == 0


def test_a_clock_set_back_repeats_nothing(app: Flask, clock: Clock) -> None:
    one = scheduler(app, clock, "first", leased=False)
    one.tick()
    before = effects()
    for back in (timedelta(hours=2), timedelta(days=3), timedelta(days=20_000)):
        clock.now = cast.NOW - back
        assert one.tick() == 0
    clock.now = cast.NOW
    assert one.tick() == 0
    assert effects() == before


def test_a_job_that_fails_midway_leaves_no_trace_and_is_done_at_the_next_tick(
    app: Flask, clock: Clock
) -> None:
    fails = [True]

    def act_and_fail(work: Work, day: date) -> None:
        act(work, day)
        if fails[0] and day == date(2026, 3, 3) and work.site == cast.NORTH:
            raise LookupError("in the middle of it")

    one = scheduler(app, clock, "first")
    one.daily = [DailyJob("fragile", time(0, 5), act_and_fail), *jobs()]
    one.tick()
    assert days_done("fragile") == ["2026-03-02"]
    assert days_done("job at 00:05") == ["2026-03-02", "2026-03-03"]
    claimed = db.session.scalars(
        sa.select(JobRun.service_date).where(
            JobRun.job == "fragile", JobRun.site_id == cast.NORTH.id
        )
    )
    assert list(claimed) == [date(2026, 3, 2)]

    fails[0] = False
    clock.now += timedelta(seconds=15)
    assert one.tick() == 1
    assert days_done("fragile") == ["2026-03-02", "2026-03-03"]


def test_a_day_that_keeps_failing_holds_back_its_successors_only(app: Flask, clock: Clock) -> None:
    def fail(_work: Work, _day: date) -> None:
        raise LookupError

    one = scheduler(app, clock, "first")
    one.daily = [DailyJob("broken", time(0, 5), fail), *jobs()]
    one.tick()
    clock.now += timedelta(days=2)
    one.tick()
    assert days_done("broken") == []
    assert len(days_done("job at 00:05")) == 4


HOLDING = """
import sys, time
from datetime import datetime
from pathlib import Path
from clinic.app import create_app
from clinic.audit import services as audit
from config import Config
from tasks.scheduler import Scheduler
from tasks.timetable import DailyJob
from datetime import time as wall

def stuck(work, day):
    audit.record(work, action=work.actor.name, subject=str(day))
    work.session.flush()
    print("inside", flush=True)
    time.sleep(60)

config = Config(SQLALCHEMY_DATABASE_URI=sys.argv[1], SECRET_KEY="x", INSTANCE=Path(sys.argv[2]),
    PASSWORD_HASH_ROUNDS=1, PASSWORD_HASH_MEMORY_KIB=64)
now = datetime.fromisoformat(sys.argv[3])
Scheduler(create_app(config), lambda: now, holder="killed",
    daily=[DailyJob("job at 00:05", wall(0, 5), stuck)], steady=()).tick()
"""


def test_after_kill_9_in_the_middle_of_a_job_another_takes_over_and_does_it_once(
    app: Flask, clock: Clock
) -> None:
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    command = [sys.executable, "-c", HOLDING, url, app.config["INSTANCE"], clock.now.isoformat()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "inside\n"
        other.kill()

    survivor = scheduler(app, clock, "survivor")
    assert survivor.tick() == 0
    assert days_done("job at 00:05") == []

    clock.now += timedelta(seconds=61)
    survivor.tick()
    assert days_done("job at 00:05") == ["2026-03-02", "2026-03-03"]
    assert set(effects().values()) == {1}
