"""The blueprint of the dosing pages, and the window this browser stands at."""

from __future__ import annotations

from flask import Blueprint, session

dosing = Blueprint("dosing", __name__)

_WINDOW = "dosing_window"


def window_number() -> int:
    """The window chosen in this browser; 1 until somebody chooses."""
    number: int = session.get(_WINDOW, 1)
    return number


def stand_at(number: int) -> None:
    session[_WINDOW] = number
