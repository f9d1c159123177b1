"""The server starts beside others, does what the clinic's tables need, and leaves no trace."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from tests.engines.postgres import Postgres

pytestmark = pytest.mark.postgres

ROOT = Path(__file__).resolve().parents[2]

STARTS_AND_WAITS = """
from tests.engines.postgres import Postgres
with Postgres() as postgres:
    print(postgres.folder, flush=True)
    input()
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with Postgres() as postgres:
        yield postgres


def test_it_answers_sqlalchemy(postgres: Postgres) -> None:
    engine = sa.create_engine(postgres.url("postgres"))

    with engine.connect() as connection:
        version = connection.scalar(sa.text("show server_version"))

    engine.dispose()
    assert version == "18.6"


def test_it_refuses_two_bookings_of_one_room_at_one_time(postgres: Postgres) -> None:
    postgres.create_database("rooms")

    with psycopg.connect(postgres.dsn("rooms"), autocommit=True) as connection:
        connection.execute("create extension btree_gist")
        connection.execute(
            "create table booking (room int, span int4range,"
            " exclude using gist (room with =, span with &&))"
        )
        connection.execute("insert into booking values (1, '[9,10)'), (1, '[10,11)')")
        with pytest.raises(psycopg.errors.ExclusionViolation):
            connection.execute("insert into booking values (1, '[10,12)')")

    postgres.drop_database("rooms")


def test_a_database_is_copied_with_what_is_in_it(postgres: Postgres) -> None:
    postgres.create_database("original")
    with psycopg.connect(postgres.dsn("original"), autocommit=True) as connection:
        connection.execute("create table patient as select 'Ålund' as family_name")

    postgres.create_database("copy", template="original")

    with psycopg.connect(postgres.dsn("copy")) as connection:
        assert connection.execute("select family_name from patient").fetchall() == [("Ålund",)]
    postgres.drop_database("copy")
    postgres.drop_database("original")


def test_a_dropped_database_sends_its_guests_away(postgres: Postgres) -> None:
    postgres.create_database("guesthouse")
    guest = psycopg.connect(postgres.dsn("guesthouse"))

    postgres.drop_database("guesthouse")

    with pytest.raises(psycopg.OperationalError):
        guest.execute("select 1")
    guest.close()


def test_two_start_at_the_same_time_and_stay_apart() -> None:
    starting = [_start_in_another_process() for _ in range(2)]
    folders = [_folder_of(process) for process in starting]
    first, second = (psycopg.connect(f"host={folder} user=postgres") for folder in folders)

    first.execute("create table only_here ()")
    first.commit()

    with pytest.raises(psycopg.errors.UndefinedTable):
        second.execute("table only_here")
    for connection in (first, second):
        connection.close()
    for process in starting:
        process.communicate("\n", timeout=30)
        assert process.returncode == 0


def test_stopping_leaves_nothing() -> None:
    postgres = Postgres().start()
    folder = postgres.folder

    postgres.stop()
    postgres.stop()

    assert not folder.exists()


def test_killing_the_tests_ends_the_server_and_the_next_start_clears_up() -> None:
    process = _start_in_another_process()
    folder = _folder_of(process)
    psycopg.connect(f"host={folder} user=postgres").close()

    process.kill()
    process.communicate()

    _wait_until_gone(folder / "data" / "postmaster.pid")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"host={folder} user=postgres")
    with Postgres():
        assert not folder.exists()


def _start_in_another_process() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", STARTS_AND_WAITS],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _folder_of(process: subprocess.Popen[str]) -> Path:
    assert process.stdout is not None
    return Path(process.stdout.readline().strip())


def _wait_until_gone(path: Path) -> None:
    give_up_at = time.monotonic() + 30
    while path.exists():
        assert time.monotonic() < give_up_at, f"{path} is still there"
        time.sleep(0.05)
