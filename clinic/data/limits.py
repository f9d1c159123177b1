"""How long a reading statement may take, and how another thread stops it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

_QUERY_CANCELED = "57014"
"""Source: PostgreSQL error codes, class 57."""
_STEPS_BETWEEN_LOOKS = 20_000
"""Virtual-machine instructions of SQLite between two looks at the time: well under 1 ms."""

_at_work: dict[UUID, Any] = {}
_at_work_mutex = threading.Lock()


class StatementStopped(Exception):
    """The statement ran into its limit or was told to stop; its transaction is good for nothing."""


@contextmanager
def time_limit(
    connection: Connection, *, seconds: float, known_as: UUID | None = None
) -> Iterator[None]:
    """No statement of the block takes longer; ``stop(known_as)`` ends one at once.

    Raises: StatementStopped when one was stopped.
    """
    driver: Any = connection.connection.driver_connection
    with _known(known_as, driver):
        try:
            _set_limit(connection, driver, seconds)
            yield
        except DBAPIError as error:
            if _was_stopped(error):
                raise StatementStopped from error
            raise
        finally:
            if connection.dialect.name == "sqlite":
                driver.set_progress_handler(None, 0)


def stop(known_as: UUID) -> bool:
    """Stop the statement this process runs under that id; False when it runs none.

    Invariant: a connection is known only while its block lasts, so nobody else's statement is
    ever stopped.
    """
    with _at_work_mutex:
        driver = _at_work.get(known_as)
        if driver is None:
            return False
        (driver.cancel if hasattr(driver, "cancel") else driver.interrupt)()
        return True


@contextmanager
def _known(known_as: UUID | None, driver: object) -> Iterator[None]:
    if known_as is None:
        yield
        return
    with _at_work_mutex:
        _at_work[known_as] = driver
    try:
        yield
    finally:
        with _at_work_mutex:
            del _at_work[known_as]


def _set_limit(connection: Connection, driver: Any, seconds: float) -> None:
    if connection.dialect.name == "sqlite":
        until = time.monotonic() + seconds
        driver.set_progress_handler(lambda: time.monotonic() > until, _STEPS_BETWEEN_LOOKS)
    else:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")


def _was_stopped(error: DBAPIError) -> bool:
    if getattr(error.orig, "sqlstate", None) == _QUERY_CANCELED:
        return True
    return str(error.orig) == "interrupted"
