"""Staff, rooms, devices and beds: the list, the form that adds one, and the week of each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.core.permissions import Permission
from clinic.data.idempotency import once
from clinic.data.types import new_id
from clinic.data.work import Work
from clinic.scheduling import queries, services
from clinic.scheduling.facts import ResourceKind, spoken_code
from clinic.scheduling.forms import InUseForm, ResourceForm
from clinic.scheduling.queries import ResourceRow
from clinic.scheduling.views.blueprint import scheduling
from clinic.web.days import read_day
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import PageForm, given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

ONE_WEEK = timedelta(days=7)
COLUMNS: tuple[Column[ResourceRow], ...] = (
    Column("Name", lambda row: row.name),
    Column("Kind", lambda row: row.kind.label),
    Column("Can do, or is", lambda row: ", ".join(map(spoken_code, row.skills))),
    Column("Booked this week", lambda row: hours(row.booked_minutes), align="end"),
    Column("In use", lambda row: "yes" if row.is_active else "no"),
)


def hours(minutes: int) -> str:
    """Minutes as people read a load: ``12 h 30``."""
    whole, rest = divmod(minutes, 60)
    return f"{whole} h {rest:02d}" if rest else f"{whole} h"


@scheduling.get("/resources")
@requires(Permission.VIEW_SCHEDULE)
def resources() -> ResponseReturnValue:
    with begin_reading() as work:
        rows = queries.resources(work)
        if request.args.get("format") == "csv":
            return csv_response("resources", COLUMNS, rows)
        form = ResourceForm(formdata=None)
        return page("scheduling/resources", **_list(work, rows, form))


@scheduling.post("/resources")
@requires(Permission.MANAGE_RESOURCES)
def add_resource() -> ResponseReturnValue:
    form = ResourceForm()
    with begin_work() as work:
        if not form.validate():
            rows = queries.resources(work)
            return page("scheduling/resources", **_list(work, rows, form)), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request=form.request_values(),
            verb=lambda: {"resource_id": str(_add(work, form))},
        )
    flash(f"{form.name.data} can be booked now.", "ok")
    return see_other(url_for("scheduling.resources"))


@scheduling.get("/resources/<uuid:resource_id>")
@requires(Permission.VIEW_SCHEDULE)
def resource(resource_id: UUID) -> ResponseReturnValue:
    with begin_reading() as work:
        day = read_day(request.args.get("week"), otherwise=work.service_date)
        week = queries.resource_week(work, resource_id=resource_id, monday=day)
        return page("scheduling/resource", **_week(work, week))


@scheduling.post("/resources/<uuid:resource_id>/use")
@requires(Permission.MANAGE_RESOURCES)
def set_in_use(resource_id: UUID) -> ResponseReturnValue:
    form = InUseForm()
    if form.validate():
        with begin_work() as work:
            services.set_resource_active(
                work,
                resource_id=resource_id,
                version=given(form.version.data),
                is_active=form.is_active.data == "yes",
            )
        flash("Saved. What is booked on it stays booked.", "ok")
    return see_other(url_for("scheduling.resource", resource_id=resource_id))


def _add(work: Work, form: ResourceForm) -> UUID:
    return services.add_resource(
        work,
        kind=ResourceKind(form.kind.data),
        name=given(form.name.data),
        skills=form.skill_codes,
    )


def _list(work: Work, rows: list[ResourceRow], form: ResourceForm) -> dict[str, Any]:
    return {
        "rows": rows,
        "columns": COLUMNS,
        "form": form,
        "may_manage": work.actor.may(Permission.MANAGE_RESOURCES),
        "link": lambda row: url_for("scheduling.resource", resource_id=row.id),
    }


def _week(work: Work, week: queries.ResourceWeek) -> dict[str, Any]:
    monday = week.days[0].on
    return {
        "week": week,
        "skills": ", ".join(map(spoken_code, week.resource.skills)),
        "monday": monday,
        "previous": monday - ONE_WEEK,
        "next": monday + ONE_WEEK,
        "today": work.service_date,
        "now": work.now,
        "booked": hours(week.booked_minutes),
        "form": PageForm(formdata=None),
        "new_key": lambda: new_id().hex,
        "may_manage": work.actor.may(Permission.MANAGE_RESOURCES),
        "may_book": work.actor.may(Permission.BOOK),
        "back": request.full_path.rstrip("?"),
    }
