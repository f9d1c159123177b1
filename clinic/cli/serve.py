"""``clinic serve``: migrate, seed an empty house, and run pages and scheduler as one tree."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import click
import waitress
from flask import current_app
from flask_migrate import upgrade

from clinic.data.db import db
from clinic.demo import seeding
from clinic.demo.sign_in import sign_in_table

LOOPBACK = ("127.0.0.1", "::1", "localhost")
THREADS = 8
PR_SET_PDEATHSIG = 1
STOP_SECONDS_MAX = 10


@click.command("migrate")
def migrate() -> None:
    """Bring the database's schema up to this program. Safe to run again."""
    upgrade()
    click.echo("The schema is up to date.")


@click.command("serve")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--behind-proxy", is_flag=True, help="A trusted proxy in front speaks TLS.")
def serve(port: int, host: str, *, behind_proxy: bool) -> None:
    """Start the clinic: pages at http://HOST:PORT, and the scheduler beside them.

    Migrates the database first and seeds a demo clinic when it is empty. Ctrl-C stops everything.
    """
    if host not in LOOPBACK and not behind_proxy:
        raise click.UsageError(
            "Patients' records must not travel in clear: serve beyond this machine only through "
            "a proxy that speaks TLS, and then pass --behind-proxy."
        )
    upgrade()
    if not seeding.organizations():
        click.echo("Seeding a demo clinic: 300 synthetic patients, half a year ...")
    sign_ins = seeding.seed_if_empty()
    db.session.remove()
    db.engine.dispose()
    with scheduler():
        if sign_ins:
            click.echo(sign_in_table(sign_ins))
        click.echo(f"\n  The clinic is open at http://{host}:{port}/   (Ctrl-C stops it)\n")
        _stop_on_terminate()
        gc.freeze()  # what was imported stays: no collection walks it again in the midst of a page
        with contextlib.suppress(KeyboardInterrupt):
            app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
            waitress.serve(app, host=host, port=port, threads=THREADS, ident="clinic")
    click.echo("Stopped.")


@contextlib.contextmanager
def scheduler() -> Iterator[None]:
    """The scheduler as a child that never outlives us."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tasks"],
        preexec_fn=_die_with_parent,  # noqa: PLW1509  # no threads have started yet
    )
    try:
        yield
    finally:
        child.terminate()
        try:
            child.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            child.kill()


def _die_with_parent() -> None:
    os.setpgrp()  # Ctrl-C reaches the parent, which stops the child in its own time
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop_on_terminate() -> None:
    def stop(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
