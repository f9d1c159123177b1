"""What the frame around every page shows: who, where, which way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Flask, current_app, g, request, url_for
from flask_login import current_user

from clinic.core.permissions import Permission
from clinic.data import job_monitor
from clinic.data.db import db
from clinic.data.job_monitor import JobState
from clinic.web.edge import clock
from clinic.web.navigation import Item, items_for


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the rail, ready to print."""

    label: str
    endpoint: str
    icon: str
    key: str
    active: bool


@dataclass(frozen=True, slots=True)
class SiteChoice:
    id: UUID
    name: str
    active: bool


@dataclass(frozen=True, slots=True)
class Shell:
    user: Any
    nav: list[Place]
    site: Any
    sites: list[SiteChoice]
    home_url: str
    sign_out_url: str
    account_url: str
    switch_site_url: str
    search_url: str | None
    suggest_url: str | None
    idle_minutes: int
    unlock_url: str
    lock_url: str
    present_url: str
    has_pin: bool
    is_locked: bool
    service_date: date
    job_troubles: Callable[[], list[JobState]]
    """Asked for by the frame alone, so that a fragment costs nothing."""


def register_shell(app: Flask) -> None:
    """Give templates ``shell``; None while signed out or without the database."""

    @app.context_processor
    def frame() -> dict[str, Shell | None]:
        framed = not g.get("without_frame") and current_user.is_authenticated
        return {"shell": _shell() if framed else None}


def _shell() -> Shell:
    actor = current_user.actor
    finds = actor.may(Permission.FIND_PATIENT)
    return Shell(
        user=current_user,
        nav=[_place(item) for item in items_for(actor)],
        site=current_user.site_choice,
        sites=current_user.site_choices,
        home_url=url_for("staff.home"),
        sign_out_url=url_for("staff.sign_out"),
        account_url=url_for("staff.account"),
        switch_site_url=url_for("staff.switch_site"),
        search_url=url_for("patients.find") if finds else None,
        suggest_url=url_for("patients.suggest") if finds else None,
        idle_minutes=current_app.config["IDLE_MINUTES"],
        unlock_url=url_for("staff.unlock"),
        lock_url=url_for("staff.lock"),
        present_url=url_for("staff.present"),
        has_pin=current_user.has_pin,
        is_locked=current_user.is_locked,
        service_date=current_user.site.service_date(clock()),
        job_troubles=_job_troubles,
    )


def _job_troubles() -> list[JobState]:
    """What went wrong at night and this administrator has not seen; of no concern to others."""
    if not current_user.actor.may(Permission.MANAGE_SITE):
        return []
    return job_monitor.unseen(
        db.session(),
        site=current_user.site,
        user_id=current_user.id,
        now=clock(),
        late_after=timedelta(minutes=current_app.config["JOB_LATE_MINUTES"]),
    )


def _place(item: Item) -> Place:
    """A line of the rail; active on its own page and on every page beneath it."""
    href = url_for(item.endpoint)
    active = request.path == href or request.path.startswith(href + "/")
    return Place(item.label, item.endpoint, item.icon, item.key, active)
