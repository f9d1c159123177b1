"""The one door to the database. Everything that may differ between engines is decided here.

SQLite is opened with a library free of the WAL-reset race, ``synchronous=FULL`` and foreign keys
on; every transaction states whether it reads or writes, and one that reads cannot write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pysqlite3.dbapi2
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, MetaData, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase

SQLITE_SAFE_VERSION = (3, 51, 3)
"""First release without the WAL-reset race. Source: sqlite.org/wal.html#walresetbug."""

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


db = SQLAlchemy(
    model_class=Base,
    session_options={"expire_on_commit": False},
    disable_autonaming=True,
)

if TYPE_CHECKING:

    class Model(Base):
        __abstract__ = True
else:
    Model = db.Model


class UnsafeStorage(RuntimeError):
    """The database would not keep what the house promises; the application does not start."""


def engine_options(url: str) -> dict[str, Any]:
    """Options the engine of this URL is made with."""
    if url.startswith("sqlite"):
        return {"module": pysqlite3.dbapi2, "pool_size": 16, "max_overflow": 16}
    return {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": True}


def init_database(app: Flask) -> None:
    """Attach the database to the app and set each connection up.

    Raises: UnsafeStorage when the SQLite library has the WAL-reset race.
    """
    app.config.setdefault(
        "SQLALCHEMY_ENGINE_OPTIONS", engine_options(app.config["SQLALCHEMY_DATABASE_URI"])
    )
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)


def prepare_engine(engine: Engine) -> None:
    """Raises: UnsafeStorage when the SQLite library has the WAL-reset race."""
    if engine.dialect.name != "sqlite":
        return
    version = tuple(pysqlite3.dbapi2.sqlite_version_info)
    if version < SQLITE_SAFE_VERSION:
        found = ".".join(map(str, version))
        raise UnsafeStorage(f"SQLite {found} can lose commits (WAL-reset race); need 3.51.3")
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)


def check_storage(connection: Connection) -> None:
    """Read the settings back, on a connection in use.

    Raises: UnsafeStorage when one of them is not what the house needs.
    """
    if connection.dialect.name != "sqlite":
        return
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    for pragma, value in wanted.items():
        found = connection.execute(text(f"PRAGMA {pragma}")).scalar_one()
        if found != value:
            raise UnsafeStorage(f"SQLite {pragma} is {found!r}, must be {value!r}")


def _set_pragmas(dbapi_connection: DBAPIConnection, _record: object) -> None:
    driver = cast("pysqlite3.dbapi2.Connection", dbapi_connection)
    driver.isolation_level = None  # it must not send BEGIN by itself
    for pragma in (
        "journal_mode=wal",
        "synchronous=full",
        "foreign_keys=on",
        "busy_timeout=30000",
    ):
        driver.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql(f"PRAGMA query_only={'off' if writes else 'on'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED")
