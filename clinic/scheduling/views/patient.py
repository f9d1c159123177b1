"""One patient's schedule: what is ahead, what became of the rest, groups to join."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.permissions import Permission
from clinic.data.types import new_id
from clinic.data.work import Work
from clinic.programs import queries as programs
from clinic.scheduling import queries
from clinic.scheduling.facts import BookingStatus
from clinic.scheduling.queries import BoardItem
from clinic.scheduling.views.blueprint import scheduling
from clinic.scheduling.views.board import KINDS
from clinic.web.edge import begin_work, site
from clinic.web.forms import PageForm
from clinic.web.pages import page
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

AHEAD_DAYS = 365
BEHIND_DAYS = 365
GROUP_DAYS = 14

COLUMNS: tuple[Column[BoardItem], ...] = (
    Column("Date", lambda item: item.service_date.isoformat()),
    Column("Time", lambda item: f"{site().local(item.starts_at):%H:%M}"),
    Column("For", lambda item: item.title),
    Column("With", lambda item: ", ".join(item.resources)),
    Column("Where", lambda item: item.setting.label),
    Column("Status", lambda item: item.status.label),
    Column("Reason", lambda item: item.reason),
)


@scheduling.get("/patients/<uuid:patient_id>/schedule")
@requires(Permission.VIEW_SCHEDULE)
def patient(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        banner = programs.chart_banner(work, patient_id=patient_id)
        audit.record(work, action="chart.view", subject="schedule", patient_id=patient_id)
        items = queries.bookings_of(
            work,
            patient_id=patient_id,
            first=work.service_date - timedelta(days=BEHIND_DAYS),
            until=work.service_date + timedelta(days=AHEAD_DAYS),
        )
        if request.args.get("format") == "csv":
            return csv_response("schedule", COLUMNS, items)
        values = _schedule(work, patient_id, items)
        return page("scheduling/patient", banner=banner, **values)


def _schedule(work: Work, patient_id: UUID, items: list[BoardItem]) -> dict[str, Any]:
    ahead = [item for item in items if item.ends_at > work.now]
    groups = queries.group_openings(
        work, first=work.service_date, until=work.service_date + timedelta(days=GROUP_DAYS)
    )
    return {
        "patient_id": patient_id,
        "ahead": [item for item in ahead if item.status is BookingStatus.BOOKED],
        "behind": [
            item
            for item in reversed(items)
            if item.ends_at <= work.now or item.status is not BookingStatus.BOOKED
        ],
        "groups": groups if work.actor.may(Permission.BOOK) else [],
        "kinds": KINDS,
        "form": PageForm(formdata=None),
        "new_key": lambda: new_id().hex,
        "may_book": work.actor.may(Permission.BOOK),
        "may_mark": work.actor.may(Permission.CHECK_IN),
        "back": request.path,
    }
