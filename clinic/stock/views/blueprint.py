"""The blueprint the stock's pages hang on, and what several of them need."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, current_app

from clinic.core.decision import Decision
from clinic.core.errors import NotFound
from clinic.data.work import Work
from clinic.sites import queries as sites
from clinic.stock.facts import NUMBERED, Spot, StockPlace
from clinic.stock.queries import DayCheck

stock = Blueprint("stock", __name__)

DAY_CHECKS = "day_checks"
"""The app extension that lists what rooms above the stock may keep a day open for."""


def others_open(work: Work, *, day: date) -> Decision:
    """Everything rooms above the stock still have open on a day."""
    checks: tuple[DayCheck, ...] = current_app.extensions[DAY_CHECKS]
    return sum((check(work, day=day) for check in checks), start=Decision())


def site_line(work: Work) -> str:
    """The site as the head of a sheet names it."""
    here = sites.site(work)
    return ", ".join(part for part in (here.organization, here.name, here.address) if part)


def read_spot(code: str) -> Spot:
    """The place an address or a form names.

    Raises: NotFound when there is no such place within the clinic.
    """
    name, _, number = code.partition("-")
    try:
        place = StockPlace(name)
        spot = Spot(place, int(number) if place in NUMBERED else 0)
    except ValueError:
        raise NotFound("place") from None
    if not place.is_inside or spot.number < 0:
        raise NotFound("place")
    return spot
