"""Walls: what the database itself refuses, on both engines, and the sentence people read.

PostgreSQL has exclusion constraints and trigger functions; SQLite has triggers. Both are written
here once, so that a wall has one name and one meaning.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.exc import IntegrityError

from clinic.data.append_only import AppendOnly
from clinic.data.db import Base

_SENTENCES: dict[str, str] = {}
APPEND_ONLY_SENTENCE = "A recorded fact cannot be changed or removed."
FACT_STAYS = "A recorded fact cannot be changed or removed."
THERE_ALREADY = "Somebody recorded the same thing a moment ago. Look again."


def says(wall: str, sentence: str) -> str:
    """Name the sentence shown when ``wall`` refuses; returns the wall's name."""
    _SENTENCES[wall] = sentence
    return wall


def sentence_of(error: IntegrityError) -> str | None:
    """What to tell people about a refusal by the database, or None when it can only be a bug.

    Any unique constraint can be met by two people who do the same at once; one that names no
    sentence of its own says just that.
    """
    wall = wall_of(error) or ""
    if wall in _SENTENCES:
        return _SENTENCES[wall]
    if wall.startswith("append_only_"):
        return FACT_STAYS
    return THERE_ALREADY if wall.startswith(("uq_", "pk_")) else None


def wall_of(error: IntegrityError) -> str | None:
    """The name of the constraint or trigger that refused, on either engine."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return str(diagnosis.constraint_name or diagnosis.message_primary)
    message = str(error.orig)
    head, _, tail = message.partition(" constraint failed: ")
    if head != "UNIQUE":
        return tail or message
    if tail.startswith("index '"):
        return tail.removeprefix("index '").rstrip("'")
    return _unique_name(tail.split(", "))


def _unique_name(qualified_columns: Sequence[str]) -> str | None:
    table = Base.metadata.tables.get(qualified_columns[0].partition(".")[0])
    if table is None:
        return None
    columns = [name.partition(".")[2] for name in qualified_columns]
    for index in table.indexes:
        if index.unique and [column.name for column in index.columns] == columns:
            return str(index.name)
    for constraint in table.constraints:
        if (
            isinstance(constraint, sa.UniqueConstraint | sa.PrimaryKeyConstraint)
            and [column.name for column in constraint.columns] == columns
        ):
            return str(constraint.name)
    return None


def no_overlap(
    name: str, *, key: str, start: str, end: str, where: str, kind: str, sentence: str
) -> ExcludeConstraint:
    """No two rows that satisfy ``where`` share ``key`` and overlap in ``[start, end)``.

    On PostgreSQL an exclusion constraint; on SQLite the triggers of ``wall_statements``.
    ``kind`` is the range type, ``tstzrange`` or ``daterange``; an ``end`` of NULL is open.
    """
    says(name, sentence)
    constraint = ExcludeConstraint(
        (sa.column(key), "="),
        (sa.text(f"{kind}({start}, {end}, '[)')"), "&&"),
        using="gist",
        where=sa.text(where),
        name=name,
    )
    constraint.info.update(key=key, start=start, end=end, where=where)
    constraint.ddl_if(dialect="postgresql")
    return constraint


def wall_statements(dialect: str) -> dict[str, str]:
    """Every trigger the schema wants on an engine, by name.

    Shape: trigger name -> one CREATE statement. PostgreSQL's needs ``POSTGRESQL_REFUSAL`` first.
    """
    append_only = {
        mapper.local_table
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, AppendOnly)
    }
    statements: dict[str, str] = {}
    for table in Base.metadata.sorted_tables:
        if table in append_only:
            statements |= _append_only(table.name, dialect)
        if dialect == "sqlite":
            for constraint in sorted(
                (c for c in table.constraints if isinstance(c, ExcludeConstraint)),
                key=lambda c: str(c.name),
            ):
                statements |= _sqlite_no_overlap(table.name, constraint)
    return statements


POSTGRESQL_REFUSAL = """
CREATE OR REPLACE FUNCTION append_only_refusal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
    MESSAGE = 'append_only_' || TG_TABLE_NAME, CONSTRAINT = 'append_only_' || TG_TABLE_NAME;
END $$
"""


def _append_only(table: str, dialect: str) -> dict[str, str]:
    wall = f"append_only_{table}"
    statements = {}
    for verb in ("update", "delete"):
        name = f"{wall}_{verb}"
        if dialect == "sqlite":
            body = f"BEGIN SELECT RAISE(ABORT, '{wall}'); END"
        else:
            body = "FOR EACH ROW EXECUTE FUNCTION append_only_refusal()"
        statements[name] = f"CREATE TRIGGER {name} BEFORE {verb.upper()} ON {table} {body}"
    return statements


def _sqlite_no_overlap(table: str, constraint: ExcludeConstraint) -> dict[str, str]:
    key, start, end, where = (constraint.info[part] for part in ("key", "start", "end", "where"))
    forever = "'9999-12-31'"
    clash = (  # every part is a name written in a models.py
        f"SELECT RAISE(ABORT, '{constraint.name}') FROM {table} AS other "  # noqa: S608
        f"WHERE other.{key} = NEW.{key} AND other.rowid <> NEW.rowid "
        f"AND other.{start} < coalesce(NEW.{end}, {forever}) "
        f"AND NEW.{start} < coalesce(other.{end}, {forever}) "
        f"AND EXISTS (SELECT 1 FROM {table} WHERE rowid = other.rowid AND {where}) "
        f"AND EXISTS (SELECT 1 FROM {table} WHERE rowid = NEW.rowid AND {where})"
    )
    return {
        f"{constraint.name}_{verb}": (
            f"CREATE TRIGGER {constraint.name}_{verb} AFTER {verb.upper()} ON {table} "
            f"BEGIN {clash}; END"
        )
        for verb in ("insert", "update")
    }
