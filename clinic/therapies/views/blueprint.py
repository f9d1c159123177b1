"""The blueprint the treatments' pages hang on."""

from __future__ import annotations

from flask import Blueprint

therapies = Blueprint("therapies", __name__)
