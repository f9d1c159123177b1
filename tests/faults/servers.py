"""A server that is killed again and again, and nurses who go on asking it."""

from __future__ import annotations

import http.client
import logging
import os
import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, Queue
from urllib.parse import urlencode
from uuid import UUID

from flask import Flask
from waitress.server import create_server

from clinic.data.db import db
from tests.conftest import Clock, make_app
from tests.engines.processes import FRESH

NURSES = 6
WAIT_SECONDS_MAX = 60
CHANGED_THEIR_MIND = (http.client.HTTPException, ConnectionError, TimeoutError)
"""What a client sees of a server that died."""


@contextmanager
def mortal_server(app: Flask, *, port: int) -> Iterator[Mortal]:
    """The clinic behind a real socket, in a process that may be killed and comes back at once."""
    ours, theirs = FRESH.Pipe()
    url, folder = app.config["SQLALCHEMY_DATABASE_URI"], app.config["INSTANCE"]
    mother = FRESH.Process(target=_give_birth, args=(theirs, url, folder, port))
    mother.start()
    mortal = Mortal(ours)
    mortal.wait_for_life()
    try:
        yield mortal
    finally:
        os.kill(mortal.pid, signal.SIGKILL)
        ours.send("end")
        mother.join(timeout=WAIT_SECONDS_MAX)


@dataclass
class Mortal:
    """The server of the moment, and how to end it."""

    connection: Connection
    pid: int = 0

    def wait_for_life(self) -> None:
        assert self.connection.poll(WAIT_SECONDS_MAX)
        self.pid = self.connection.recv()

    def kill(self) -> None:
        """``kill -9``, and wait until the next one has been born."""
        os.kill(self.pid, signal.SIGKILL)
        self.connection.send("again")
        self.wait_for_life()


def _give_birth(connection: Connection, url: str, folder: Path, port: int) -> None:
    """Load the application once, then fork a server whenever asked to."""
    app = make_app(url, folder, Clock())
    with app.app_context():
        app.test_client().get("/dosing")  # whatever is loaded at first need is loaded now
        db.session.remove()
        db.engine.dispose()
    while True:
        child = os.fork()
        if child == 0:
            logging.getLogger("waitress").setLevel(logging.ERROR)
            create_server(app, host="127.0.0.1", port=port, threads=4).run()
        connection.send(child)
        command = connection.recv()
        os.waitpid(child, 0)
        if command == "end":
            return


@dataclass
class Line:
    """Patients at the windows. Each is asked for under one key until there is an answer."""

    port: int
    cookie: str
    patients: Sequence[UUID]
    acknowledged: dict[UUID, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    asked_again: int = 0

    def __post_init__(self) -> None:
        self._waiting: Queue[UUID] = Queue()
        for one in self.patients:
            self._waiting.put(one)
        self._is_over = False
        self._nurses: list[Future[None]] = []

    @contextmanager
    def served(self) -> Iterator[None]:
        """Meanwhile the nurses work through the line."""
        with ThreadPoolExecutor(NURSES) as pool:
            self._nurses = [pool.submit(self._serve) for _ in range(NURSES)]
            try:
                yield
            finally:
                self.stop()

    def stop(self) -> None:
        """Whoever is at a window is still served."""
        self._is_over = True
        for nurse in self._nurses:
            nurse.result()

    def _serve(self) -> None:
        while not self._is_over:
            try:
                patient_id = self._waiting.get_nowait()
            except Empty:
                return
            self._ask_until_answered(patient_id)

    def _ask_until_answered(self, patient_id: UUID) -> None:
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while time.monotonic() < deadline:
            try:
                status, text = self.ask(patient_id)
            except CHANGED_THEIR_MIND:
                self.asked_again += 1
                time.sleep(0.005)
                continue
            if status == http.client.SERVICE_UNAVAILABLE:
                continue
            if status == http.client.SEE_OTHER:
                self.acknowledged[patient_id] = text
            else:
                self.refused.append(f"{status} {text[:500]}")
            return
        self.refused.append(f"{patient_id} was never answered")

    def ask(self, patient_id: UUID) -> tuple[int, str]:
        """One click on the dose button."""
        body = urlencode(
            {
                "idempotency_key": str(patient_id),
                "order_number": "1",
                "portion": "1",
                "identity": "birth_date",
                "looks_well": "y",
            }
        )
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(
                "POST",
                f"/dosing/{patient_id}/dose",
                body,
                {
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Cookie": self.cookie,
                },
            )
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()
