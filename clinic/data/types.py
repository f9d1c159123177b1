"""Column types that refuse what the house does not store."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid7

E = TypeVar("E", bound=StrEnum)


def new_id() -> UUID:
    """A UUIDv7: made by the application, roughly in order of time."""
    made: UUID = uuid7()
    return made


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware instant. Stored in UTC and given back aware on both databases.

    Raises: ValueError on a naive value.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive instant {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: datetime | None,
        dialect: sa.Dialect,  # noqa: ARG002
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EnumText(sa.types.TypeDecorator[E], Generic[E]):
    """A ``StrEnum`` stored by its value, so that the table reads in the field's words."""

    impl = sa.String(40)
    cache_ok = True

    def __init__(self, enum: type[E]) -> None:
        super().__init__()
        self.enum = enum

    def process_bind_param(self, value: E | str | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else self.enum(value).value

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> E | None:  # noqa: ARG002
        return None if value is None else self.enum(value)
