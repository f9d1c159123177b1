"""Work that outlives its request: one worker a process, for whoever is signed in now.

A thread and not a queue of jobs: what is lost with the process was asked for by a person, who
sees that it is lost and asks again.
"""

from __future__ import annotations

import os
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import structlog
from flask import Flask, current_app

from clinic.core.actors import Actor
from clinic.core.service_dates import SiteClock
from clinic.data.work import Work, unit_of_reading, unit_of_work
from clinic.web import edge

log = structlog.get_logger()
_waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
_start = threading.Lock()
_worker: threading.Thread | None = None


@dataclass(frozen=True, slots=True)
class Aside:
    """Pieces of work by one person at one site, each with its own transaction and its own now."""

    app: Flask
    actor: Actor
    site: SiteClock

    @contextmanager
    def begin_work(self) -> Iterator[Work]:
        with (
            self.app.app_context(),
            unit_of_work(actor=self.actor, now=edge.clock(), site=self.site, reactions={}) as work,
        ):
            yield work

    @contextmanager
    def begin_reading(self) -> Iterator[Work]:
        with (
            self.app.app_context(),
            unit_of_reading(actor=self.actor, now=edge.clock(), site=self.site) as work,
        ):
            yield work


BeginAside = Callable[[], AbstractContextManager[Work]]


def holder() -> str:
    """Names this process among those that may work aside."""
    return f"{socket.gethostname()}:{os.getpid()}"


def run_aside(verb: Callable[[BeginAside, BeginAside], object]) -> None:
    """Have ``verb`` called after the answer, with ways to begin work and reading.

    One at a time in each process. A test puts a ``run`` of its own into
    ``app.extensions["aside"]``.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    aside = Aside(app, edge.actor(), edge.site())

    def run() -> None:
        try:
            verb(aside.begin_work, aside.begin_reading)
        except Exception:
            log.exception("work aside failed")

    app.extensions.get("aside", _later)(run)


def _later(run: Callable[[], None]) -> None:
    global _worker  # noqa: PLW0603 - one worker for the process
    with _start:
        if _worker is None or not _worker.is_alive():
            _worker = threading.Thread(target=_work, name="aside", daemon=True)
            _worker.start()
    _waiting.put(run)


def _work() -> None:
    while True:
        _waiting.get()()
