"""The schema keeps its promises: tenancy first, models equal migrations, facts stay as written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.exc import IntegrityError

from clinic.app import load_schema
from clinic.data import walls
from clinic.data.append_only import AppendOnly
from clinic.data.db import Base, db
from tests import rows

load_schema()
TABLES = Base.metadata.tables

OF_NOBODY = {
    # table -> why it names neither a site nor an organisation
    "organization": "is the organisation",
    "scheduler_lease": "one scheduler serves the whole installation",
}
NOT_BY_SITE = {
    # unique constraint -> why it does not begin with the site or organisation
    "uq_session_capacity": "only the target of the foreign key that copies a session's capacity",
}


def test_every_table_belongs_to_a_site_or_an_organisation() -> None:
    homeless = {
        name
        for name, table in TABLES.items()
        if not {"site_id", "organization_id"} & set(table.c.keys())
    }
    assert homeless == OF_NOBODY.keys()


def uniques() -> Iterator[tuple[str, list[str]]]:
    """Every unique constraint and unique index: its name and columns, in order."""
    for table in TABLES.values():
        for constraint in table.constraints:
            if isinstance(constraint, sa.UniqueConstraint):
                yield str(constraint.name), [column.name for column in constraint.columns]
        for index in table.indexes:
            if index.unique:
                yield str(index.name), [column.name for column in index.columns]


def test_every_unique_constraint_begins_with_the_site_or_the_organisation() -> None:
    found = list(uniques())
    assert len(found) > 20

    assert {
        name for name, columns in found if columns[0] not in {"site_id", "organization_id"}
    } == NOT_BY_SITE.keys()


def test_no_row_takes_others_with_it_when_it_goes() -> None:
    cascading = [
        f"{table.name}.{key.parent.name}"
        for table in TABLES.values()
        for key in table.foreign_keys
        if key.ondelete or key.onupdate
    ]
    assert cascading == []


def test_every_patient_and_account_is_a_foreign_key() -> None:
    wanted = {"patient_id", "recorded_by", "site_id", "organization_id", "episode_id"}
    loose = [
        f"{table.name}.{column.name}"
        for table in TABLES.values()
        for column in table.columns
        if column.name in wanted and not column.foreign_keys
    ]
    assert set(loose) == {"audit_leaf.patient_id"}  # the audit outlives everything it speaks of


def test_every_instant_knows_its_zone() -> None:
    naive = [
        f"{table.name}.{column.name}"
        for table in TABLES.values()
        for column in table.columns
        if isinstance(column.type, sa.DateTime)
    ]
    assert naive == []


def differences() -> list[Any]:
    """What Alembic would still migrate on the engine at hand."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found: list[Any] = compare_metadata(context, db.metadata)
    return found


@pytest.mark.usefixtures("app")
def test_models_equal_migrations() -> None:
    assert differences() == []


@pytest.mark.usefixtures("app")
def test_a_column_that_no_migration_made_would_be_noticed() -> None:
    name = TABLES["site"].c["name"]
    name.nullable = True
    try:
        assert [change[0][0] for change in differences()] == ["modify_nullable"]
    finally:
        name.nullable = False


