"""How an address asks for a day of the census, or for the names behind a number."""

from __future__ import annotations

from datetime import date

from wtforms import DateField

from clinic.census.facts import Axis
from clinic.core.errors import NotFound
from clinic.web.forms import PageForm


class DayForm(PageForm):
    """Go to a day."""

    on = DateField("Day")


def read_day(text: str | None, *, today: date) -> date:
    """The day an address names; today when it names none.

    Raises: NotFound when it is no date, or one that has not come yet.
    """
    if not text:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotFound("day") from None
    if day > today:
        raise NotFound("day")
    return day


def read_axis(text: str | None) -> Axis:
    """What is to be named; everybody in care when nothing is said.

    Raises: NotFound when the census counts no such thing.
    """
    try:
        return Axis(text or Axis.IN_CARE)
    except ValueError:
        raise NotFound("axis") from None
