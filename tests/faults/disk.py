"""A disk that remembers what was written and synced, and that can run full or fail.

It stands between SQLite and the real files, in this process only: the default VFS is copied, and
the methods that write, truncate and sync are ours. So a power cut can be replayed from the log
without a machine that loses power.
"""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from dataclasses import dataclass, field
from pathlib import Path

import pysqlite3._sqlite3 as driver

OK = 0
FULL = 13
IO_ERROR_SYNC = 10 | 4 << 8
"""SQLITE_OK, SQLITE_FULL, SQLITE_IOERR_FSYNC. Source: sqlite.org/rescode.html."""

OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
SYNC = CFUNCTYPE(c_int, c_void_p, c_int)


class Vfs(Structure):
    """``sqlite3_vfs``, version 3. Source: sqlite.org/c3ref/vfs.html."""

    _fields_ = (
        ("version", c_int),
        ("file_size", c_int),
        ("path_max", c_int),
        ("following", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", c_void_p),
        ("others", c_void_p * 14),
    )


class Methods(Structure):
    """``sqlite3_io_methods``, version 3. Source: sqlite.org/c3ref/io_methods.html."""

    _fields_ = (
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", c_void_p),
        ("truncate", c_void_p),
        ("sync", c_void_p),
        ("others", c_void_p * 13),
    )


@dataclass(frozen=True, slots=True)
class Written:
    file: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncated:
    file: str
    size: int


@dataclass(frozen=True, slots=True)
class Synced:
    file: str


Step = Written | Truncated | Synced


@dataclass
class Disk:
    """What happened to the files, in order, and what the disk is to do next."""

    steps: list[Step] = field(default_factory=list)
    is_full: bool = False
    fails_to_sync: bool = False

    def __post_init__(self) -> None:
        self._names: dict[int, str] = {}
        self._methods: dict[int, Methods] = {}
        self._kept: list[object] = []

    def install(self) -> None:
        """Become the disk of every database this process opens from now on."""
        library = ctypes.CDLL(driver.__file__)
        library.sqlite3_vfs_find.restype = POINTER(Vfs)
        plain = library.sqlite3_vfs_find(None).contents
        ours = Vfs.from_buffer_copy(plain)
        ours.name = b"watched"
        opens = OPEN(plain.open)

        def watch(vfs: int, name: int | None, file: int, flags: int, answered: int) -> int:
            # The name is passed on as the pointer it is: options stand behind its end.
            result: int = opens(vfs, name, file, flags, answered)
            if result == OK and name is not None:
                self._watch(file, Path(ctypes.string_at(name).decode()).name)
            return result

        callback = OPEN(watch)
        ours.open = ctypes.cast(callback, c_void_p).value
        self._kept += [ours, callback, opens, library]
        assert library.sqlite3_vfs_register(ctypes.byref(ours), 1) == OK

    def _watch(self, file: int, name: str) -> None:
        pointer = c_void_p.from_address(file)
        original = pointer.value
        assert original is not None
        self._names[file] = name
        if original not in self._methods:
            self._methods[original] = self._watched(Methods.from_address(original))
        pointer.value = ctypes.addressof(self._methods[original])

    def _watched(self, plain: Methods) -> Methods:
        write, truncate, sync = WRITE(plain.write), TRUNCATE(plain.truncate), SYNC(plain.sync)

        def writes(file: int, data: int, size: int, offset: int) -> int:
            if self.is_full:
                return FULL
            self.steps.append(Written(self._names[file], offset, ctypes.string_at(data, size)))
            return int(write(file, data, size, offset))

        def truncates(file: int, size: int) -> int:
            self.steps.append(Truncated(self._names[file], size))
            return int(truncate(file, size))

        def syncs(file: int, flags: int) -> int:
            if self.fails_to_sync:
                return IO_ERROR_SYNC
            result = int(sync(file, flags))
            self.steps.append(Synced(self._names[file]))
            return result

        callbacks = (WRITE(writes), TRUNCATE(truncates), SYNC(syncs))
        self._kept += [callbacks, write, truncate, sync]
        ours = Methods.from_buffer_copy(plain)
        ours.write, ours.truncate, ours.sync = (
            ctypes.cast(callback, c_void_p).value for callback in callbacks
        )
        return ours
