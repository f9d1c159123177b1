"""Rows put in around the program, for asking what the database itself refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.data.db import Base
from clinic.data.types import EnumText, UtcDateTime, new_id


def filled(column: sa.Column[Any]) -> object:
    """Some value of the column's type."""
    if column.primary_key and isinstance(column.type, sa.Uuid) and column.name == "id":
        return new_id()
    if isinstance(column.type, EnumText):
        return next(iter(column.type.enum.__members__.values()))
    if isinstance(column.type, sa.JSON):
        return {}
    if isinstance(column.type, UtcDateTime):
        return datetime(2026, 3, 3, tzinfo=UTC)
    values: dict[type, object] = {
        date: date(2026, 3, 3),
        time: time(9, 0),
        bytes: b"",
        str: "x",
        int: 1,
        bool: True,
    }
    return values.get(column.type.python_type, UUID(int=7))


def insert(connection: Any, table: str, **values: object) -> UUID:
    """One row: what is given, and for every other column that must hold something, something."""
    columns = Base.metadata.tables[table].columns
    row = {column.name: filled(column) for column in columns if not column.nullable} | values
    connection.execute(sa.insert(Base.metadata.tables[table]).values(row))
    made = row.get("id")
    return made if isinstance(made, UUID) else UUID(int=0)
