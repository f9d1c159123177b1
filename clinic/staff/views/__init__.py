"""Pages of signing in and of the people who work here."""

from __future__ import annotations

from flask import Flask
from flask_login import LoginManager

from clinic.staff.views import people, pins, session
from clinic.staff.views.blueprint import staff
from clinic.staff.views.login import load_person

__all__ = ["people", "pins", "register_login", "session", "staff"]


def register_login(app: Flask) -> None:
    """Attach Flask-Login to the app."""
    manager = LoginManager()
    manager.session_protection = None  # our own session row is stricter
    manager.user_loader(load_person)
    manager.unauthorized_handler(session.unknown)
    manager.init_app(app, add_context_processor=False)  # pages know people by ``shell``
    app.before_request(pins.refuse_while_locked)
