"""What every command that works at a site shares: which site, and in whose name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app

from clinic.core.actors import Actor
from clinic.core.service_dates import SiteClock
from clinic.data.db import db
from clinic.data.work import Work, unit_of_reading, unit_of_work
from clinic.sites import queries
from clinic.web.edge import clock

site_option = click.option("--site", "site_code", help="Code of the site; the first one if absent.")
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print data for a program to read."
)


@contextmanager
def work_at(site: SiteClock, *, command: str) -> Iterator[Work]:
    """A piece of work by the operator at a terminal."""
    with unit_of_work(
        actor=Actor.system(f"command {command}"),
        now=clock(),
        site=site,
        reactions=current_app.extensions["reactions"],
    ) as work:
        yield work


@contextmanager
def reading_at(site: SiteClock, *, command: str) -> Iterator[Work]:
    """The same, reading only."""
    actor = Actor.system(f"command {command}")
    with unit_of_reading(actor=actor, now=clock(), site=site) as work:
        yield work


def site_clock(code: str | None) -> SiteClock:
    """The site of a code, or the first one.

    Raises: NotFound with the codes there are.
    """
    session = db.session()
    here = queries.clock_of(session, code=code)
    session.rollback()
    return here
