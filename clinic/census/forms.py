"""How an address asks for a day of the census, or for the names behind a number."""

from __future__ import annotations

from wtforms import DateField

from clinic.census.facts import Axis
from clinic.core.errors import NotFound
from clinic.web.forms import PageForm


class DayForm(PageForm):
    """Go to a day."""

    on = DateField("Day")


def read_axis(text: str | None) -> Axis:
    """What is to be named; everybody in care when nothing is said.

    Raises: NotFound when the census counts no such thing.
    """
    try:
        return Axis(text or Axis.IN_CARE)
    except ValueError:
        raise NotFound("axis") from None
