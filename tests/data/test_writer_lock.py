from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from clinic.data.writer_lock import WriterLock, writer_lock

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 10


def wait_until_queued(lock: WriterLock, count: int) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while len(lock._waiting) < count:
        assert time.monotonic() < give_up_at
        time.sleep(0.001)


def test_writers_pass_in_the_order_they_came(tmp_path: Path) -> None:
    lock = writer_lock(tmp_path / "clinic.db")
    passed: list[int] = []

    def write(number: int) -> None:
        with lock.turn():
            passed.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    with lock.turn():
        for number, thread in enumerate(threads):
            thread.start()
            wait_until_queued(lock, number + 2)
        assert passed == []
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert passed == list(range(8))


def test_two_writers_are_never_inside_together(tmp_path: Path) -> None:
    lock = writer_lock(tmp_path / "clinic.db")
    inside, together = [], []

    def write() -> None:
        for _ in range(50):
            with lock.turn():
                inside.append(1)
                together.append(len(inside))
                time.sleep(0)
                inside.pop()

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert together == [1] * 300


def test_a_writer_that_fails_lets_the_next_one_in(tmp_path: Path) -> None:
    lock = writer_lock(tmp_path / "clinic.db")
    with pytest.raises(LookupError), lock.turn():
        raise LookupError

    with lock.turn():
        assert len(lock._waiting) == 1
    assert not lock._waiting


def test_one_file_has_one_lock(tmp_path: Path) -> None:
    assert writer_lock(tmp_path / "a.db") is writer_lock(tmp_path / "a.db")
    assert writer_lock(tmp_path / "a.db") is not writer_lock(tmp_path / "b.db")


HOLD = """
import sys
from pathlib import Path
from clinic.data.writer_lock import writer_lock
with writer_lock(Path(sys.argv[1])).turn():
    print("inside", flush=True)
    sys.stdin.readline()
"""


def test_another_process_waits_and_a_killed_one_leaves_no_lock(tmp_path: Path) -> None:
    database = tmp_path / "clinic.db"
    entered = threading.Event()

    def write() -> None:
        with writer_lock(database).turn():
            entered.set()

    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "inside\n"
        thread = threading.Thread(target=write)
        thread.start()
        assert not entered.wait(0.2)
        other.kill()
        assert entered.wait(PATIENCE_SECONDS)
        thread.join(PATIENCE_SECONDS)
