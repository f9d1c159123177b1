"""Which site a command works at, and who it works as."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
import sqlalchemy as sa
from flask import current_app

from clinic.core.actors import Actor
from clinic.core.errors import NotFound
from clinic.core.service_dates import SiteClock
from clinic.data.db import db
from clinic.data.work import Work, unit_of_work
from clinic.sites.models import Site
from clinic.web.edge import clock

site_option = click.option("--site", "site_code", help="Code of the site; the first one if absent.")


def site_clock(code: str | None) -> SiteClock:
    """Raises: NotFound with the codes there are."""
    sites = db.session.scalars(sa.select(Site).where(Site.is_active).order_by(Site.id)).all()
    db.session.rollback()
    for site in sites:
        if code in (None, site.code):
            return SiteClock(site.id, site.organization_id, site.time_zone, site.day_starts_at)
    known = ", ".join(site.code for site in sites) or "none yet: run `clinic demo`"
    raise NotFound(f"there is no site {code!r}; the sites are: {known}")


@contextmanager
def work_at(code: str | None, *, command: str) -> Iterator[Work]:
    """A piece of work by the operator at a terminal."""
    with unit_of_work(
        actor=Actor.system(f"command {command}"),
        now=clock(),
        site=site_clock(code),
        reactions=current_app.extensions["reactions"],
    ) as work:
        yield work
