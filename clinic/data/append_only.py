"""Facts are appended and never changed. The ORM refuses; behind it, so does the database."""

from __future__ import annotations

from sqlalchemy import event
from sqlalchemy.orm import Session


class AppendOnly:
    """Mixin of every immutable table. A correction is a new row that names the one it reverses."""


class AppendOnlyViolation(RuntimeError):
    """Code tried to change or delete a fact. A bug, never a user's mistake."""


@event.listens_for(Session, "before_flush")
def _refuse_changes(session: Session, _context: object, _instances: object) -> None:
    for row in session.deleted:
        if isinstance(row, AppendOnly):
            raise AppendOnlyViolation(f"{type(row).__name__} is append-only: delete refused")
    for row in session.dirty:
        if isinstance(row, AppendOnly) and session.is_modified(row):
            raise AppendOnlyViolation(f"{type(row).__name__} is append-only: update refused")
