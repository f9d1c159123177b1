"""The application: settings in, a running clinic out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from typing import Any

import structlog
from flask import Blueprint, Flask
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

from clinic.assessments.views import assessments
from clinic.audit.views import audit
from clinic.census.views import census
from clinic.data.db import db, init_database
from clinic.dosing.views import dosing
from clinic.exchange.views import exchange
from clinic.hardware.views import hardware
from clinic.inspection.views import inspection
from clinic.patients.views import patients
from clinic.portal.views import portal
from clinic.programs.views import programs
from clinic.rewards.views import rewards
from clinic.scheduling.views import scheduling
from clinic.sites.views import sites
from clinic.staff.views import register_login, staff
from clinic.stock.views import stock
from clinic.therapies.views import therapies
from clinic.toxicology.views import toxicology
from clinic.web import (
    assets,
    errors,
    filters,
    headers,
    health,
    limits,
    passwords,
    permission,
    shell,
)
from clinic.wiring import DAY_CHECKS, DUE_SOURCES, REACTIONS
from config import ROOT, Config, from_environment

DOMAINS = (
    "data",
    "audit",
    "sites",
    "hardware",
    "staff",
    "patients",
    "programs",
    "assessments",
    "toxicology",
    "scheduling",
    "stock",
    "therapies",
    "dosing",
    "rewards",
    "portal",
    "census",
    "exchange",
)
"""Every package with tables, bottom up."""

BLUEPRINTS: tuple[Blueprint, ...] = (
    staff,
    sites,
    hardware,
    audit,
    patients,
    programs,
    assessments,
    toxicology,
    scheduling,
    stock,
    therapies,
    dosing,
    rewards,
    portal,
    census,
    exchange,
    inspection,
)


def create_app(
    config: Config | None = None, *, clock: Callable[[], datetime] | None = None
) -> Flask:
    """Build the application. ``clock`` replaces the wall clock, for tests and rehearsals.

    Raises: UnsafeConfiguration or UnsafeStorage when it would not be safe to start.
    """
    config = config or from_environment()
    app = Flask("clinic", template_folder=str(ROOT / "templates"))
    app.config.from_object(config)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.extensions["reactions"] = REACTIONS
    app.extensions["due_sources"] = DUE_SOURCES
    app.extensions["day_checks"] = DAY_CHECKS
    if clock is not None:
        app.extensions["clock"] = clock
    load_schema()
    _log_as_lines(app)
    init_database(app)
    Migrate(app, db, directory=str(ROOT / "migrations"))
    CSRFProtect(app)
    register_login(app)
    passwords.register_passwords(app)
    filters.register_filters(app)
    assets.register_assets(app)
    headers.register_headers(app)
    limits.register_limits(app)
    errors.register_errors(app)
    shell.register_shell(app)
    health.register_health(app)
    app.before_request(permission.guard)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


def load_schema() -> None:
    """Make every table known to the metadata, whether or not a page needs it yet."""
    for domain in DOMAINS:
        import_module(f"clinic.{domain}.models")


def _log_as_lines(app: Flask) -> None:
    """One JSON line per event, without names, tokens or form contents."""
    processors: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ]
    level = logging.DEBUG if app.debug else logging.INFO
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
