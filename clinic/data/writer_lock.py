"""Writers of one SQLite file take turns, in the order they came, over threads and processes.

SQLite's own busy handler is unfair: with eight writers some wait half a second while others
pass. A queue inside the process and one ``flock`` between processes keep the order.
"""

from __future__ import annotations

import fcntl
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class WriterLock:
    """One per database file. Not re-entrant: a writer inside a writer is a bug, not a wait."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the file's only writing turn."""
        mine = threading.Event()
        with self._mutex:
            self._waiting.append(mine)
            if self._waiting[0] is mine:
                mine.set()
        try:
            mine.wait()
            with self._path.open("ab") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
        finally:
            with self._mutex:
                was_first = self._waiting[0] is mine
                self._waiting.remove(mine)
                if was_first and self._waiting:
                    self._waiting[0].set()


_locks: dict[Path, WriterLock] = {}
_locks_mutex = threading.Lock()


def writer_lock(database: Path) -> WriterLock:
    """The lock that belongs to a database file; the same object for the same file."""
    path = database.with_name(database.name + ".writer")
    with _locks_mutex:
        return _locks.setdefault(path, WriterLock(path))
