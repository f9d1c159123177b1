"""The blueprint the schedule's pages hang on, and what several of them need."""

from __future__ import annotations

from flask import Blueprint

scheduling = Blueprint("scheduling", __name__)

DUE_SOURCES = "due_sources"
"""The app extension that lists what other domains add to the day board."""
