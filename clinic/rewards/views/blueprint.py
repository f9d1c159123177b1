"""The blueprint of the reward pages."""

from __future__ import annotations

from flask import Blueprint

rewards = Blueprint("rewards", __name__)