def rule(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


@pytest.mark.usefixtures("app")
def test_checks_equal_migrations() -> None:
    """Alembic does not compare these."""
    inspector = sa.inspect(db.engine)
    on_sqlite = db.engine.dialect.name == "sqlite"
    for name, table in TABLES.items():
        wanted = {
            str(check.name): rule(str(check.sqltext)) if on_sqlite else ""
            for check in table.constraints
            if isinstance(check, sa.CheckConstraint)
        }
        found = {
            str(check["name"]): rule(check["sqltext"]) if on_sqlite else ""
            for check in inspector.get_check_constraints(name)
        }
        assert found == wanted, name


@pytest.mark.usefixtures("app")
def test_partial_indexes_equal_migrations() -> None:
    """Nor these conditions."""
    dialect = db.engine.dialect.name
    inspector = sa.inspect(db.engine)
    for name, table in TABLES.items():
        wanted = {
            str(index.name)
            for index in table.indexes
            if index.dialect_options[dialect].get("where") is not None
        }
        found = {
            str(index["name"])
            for index in inspector.get_indexes(name)
            if index.get("dialect_options", {}).get(f"{dialect}_where") is not None
            and not str(index["name"]).startswith("ex_")
        }
        assert found == wanted, name


def overlaps() -> set[str]:
    return {
        str(constraint.name)
        for table in TABLES.values()
        for constraint in table.constraints
        if isinstance(constraint, ExcludeConstraint)
    }


def standing_walls(connection: sa.Connection) -> dict[str, str]:
    """The triggers the database has: name and, on SQLite, its text."""
    if connection.dialect.name == "sqlite":
        asked = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    else:
        asked = "SELECT tgname, '' FROM pg_trigger WHERE NOT tgisinternal"
    return {row[0]: rule(row[1]) for row in connection.execute(sa.text(asked))}


@pytest.mark.usefixtures("app")
def test_walls_equal_migrations() -> None:
    dialect = db.engine.dialect.name
    wanted = {
        name: rule(text) if dialect == "sqlite" else ""
        for name, text in walls.wall_statements(dialect).items()
    }
    with db.engine.connect() as connection:
        assert standing_walls(connection) == wanted
    assert {
        f"append_only_{row}_{verb}" for row in append_only() for verb in ("update", "delete")
    } <= (wanted.keys())


@pytest.mark.postgres
def test_overlap_walls_are_exclusion_constraints_on_postgresql(
    request: pytest.FixtureRequest,
) -> None:
    clinic = request.getfixturevalue("postgres_clinic")
    with clinic.app.app_context(), db.engine.connect() as connection:
        found = connection.execute(
            sa.text("SELECT conname FROM pg_constraint WHERE contype = 'x'")
        ).scalars()
        assert set(found) == overlaps()
    assert {"ex_session_resource_resource", "ex_booking_patient"} <= overlaps()


@pytest.mark.usefixtures("empty")
def test_the_schema_goes_up_and_down_and_up_again() -> None:
    upgrade()
    assert differences() == []

    downgrade(revision="base")
    assert set(sa.inspect(db.engine).get_table_names()) == {"alembic_version"}
    with db.engine.connect() as connection:
        assert standing_walls(connection) == {}

    upgrade()
    assert differences() == []
    with db.engine.connect() as connection:
        assert (
            standing_walls(connection).keys()
            == walls.wall_statements(connection.dialect.name).keys()
        )


def append_only() -> dict[str, sa.Table]:
    return {
        mapper.local_table.name: mapper.local_table
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, AppendOnly) and isinstance(mapper.local_table, sa.Table)
    }


LEDGERS = {
    "audit_leaf",
    "audit_seal",
    "audit_sealed_leaf",
    "care_transition",
    "dose",
    "dose_void",
    "ledger_transfer",
    "medication_transition",
    "result",
    "reward_visit",
    "specimen",
    "stock_movement",
}


def test_every_ledger_is_append_only() -> None:
    assert append_only().keys() >= LEDGERS


@contextmanager
def without_keys_and_checks(connection: sa.Connection) -> Iterator[None]:
    """Let any row in, so that only the walls under test stand. Undone by rolling back."""
    if connection.dialect.name == "sqlite":
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys = off")
        raw.execute("PRAGMA ignore_check_constraints = on")
        try:
            yield
        finally:
            connection.rollback()
            raw.execute("PRAGMA foreign_keys = on")
            raw.execute("PRAGMA ignore_check_constraints = off")
        return
    for table in append_only().values():
        for check in table.constraints:
            if isinstance(check, sa.CheckConstraint | sa.ForeignKeyConstraint):
                connection.execute(sa.schema.DropConstraint(check))
    yield
    connection.rollback()


def refused_by(connection: sa.Connection, statement: sa.Executable) -> str | None:
    """The wall that refuses the statement; None when it passes. Nothing of it stays."""
    attempt = connection.begin_nested()
    try:
        connection.execute(statement)
    except IntegrityError as error:
        return walls.wall_of(error)
    else:
        return None
    finally:
        attempt.rollback()


@pytest.mark.usefixtures("app")
def test_no_statement_changes_or_removes_a_fact() -> None:
    """Around the program: plain SQL, on each append-only table."""
    with (
        db.engine.connect().execution_options(writes=True) as connection,
        without_keys_and_checks(connection),
    ):
        for table in append_only().values():
            rows.insert(connection, table.name)
        for name, table in append_only().items():
            column = next(column for column in table.columns if not column.primary_key)
            change = sa.update(table).values({column.name: column})
            assert refused_by(connection, change) == f"append_only_{name}"
            assert refused_by(connection, sa.delete(table)) == f"append_only_{name}"


@pytest.mark.usefixtures("app")
def test_without_its_wall_a_fact_could_be_changed() -> None:
    """Negative control: the attempt above fails because of the trigger and of nothing else."""
    table = append_only()["specimen"]
    on = " ON specimen" if db.engine.dialect.name == "postgresql" else ""
    with (
        db.engine.connect().execution_options(writes=True) as connection,
        without_keys_and_checks(connection),
    ):
        rows.insert(connection, table.name)
        connection.execute(sa.text(f"DROP TRIGGER append_only_specimen_update{on}"))
        assert refused_by(connection, sa.update(table).values(note="changed")) is None
        assert refused_by(connection, sa.delete(table)) == "append_only_specimen"
