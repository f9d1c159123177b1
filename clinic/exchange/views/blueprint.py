"""The blueprint the pages of this domain hang on."""

from __future__ import annotations

from flask import Blueprint

exchange = Blueprint("exchange", __name__)
