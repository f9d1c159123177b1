"""A statement that takes too long ends, and so does one that somebody stops."""

from __future__ import annotations

import threading
import time

import pytest
import sqlalchemy as sa

from clinic.data.limits import StatementStopped, stop, time_limit
from clinic.data.types import new_id
from clinic.data.work import Work

ENDLESS = sa.text(
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 2000000000)"
    " SELECT max(n) FROM c"
)


def test_a_statement_ends_at_its_limit(work: Work) -> None:
    begun = time.monotonic()

    with (
        pytest.raises(StatementStopped),
        time_limit(work.session.connection(), seconds=0.1),
    ):
        work.session.execute(ENDLESS)

    assert time.monotonic() - begun < 10
    work.session.rollback()


def test_another_thread_stops_it_by_its_id(work: Work) -> None:
    known_as = new_id()
    stopper = threading.Timer(0.1, stop, args=[known_as])
    stopper.start()

    with (
        pytest.raises(StatementStopped),
        time_limit(work.session.connection(), seconds=60, known_as=known_as),
    ):
        work.session.execute(ENDLESS)

    stopper.join()
    work.session.rollback()
    assert not stop(known_as)


def test_what_is_quick_is_left_alone_and_so_is_what_comes_after(work: Work) -> None:
    with time_limit(work.session.connection(), seconds=5):
        assert work.session.scalar(sa.text("SELECT 1")) == 1

    assert work.session.scalar(sa.text("SELECT 2")) == 2


def test_a_mistake_is_not_taken_for_a_limit(work: Work) -> None:
    with (
        pytest.raises(sa.exc.DBAPIError),
        time_limit(work.session.connection(), seconds=5),
    ):
        work.session.execute(sa.text("SELECT no_such_column FROM site"))
    work.session.rollback()
