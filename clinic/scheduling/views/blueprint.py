"""The blueprint the schedule's pages hang on, and what several of them need."""

from __future__ import annotations

from datetime import date

from flask import Blueprint

from clinic.core.errors import NotFound

scheduling = Blueprint("scheduling", __name__)

DUE_SOURCES = "due_sources"
"""The app extension that lists what other domains add to the day board."""


def day_of(text: str | None, *, otherwise: date) -> date:
    """The date an address names.

    Raises: NotFound when it names none.
    """
    if not text:
        return otherwise
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound("day") from None
