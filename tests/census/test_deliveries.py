"""The morning's letters: to whom, once, without a name, and what becomes of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from clinic.audit.models import AuditLeaf
from clinic.census import services
from clinic.census.facts.deliveries import Letter, LetterStatus, PostOutcome, PostResult
from clinic.census.models import OutboxLetter
from clinic.census.queries import deliveries
from clinic.census.services.deliveries import Begin, take_waiting
from clinic.core.errors import Clash, Refused
from clinic.data import job_monitor
from clinic.data.db import db
from clinic.data.work import Work
from clinic.programs.facts import CareState
from clinic.staff.models import UserAccount
from tasks.scheduler import Scheduler
from tasks.timetable import DAILY
from tests import cast, rows
from tests.census import builders as ward
from tests.conftest import Clock, WorkAs

TODAY = date(2026, 3, 3)
YESTERDAY = date(2026, 3, 2)
LAST_WEEK = date(2026, 2, 23)
TAKEN = PostResult(PostOutcome.ACCEPTED)
LATER = PostResult(PostOutcome.NOT_NOW, "450 greylisted")


@pytest.fixture
def subscribed(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        services.subscribe(work, email="ada@clinic.example")
        for number in range(12):
            ward.admitted(work, on=LAST_WEEK, name=f"Ash{number}")


def written(work_as: WorkAs) -> int:
    with work_as(cast.ADA) as work:
        return services.write_morning_letters(work, service_date=TODAY)


def the_letter() -> OutboxLetter:
    db.session.rollback()
    return db.session.scalars(sa.select(OutboxLetter)).one()


class Post:
    """A mail server that answers as it is told, and keeps what it was handed."""

    def __init__(self, *answers: PostResult) -> None:
        self.answers = list(answers)
        self.handed: list[Letter] = []

    def __call__(self, letter: Letter) -> PostResult:
        assert not db.session().in_transaction()
        self.handed.append(letter)
        return self.answers.pop(0)


@pytest.mark.usefixtures("subscribed")
def test_the_letter_counts_and_names_nobody(work_as: WorkAs) -> None:
    assert written(work_as) == 1

    letter = the_letter()
    assert letter.recipient == "ada@clinic.example"
    assert letter.service_date == YESTERDAY
    assert "In care                                             12" in letter.body
    assert "42 CFR part 2 prohibits" in letter.body
    assert "Ash" not in letter.subject + letter.body


@pytest.mark.usefixtures("subscribed")
def test_small_counts_do_not_travel(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        ward.admitted(work, on=YESTERDAY, name="Birch", to=CareState.OUTPATIENT)
    written(work_as)

    body = the_letter().body
    assert "  Outpatient (1)                                   <11" in body
    assert "In care                                       withheld" in body
    assert "13" not in body


@pytest.mark.usefixtures("subscribed")
def test_written_twice_it_is_one_letter(work_as: WorkAs) -> None:
    assert (written(work_as), written(work_as)) == (1, 0)
    the_letter()


@pytest.mark.usefixtures("subscribed")
def test_the_wall_keeps_it_single(work_as: WorkAs) -> None:
    written(work_as)
    first = the_letter()
    with pytest.raises(Clash, match="already on its way"), work_as(cast.ADA) as work:
        rows.insert(
            work.session,
            "outbox_letter",
            site_id=first.site_id,
            report=first.report,
            service_date=first.service_date,
            recipient=first.recipient,
            user_id=first.user_id,
            status="queued",
            attempts=0,
        )


@pytest.mark.usefixtures("subscribed")
def test_whoever_left_or_unsubscribed_gets_none(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        work.session.execute(
            sa.update(UserAccount).where(UserAccount.id == cast.ADA.id).values(is_active=False)
        )
    assert written(work_as) == 0
    with work_as(cast.ADA) as work:
        work.session.execute(
            sa.update(UserAccount).where(UserAccount.id == cast.ADA.id).values(is_active=True)
        )
        services.unsubscribe(work)
        services.unsubscribe(work)
    assert written(work_as) == 0


@pytest.fixture
def begin(work_as: WorkAs) -> object:
    @contextmanager
    def beginning() -> Iterator[Work]:
        with work_as(cast.ADA) as work:
            yield work

    return beginning


@pytest.mark.usefixtures("subscribed")
def test_greylisted_it_is_tried_again_later_and_arrives_once(
    work_as: WorkAs, clock: Clock, begin: Begin
) -> None:
    written(work_as)
    post = Post(LATER, TAKEN)

    assert services.send_waiting(begin, post=post) == 0
    assert services.send_waiting(begin, post=post) == 0
    clock.now += timedelta(minutes=5)
    assert services.send_waiting(begin, post=post) == 1
    clock.now += timedelta(days=1)
    assert services.send_waiting(begin, post=post) == 0

    assert len(post.handed) == 2
    assert post.handed[0] == post.handed[1]
    assert the_letter().status is LetterStatus.SENT


@pytest.mark.usefixtures("subscribed")
@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (PostResult(PostOutcome.REFUSED, "550 no such mailbox"), LetterStatus.FAILED),
        (PostResult(PostOutcome.UNKNOWN, "the line broke"), LetterStatus.UNKNOWN),
    ],
)
def test_what_did_not_arrive_waits_for_a_person(
    work_as: WorkAs,
    clock: Clock,
    begin: Begin,
    answer: PostResult,
    status: LetterStatus,
) -> None:
    written(work_as)
    services.send_waiting(begin, post=Post(answer))
    letter = the_letter()
    assert (letter.status, letter.reason) == (status, answer.reason)
    assert troubles(clock) == ["reports.undelivered"]

    with work_as(cast.ADA) as work:
        services.retry(work, letter_id=letter.id)
    assert troubles(clock) == []
    assert services.send_waiting(begin, post=Post(TAKEN)) == 1
    with pytest.raises(Refused), work_as(cast.ADA) as work:
        services.retry(work, letter_id=letter.id)


def troubles(clock: Clock) -> list[str]:
    db.session.rollback()
    found = job_monitor.unseen(
        db.session(),
        site=cast.NORTH,
        user_id=cast.ADA.id,
        now=clock.now,
        late_after=timedelta(hours=1),
    )
    return [one.job for one in found]


@pytest.mark.usefixtures("subscribed")
def test_taken_by_a_program_that_died_it_is_not_sent_again(
    work_as: WorkAs, clock: Clock, begin: Begin
) -> None:
    written(work_as)
    with work_as(cast.ADA) as work:
        assert take_waiting(work) is not None
        assert take_waiting(work) is None
    clock.now += timedelta(minutes=16)

    assert services.send_waiting(begin, post=Post()) == 0
    assert the_letter().status is LetterStatus.UNKNOWN


@pytest.mark.usefixtures("subscribed")
def test_two_schedulers_write_one_letter_at_six(app: Flask, clock: Clock) -> None:
    class Unleased(Scheduler):
        def _hold_lease(self, now: object) -> bool:
            return bool(now)

    job = [one for one in DAILY if one.name == "reports.morning"]
    two = [
        Unleased(app, clock, holder=holder, daily=job, steady=(), errands=())
        for holder in ("first", "second")
    ]
    clock.now = cast.NORTH.instant(TODAY, time(6, 0)) - timedelta(minutes=1)
    assert sum(one.tick() for one in two) == 0
    clock.now += timedelta(minutes=1)
    two[0].tick()
    two[1].tick()

    assert the_letter().service_date == YESTERDAY
    leaves = db.session.scalars(
        sa.select(AuditLeaf.action).where(AuditLeaf.action == "report.write")
    )
    assert list(leaves) == ["report.write"]


def test_who_gets_it_where_nobody_subscribed(work: Work) -> None:
    assert deliveries.recipients(work) == {}
    assert services.write_morning_letters(work, service_date=TODAY) == 0
