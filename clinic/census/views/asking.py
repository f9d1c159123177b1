"""What the address of a census page asks for: a day or a minute, a slice, a period to compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import request, url_for

from clinic.census.facts import SPLIT_AXES, Axis, Slice
from clinic.census.facts import Column as Number
from clinic.census.forms import read_axis
from clinic.census.queries import COMPARED_DAYS
from clinic.census.queries import Number as Asked
from clinic.data.work import Work
from clinic.web.days import read_day, read_instant

PREFIX = "in_"
_VALUE_MAX = 80


@dataclass(frozen=True, slots=True)
class Asking:
    """What a page was asked for; ``at`` None is the whole day."""

    day: date
    at: datetime | None
    part: Slice
    days: int

    def query(self) -> dict[str, Any]:
        """All but the day, for the address of another page that asks the same."""
        chosen = {f"{PREFIX}{name}": value for name, value in self.part.to_query().items()}
        compares = {"days": str(self.days)} if self.days != COMPARED_DAYS[0] else {}
        return chosen | compares

    def address(self, endpoint: str, *, day: date | None = None, **more: Any) -> str:
        return url_for(endpoint, on=(day or self.day).isoformat(), **self.query(), **more)


def asking(work: Work, on: str | None) -> Asking:
    """Read the address.

    Raises: NotFound for a day or an instant there is not, or that has not come.
    """
    text = request.args.get("at")
    at = read_instant(text, site=work.site, until=work.now) if text else None
    day = (
        work.site.service_date(at)
        if at
        else read_day(
            on or request.args.get("on"), otherwise=work.service_date, until=work.service_date
        )
    )
    days = request.args.get("days", type=int)
    return Asking(day, at, _part(), days if days in COMPARED_DAYS else COMPARED_DAYS[0])


def number_asked(asked: Asking) -> Asked:
    """The number whose names are asked for.

    Raises: NotFound when the census counts no such thing.
    """
    column = request.args.get("column", "")
    return Asked(
        axis=read_axis(request.args.get("axis")),
        value=request.args.get("value", ""),
        column=Number(column) if column in set(Number) else Number.TODAY,
        part=asked.part,
        at=asked.at,
    )


def _part() -> Slice:
    chosen = ((axis, request.args.get(f"{PREFIX}{axis.value}", "")) for axis in SPLIT_AXES)
    return Slice(tuple((axis, value[:_VALUE_MAX]) for axis, value in chosen if value))


def names_of(part: Slice, choices: Mapping[Axis, Mapping[str, str]]) -> list[str]:
    """The slice in words, one for each axis."""
    return [
        f"{axis.label}: {choices.get(axis, {}).get(value, value)}" for axis, value in part.wanted
    ]
