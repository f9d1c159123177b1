"""The run of days an address asks for, and the addresses of the names behind its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from flask import request, url_for
from markupsafe import Markup

from clinic.census.facts import Axis
from clinic.census.facts.measures import Gauge, Span
from clinic.census.queries.flows import Plot
from clinic.core.errors import NotFound
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.web.days import read_day

Word = TypeVar("Word", bound=StrEnum)

SPAN_DAYS = 90
SPAN_DAYS_MAX = 1827
"""Five years: what a trend may reach back to."""
USUAL_SPANS = ((28, "4 weeks"), (90, "Quarter"), (182, "Half year"), (365, "Year"))


def read_span(work: Work) -> Span:
    """The days ``from`` to ``to``; the quarter until today when nothing is said.

    Raises: NotFound for what is no day, lies ahead, or runs backwards.
    """
    today = work.service_date
    last = read_day(request.args.get("to"), otherwise=today, until=today)
    first = read_day(
        request.args.get("from"), otherwise=last - timedelta(days=SPAN_DAYS - 1), until=last
    )
    as_of = read_day(request.args.get("as_of"), otherwise=last, until=today)
    return Span(max(first, last - timedelta(days=SPAN_DAYS_MAX - 1)), last, as_of)


def read_word(kind: type[Word], text: str | None) -> Word:
    """Raises: NotFound when there is no such word."""
    try:
        return kind(text or "")
    except ValueError:
        raise NotFound(kind.__name__.lower()) from None


@dataclass(frozen=True, slots=True)
class Behind:
    """Addresses of names, for a reader who may see them."""

    span: Span
    shows_names: bool

    @classmethod
    def of(cls, work: Work, span: Span) -> Behind:
        return cls(span, work.actor.may(Permission.VIEW_CHART))

    def page(self, endpoint: str, *, format: str | None = None) -> str:  # noqa: A002 - as in the address
        return url_for(endpoint, **_asked(self.span), format=format)

    def usual(self, endpoint: str) -> list[dict[str, object]]:
        """The usual lengths until the same last day, as tabs."""
        spans = [(Span.of_days(days, last=self.span.last), label) for days, label in USUAL_SPANS]
        return [
            {
                "label": label,
                "href": url_for(endpoint, **_asked(span)),
                "active": span.first == self.span.first,
            }
            for span, label in spans
        ]

    def day(self, day: date) -> str:
        """Who was in care that day; the day's page for a reader who may not see names."""
        if self.shows_names:
            return url_for("census.people", on=day.isoformat(), axis=Axis.IN_CARE.value)
        return url_for("census.day", on=day.isoformat())

    def gauge(
        self, gauge: Gauge, *, span: Span | None = None, part: str = "", counting: bool = False
    ) -> str | None:
        if not self.shows_names:
            return None
        return url_for(
            "census.measure_people",
            gauge=gauge.value,
            **_asked(span or self.span),
            as_of=self.span.known_on.isoformat() if span else None,
            part=part or None,
            only="counting" if counting else None,
        )

    def plot(self, plot: Plot, value: str, *, span: Span | None = None) -> str | None:
        if not self.shows_names:
            return None
        return url_for(
            "census.plot_people", plot=plot.value, value=value, **_asked(span or self.span)
        )


def _asked(span: Span) -> dict[str, Any]:
    return {"from": span.first.isoformat(), "to": span.last.isoformat()}


def linked(text: object, href: str | None) -> object:
    """The text as a link where there is anything to open."""
    return Markup('<a href="{}">{}</a>').format(href, text) if href else text
