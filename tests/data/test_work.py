"""The unit of work on both engines: commit on return, roll back on raise, one hop of causality."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from clinic.core.errors import Clash
from clinic.core.events import Fact
from clinic.data.db import db
from clinic.data.idempotency import once
from clinic.data.work import OutcomeUnknown, Work, unit_of_reading, unit_of_work
from clinic.sites import services as sites
from clinic.sites.facts import ClosureKind
from clinic.sites.models import Closure, Site
from tests import cast
from tests.conftest import Clinic, WorkAs

CHRISTMAS = datetime(2026, 12, 25, tzinfo=UTC).date()


def closed_days() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Closure)) or 0


def test_work_is_kept_when_the_block_ends(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        sites.close_day(work, closed_on=CHRISTMAS, kind=ClosureKind.HOLIDAY, reason="Christmas")

    assert closed_days() == 1


def test_nothing_is_kept_when_the_block_raises(work_as: WorkAs) -> None:
    with pytest.raises(LookupError), work_as(cast.ADA) as work:  # noqa: PT012
        sites.close_day(work, closed_on=CHRISTMAS, kind=ClosureKind.HOLIDAY, reason="Christmas")
        raise LookupError

    assert closed_days() == 0


def test_a_stale_version_is_a_clash_not_a_lost_update(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        sites.rename(work, version=1, name="First", address="", telephone="")

    with pytest.raises(Clash), work_as(cast.ADA) as work:
        sites.rename(work, version=1, name="Second", address="", telephone="")

    assert db.session.get_one(Site, cast.NORTH.id).name == "First"


@pytest.mark.usefixtures("clinic")
def test_reading_cannot_write() -> None:
    with (
        pytest.raises(DBAPIError),
        unit_of_reading(actor=cast.ADA.actor, now=cast.NOW, site=cast.NORTH) as work,
    ):
        work.session.execute(sa.update(Site).values(name="changed while reading"))


@dataclass(frozen=True, slots=True)
class BellRang(Fact):
    pass


def test_a_listener_that_declines_takes_the_act_with_it(work_as: WorkAs) -> None:
    def decline(_work: Work, _fact: Any) -> None:
        raise Clash("not today")

    with pytest.raises(Clash), work_as(cast.ADA) as work:  # noqa: PT012
        work.reactions = {BellRang: [decline]}
        sites.close_day(work, closed_on=CHRISTMAS, kind=ClosureKind.HOLIDAY, reason="Christmas")
        work.announce(BellRang())

    assert closed_days() == 0


def test_causality_is_one_hop(work_as: WorkAs) -> None:
    def ring_again(work: Work, fact: Any) -> None:
        work.announce(fact)

    with pytest.raises(RuntimeError, match="announced by a reaction"), work_as(cast.ADA) as work:  # noqa: PT012
        work.reactions = {BellRang: [ring_again]}
        work.announce(BellRang())


def test_the_same_form_acts_once_and_gets_the_same_answer(work_as: WorkAs) -> None:
    heard: list[int] = []

    def act() -> dict[str, int]:
        heard.append(1)
        return {"number": len(heard)}

    with work_as(cast.ADA) as work:
        first = once(work, key="k1", request={"dose": "40"}, verb=act)
    with work_as(cast.ADA) as work:
        again = once(work, key="k1", request={"dose": "40"}, verb=act)

    assert (first.values, first.replayed) == ({"number": 1}, False)
    assert (again.values, again.replayed) == ({"number": 1}, True)
    assert heard == [1]


def test_the_same_key_with_other_contents_is_refused(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        once(work, key="k1", request={"dose": "40"}, verb=dict)

    with pytest.raises(Clash), work_as(cast.ADA) as work:
        once(work, key="k1", request={"dose": "400"}, verb=dict)


def test_a_piece_of_work_does_not_begin_inside_another(work_as: WorkAs) -> None:
    with (
        pytest.raises(RuntimeError, match="began inside another"),
        work_as(cast.ADA),
        work_as(cast.ADA),
    ):
        pass


def test_the_outer_work_is_not_kept_when_an_inner_one_was_tried(work_as: WorkAs) -> None:
    with pytest.raises(RuntimeError), work_as(cast.ADA) as work:  # noqa: PT012
        sites.close_day(work, closed_on=CHRISTMAS, kind=ClosureKind.HOLIDAY, reason="Christmas")
        with work_as(cast.ADA):
            pass

    assert closed_days() == 0


THREADS = 8
INCREMENTS = 25


def test_no_update_is_lost_among_eight_writers(clinic: Clinic) -> None:
    start = threading.Barrier(THREADS)
    failed: list[BaseException] = []

    def add() -> None:
        try:
            start.wait()
            for _ in range(INCREMENTS):
                with (
                    clinic.app.app_context(),
                    unit_of_work(
                        actor=cast.ADA.actor, now=cast.NOW, site=cast.NORTH, reactions={}
                    ) as work,
                ):
                    site = work.session.get_one(Site, cast.NORTH.id, with_for_update=True)
                    site.beds += 1
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=add) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert db.session.get_one(Site, cast.NORTH.id).beds == 10 + THREADS * INCREMENTS


def test_a_lost_answer_to_the_commit_is_not_taken_for_a_failure(
    work_as: WorkAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(_session: object) -> None:
        raise OperationalError("COMMIT", {}, OSError("connection reset"))

    with pytest.raises(OutcomeUnknown), work_as(cast.ADA) as work:  # noqa: PT012
        sites.close_day(work, closed_on=CHRISTMAS, kind=ClosureKind.HOLIDAY, reason="Christmas")
        monkeypatch.setattr(Session, "commit", cut_off)


def test_a_failure_before_the_commit_is_no_unknown_outcome(work_as: WorkAs) -> None:
    with pytest.raises(DBAPIError), work_as(cast.ADA) as work:
        work.session.execute(sa.text("SELECT nothing FROM nowhere"))
