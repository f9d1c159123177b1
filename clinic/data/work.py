"""The unit of work: one transaction, with who acts, when and where.

Every service takes a ``Work`` first. Only this room commits or rolls back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from clinic.core.actors import Actor
from clinic.core.errors import Clash
from clinic.core.events import Fact
from clinic.core.service_dates import SiteClock
from clinic.data import walls
from clinic.data.db import db
from clinic.data.types import new_id
from clinic.data.writer_lock import writer_lock

Reaction = Callable[["Work", Any], None]
Reactions = Mapping[type[Fact], Sequence[Reaction]]

STALE = "Somebody changed this while you had it open. Look at it again, then repeat your change."


class OutcomeUnknown(Exception):
    """The database was told to commit and its answer was lost: saved or not, nobody can say."""


@dataclass(slots=True)
class Work:
    """A transaction in progress and its circumstances.

    Invariant: ``now`` is read once at the edge, so everything in one piece of work happened at
    one instant. ``request_id`` and ``session_id`` only serve the audit.
    """

    session: Session
    actor: Actor
    now: datetime
    site: SiteClock
    reactions: Reactions = field(default_factory=dict)
    request_id: str | None = None
    session_id: UUID | None = None
    new_id: Callable[[], UUID] = new_id
    _reacting: bool = False

    @property
    def service_date(self) -> date:
        """The site's clinic day this work happens on."""
        return self.site.service_date(self.now)

    @property
    def attribution(self) -> dict[str, Any]:
        """The columns that say who recorded a row, and when."""
        return {
            "recorded_at": self.now,
            "recorded_by": self.actor.id,
            "recorded_by_name": self.actor.name,
        }

    def on_service_day(self, occurred_at: datetime | None = None) -> dict[str, Any]:
        """The columns of a clinical act: when it happened, now unless told, and on which day."""
        at = occurred_at or self.now
        return {
            "occurred_at": at,
            "service_date": self.site.service_date(at),
            "time_zone": self.site.time_zone,
        }

    def announce(self, fact: Fact) -> None:
        """Wake everybody ``wiring.py`` names for this fact, now, in this transaction.

        Raises: whatever a listener declines with: the act and its consequences stand or fall
        together. RuntimeError when a listener announces in turn: causality is one hop.
        """
        if self._reacting:
            raise RuntimeError(f"{type(fact).__name__} was announced by a reaction")
        self._reacting = True
        try:
            for reaction in self.reactions.get(type(fact), ()):
                reaction(self, fact)
        finally:
            self._reacting = False


@contextmanager
def writing(session: Session) -> Iterator[None]:
    """One writing transaction on ``session``: committed on return, rolled back on raise.

    Raises: Clash when a wall of the schema or a stale version refuses; OutcomeUnknown when the
    answer to the commit was lost. Any other error means that nothing was saved.
    """
    if session.info.get("writing"):
        raise RuntimeError("a piece of work began inside another")
    session.rollback()  # ends a reading transaction this request may have left open
    engine = session.get_bind().engine
    with _turn(engine):
        session.info["writing"] = True
        try:
            session.connection(execution_options={"writes": True})
            yield
            session.flush()
            _commit(session)
        except IntegrityError as error:
            session.rollback()
            sentence = walls.sentence_of(error)
            if sentence is None:
                raise
            raise Clash(sentence) from error
        except StaleDataError as error:
            session.rollback()
            raise Clash(STALE) from error
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info["writing"] = False


def _commit(session: Session) -> None:
    try:
        session.commit()
    except IntegrityError:
        raise
    except DBAPIError as error:
        raise OutcomeUnknown from error


def _turn(engine: Engine) -> AbstractContextManager[None]:
    database = engine.url.database
    if engine.dialect.name != "sqlite" or not database or database == ":memory:":
        return nullcontext()
    return writer_lock(Path(database)).turn()


@contextmanager
def unit_of_work(
    *,
    actor: Actor,
    now: datetime,
    site: SiteClock,
    reactions: Reactions,
    request_id: str | None = None,
    session_id: UUID | None = None,
) -> Iterator[Work]:
    """A ``Work`` that may write, on the application's session.

    Raises: Clash when the database refuses; nothing is then saved.
    """
    session = db.session()
    with writing(session):
        yield Work(
            session=session,
            actor=actor,
            now=now,
            site=site,
            reactions=reactions,
            request_id=request_id,
            session_id=session_id,
        )


@contextmanager
def unit_of_reading(*, actor: Actor, now: datetime, site: SiteClock) -> Iterator[Work]:
    """A ``Work`` whose transaction can only read: readers never wait for writers.

    The rows it loads stay usable after it ends.
    """
    session = db.session()
    if not session.in_transaction():
        session.connection(execution_options={"postgresql_readonly": True})
    try:
        yield Work(session=session, actor=actor, now=now, site=site)
    finally:
        if not session.info.get("writing"):
            session.rollback()
