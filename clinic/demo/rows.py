"""Rows on their way to the tables: collected first, then written in bulk, parents before children.

Every id and every choice comes from streams seeded by name, so that one seed and one clock give
one clinic, to the last id.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from operator import itemgetter
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from clinic.data.db import Base

Row = dict[str, Any]

SALTED = frozenset({"password_hash"})
"""Columns that differ from run to run on purpose; the digest leaves them out."""

LATEST_FIRST = {"session_resource": "starts_at", "booking": "starts_at"}
"""Tables whose overlap triggers look only at earlier rows: written backwards, they find none."""


def stream(seed: int, name: str) -> Random:
    """A source of choices of its own, so that one part of the demo does not shift another."""
    return Random(f"{seed}:{name}")  # noqa: S311 - a demo must repeat itself, not be secret


@dataclass(slots=True)
class Rows:
    """Everything a demo will write, table by table."""

    ids: Random
    tables: defaultdict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def id_at(self, instant: datetime) -> UUID:
        """A UUIDv7 of an instant. Source: RFC 9562 section 5.7."""
        milliseconds = int(instant.timestamp() * 1000) & (1 << 48) - 1
        bits = self.ids.getrandbits(74)
        version_and_variant = 7 << 76 | 2 << 62
        return UUID(
            int=milliseconds << 80 | (bits >> 62) << 64 | bits & (1 << 62) - 1 | version_and_variant
        )

    def add(self, model: type[Base], **values: Any) -> None:
        self.tables[model.__tablename__].append(values)

    def counts(self) -> dict[str, int]:
        return {name: len(self.tables[name]) for name in sorted(self.tables)}

    def write(self, session: Session) -> None:
        """Insert everything; a column left out takes its default, or nothing."""
        for table in Base.metadata.sorted_tables:
            rows = self._complete(table)
            if order := LATEST_FIRST.get(table.name):
                rows.sort(key=itemgetter(order), reverse=True)
            if rows:
                session.execute(sa.insert(table), rows)

    def digest(self) -> str:
        """SHA-256 over every row but its salted columns, types told apart."""
        whole = hashlib.sha256()
        for table in Base.metadata.sorted_tables:
            names = [column.name for column in table.columns if column.name not in SALTED]
            for row in self._complete(table):
                line = [table.name, *(row[name] for name in names)]
                whole.update(json.dumps(line, sort_keys=True, default=_typed).encode())
        return whole.hexdigest()

    def _complete(self, table: sa.Table) -> list[Row]:
        defaults = {column.name: _default(column) for column in table.columns}
        return [defaults | row for row in self.tables.get(table.name, ())]


def _default(column: sa.Column[Any]) -> Any:
    default = column.default
    return default.arg if isinstance(default, ScalarElementColumnDefault) else None


_TYPES: Mapping[type, Callable[[Any], str]] = {
    UUID: str,
    datetime: datetime.isoformat,
    date: date.isoformat,
    time: time.isoformat,
}


def _typed(value: object) -> list[str]:
    return [type(value).__name__, _TYPES[type(value)](value)]
