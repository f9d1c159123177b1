"""The page of pictures, and the names behind the parts of those that have their own."""

from __future__ import annotations

from operator import itemgetter

from flask import request
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.census.queries import flows
from clinic.census.queries.flows import Plot
from clinic.census.views import pictures
from clinic.census.views.behind import Behind, read_span, read_word
from clinic.census.views.blueprint import census
from clinic.census.views.measures import PEOPLE_COLUMNS, chart_of
from clinic.census.views.pictures import Picture
from clinic.core.errors import NotFound
from clinic.core.permissions import Permission
from clinic.web.edge import begin_reading, begin_work
from clinic.web.pages import page
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

TITLES = {
    Plot.FLOW: "Moves",
    Plot.HOUR: "Visits of that hour",
    Plot.QUARTER: "Doses of that quarter of an hour",
}


@census.get("/census/plots")
@requires(Permission.VIEW_CENSUS)
def plots() -> ResponseReturnValue:
    """Every picture of a period; ``?format=<picture>`` the numbers behind one as a file."""
    if wanted := request.args.get("format"):
        return _file(wanted)
    with begin_reading() as work:
        span = read_span(work)
        found = flows.pictures(work, span=span)
        behind = Behind.of(work, span)
    return page("census/plots", span=span, behind=behind, pictures=pictures.all_of(found, behind))


def _file(wanted: str) -> ResponseReturnValue:
    with begin_work() as work:
        span = read_span(work)
        drawn = pictures.all_of(flows.pictures(work, span=span), Behind(span, shows_names=False))
        picture = _picture(drawn, wanted)
        audit.record(
            work,
            action="census.export",
            subject=f"{picture.title}, {span.first} to {span.last}",
        )
    columns = [Column(label, itemgetter(index)) for index, label in enumerate(picture.headers)]
    return csv_response(f"{picture.id}-{span.first}-{span.last}", columns, picture.outside)


def _picture(drawn: list[Picture], wanted: str) -> Picture:
    """Raises: NotFound."""
    for picture in drawn:
        if picture.id == wanted:
            return picture
    raise NotFound("picture")


@census.get("/census/plots/people")
@requires(Permission.VIEW_CENSUS)
def plot_people() -> ResponseReturnValue:
    """The names behind a move between stages, an hour of the week, a quarter of an hour."""
    plot, value = read_word(Plot, request.args.get("plot")), request.args.get("value", "")
    with begin_work() as work:
        work.actor.require(Permission.VIEW_CHART)
        span = read_span(work)
        found = flows.behind_plot(work, plot, value=value, span=span)
        audit.record(
            work,
            action="census.people",
            subject=f"{TITLES[plot]}, {span.first} to {span.last}",
            detail={"plot": plot.value, "value": value, "names": len(found)},
        )
        behind = Behind.of(work, span)
    return page(
        "census/plot_people",
        title=TITLES[plot],
        span=span,
        people=found,
        columns=PEOPLE_COLUMNS,
        chart_of=chart_of,
        back=("Plots", behind.page("census.plots")),
    )
