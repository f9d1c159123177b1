"""The blueprint the pages of this domain hang on."""

from __future__ import annotations

from flask import Blueprint

census = Blueprint("census", __name__)
