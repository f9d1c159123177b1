"""What migrations after the first build walls with. Nothing here may change its meaning: a
migration that ran last year must still build what it built.
"""

from __future__ import annotations

import re

from alembic import op


def append_only(*tables: str) -> None:
    """Refuse to change or remove a row of these tables. Dropping a table takes its walls along."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in tables:
        for verb in ("update", "delete"):
            body = (
                f"BEGIN SELECT RAISE(ABORT, 'append_only_{table}'); END"
                if on_sqlite
                else "FOR EACH ROW EXECUTE FUNCTION append_only_refusal()"
            )
            op.execute(
                f"CREATE TRIGGER append_only_{table}_{verb} BEFORE {verb.upper()} ON {table} {body}"
            )


def no_overlap(
    name: str, table: str, *, key: str, start: str, end: str, where: str, kind: str
) -> None:
    """No two rows that satisfy ``where`` share ``key`` and overlap in ``[start, end)``.

    ``kind`` is the range type, ``tstzrange`` or ``daterange``; an ``end`` of NULL is open.
    """
    if op.get_bind().dialect.name != "sqlite":
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist "
            f"({key} WITH =, {kind}({start}, {end}, '[)') WITH &&) WHERE ({where})"
        )
        return
    forever = "'9999-12-31'"
    for verb in ("insert", "update"):
        op.execute(
            f"CREATE TRIGGER {name}_{verb} AFTER {verb.upper()} ON {table} "  # noqa: S608
            f"BEGIN SELECT RAISE(ABORT, '{name}') FROM {table} AS other "
            f"WHERE other.{key} = NEW.{key} AND other.rowid <> NEW.rowid "
            f"AND other.{start} < coalesce(NEW.{end}, {forever}) "
            f"AND NEW.{start} < coalesce(other.{end}, {forever}) "
            f"AND EXISTS (SELECT 1 FROM {table} WHERE rowid = other.rowid AND {where}) "
            f"AND EXISTS (SELECT 1 FROM {table} WHERE rowid = NEW.rowid AND {where}); END"
        )


def add_reference(table: str, column: str, target: str) -> None:
    """Add a nullable column that names a row of ``target``, without building the table anew.

    Building a table anew on SQLite would take its triggers away.
    """
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} CHAR(32) "
            f"CONSTRAINT fk_{table}_{column}_{target} REFERENCES {target} (id)"
        )
        return
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} UUID")
    op.execute(
        f"ALTER TABLE {table} ADD CONSTRAINT fk_{table}_{column}_{target} "
        f"FOREIGN KEY ({column}) REFERENCES {target} (id)"
    )


def allow_null(table: str, column: str) -> None:
    """Let a column hold nothing, without building the table anew."""
    _set_nullable(table, column, is_nullable=True)


def refuse_null(table: str, column: str) -> None:
    """Undo ``allow_null``; a row that holds nothing refuses it on PostgreSQL."""
    _set_nullable(table, column, is_nullable=False)


def _set_nullable(table: str, column: str, *, is_nullable: bool) -> None:
    """SQLite keeps a table's own CREATE statement; a NOT NULL in it leaves no trace on disk.

    Source: sqlite.org/lang_altertable.html, section 7, the shorter of its two procedures.
    """
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        verb = "DROP" if is_nullable else "SET"
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} {verb} NOT NULL")
        return
    found = bind.exec_driver_sql(
        "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", (table,)
    ).scalar_one()
    plain = re.sub(rf"(\b{column} \w+(?:\(\d+\))?)(?: NOT NULL)?", r"\1", found, count=1)
    strict = re.sub(rf"(\b{column} \w+(?:\(\d+\))?)", r"\1 NOT NULL", plain, count=1)
    version = bind.exec_driver_sql("PRAGMA schema_version").scalar_one()
    bind.exec_driver_sql("PRAGMA writable_schema = ON")
    bind.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?",
        (plain if is_nullable else strict, table),
    )
    bind.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema = RESET")
