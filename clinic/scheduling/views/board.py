"""The day board: who comes today for what, who has come, who waits, who did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app, flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.permissions import Permission
from clinic.core.service_dates import ONE_DAY
from clinic.data.idempotency import once
from clinic.data.types import new_id
from clinic.data.work import Work
from clinic.scheduling import queries, services
from clinic.scheduling.facts import CANCELLED, BookingPolicy, BookingStatus
from clinic.scheduling.forms import CheckInForm, MarkForm
from clinic.scheduling.queries import BoardItem, BoardRow
from clinic.scheduling.views.blueprint import DUE_SOURCES, scheduling
from clinic.sites.queries import policy
from clinic.web.days import read_day
from clinic.web.edge import begin_work, site
from clinic.web.forms import PageForm, given
from clinic.web.pages import local_path, page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

KINDS: dict[BookingStatus, str] = {
    BookingStatus.BOOKED: "neutral",
    BookingStatus.CHECKED_IN: "info",
    BookingStatus.ATTENDED: "ok",
    BookingStatus.NO_SHOW: "stop",
    BookingStatus.LATE_CANCEL: "attention",
    BookingStatus.TIMELY_CANCEL: "neutral",
    BookingStatus.CLINIC_CANCEL: "neutral",
}
SHOWS = ("all", "to come", "waiting", "done")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the exported board: a patient and one thing they come for."""

    row: BoardRow
    item: BoardItem


def _wall(value: datetime | None) -> str:
    return f"{site().local(value):%H:%M}" if value else ""


COLUMNS: tuple[Column[Line], ...] = (
    Column("Time", lambda line: _wall(line.item.starts_at)),
    Column("Patient", lambda line: f"{line.row.last_name}, {line.row.first_name}"),
    Column("Code", lambda line: line.row.code),
    Column("Born", lambda line: line.row.date_of_birth.isoformat()),
    Column("For", lambda line: line.item.title),
    Column("With", lambda line: ", ".join(line.item.resources)),
    Column("Status", lambda line: line.item.status.label),
    Column("Arrived", lambda line: _wall(line.item.arrived_at)),
    Column("Reason", lambda line: line.item.reason),
)


@scheduling.get("/schedule")
@scheduling.get("/schedule/day/<day>")
@requires(Permission.VIEW_SCHEDULE)
def day_board(day: str | None = None) -> ResponseReturnValue:
    with begin_work() as work:
        on = read_day(day, otherwise=work.service_date)
        sources = current_app.extensions.get(DUE_SOURCES, ())
        rows = queries.day_board(work, day=on, sources=sources)
        audit.record(work, action="board.view", subject=f"day {on}", detail={"rows": len(rows)})
        if request.args.get("format") == "csv":
            lines = [Line(row, item) for row in rows for item in row.items]
            return csv_response(f"day-board-{on}", COLUMNS, lines)
        return page("scheduling/day_board", **_board(work, on, rows))


@scheduling.post("/schedule/patients/<uuid:patient_id>/check-in")
@requires(Permission.CHECK_IN)
def check_in_patient(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        number = services.check_in_patient(work, patient_id=patient_id)
    flash(f"Checked in to {number} visits." if number > 1 else "Checked in.", "ok")
    return see_other(_back())


@scheduling.post("/schedule/bookings/<uuid:booking_id>/check-in")
@requires(Permission.CHECK_IN)
def check_in(booking_id: UUID) -> ResponseReturnValue:
    form = CheckInForm()
    if form.validate():
        with begin_work() as work:
            once(
                work,
                key=given(form.idempotency_key.data),
                request={"booking_id": str(booking_id)} | form.request_values(),
                verb=lambda: _check_in(work, booking_id, form),
            )
        flash(_undoable("Checked in.", booking_id, given(form.version.data)), "ok")
    return see_other(_back())


@scheduling.post("/schedule/bookings/<uuid:booking_id>/mark")
@requires(Permission.CHECK_IN)
def mark(booking_id: UUID) -> ResponseReturnValue:
    form = MarkForm()
    if not form.validate():
        flash("Nothing was saved: a cancellation needs a reason.", "attention")
        return see_other(_back())
    with begin_work() as work:
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request={"booking_id": str(booking_id)} | form.request_values(),
            verb=lambda: {"status": _mark(work, booking_id, form)},
        )
    became = BookingStatus(answer.values["status"])
    flash(_undoable(f"{became.label}.", booking_id, given(form.version.data)), "ok")
    return see_other(_back())


@scheduling.post("/schedule/bookings/<uuid:booking_id>/undo/<int:version>")
@requires(Permission.CHECK_IN)
def undo(booking_id: UUID, version: int) -> ResponseReturnValue:
    with begin_work() as work:
        services.undo(work, booking_id=booking_id, version=version)
    flash("Undone: the visit stands booked again.", "ok")
    return see_other(_back())


def _check_in(work: Work, booking_id: UUID, form: CheckInForm) -> dict[str, Any]:
    services.check_in(work, booking_id=booking_id, version=given(form.version.data))
    return {}


def _mark(work: Work, booking_id: UUID, form: MarkForm) -> str:
    return services.mark(
        work,
        booking_id=booking_id,
        status=BookingStatus(form.status.data),
        reason=form.reason.data or "",
        version=given(form.version.data),
    ).value


def _undoable(text: str, booking_id: UUID, version: int) -> Any:
    undo_url = url_for("scheduling.undo", booking_id=booking_id, version=version + 1, back=_back())
    return {"text": text, "undo": undo_url}


def _back() -> str:
    """The page the act was done on."""
    return local_path(request.args.get("back"), otherwise=url_for("scheduling.day_board"))


def _board(work: Work, on: date, rows: Sequence[BoardRow]) -> dict[str, Any]:
    text, show = request.args.get("q", ""), request.args.get("show", "all")
    terms = policy(work, BookingPolicy(), of="scheduling", on=work.service_date)
    found = [row for row in rows if _matches(row, text)]
    shown = [row for row in found if show in {"all", "", standing_of(row)}]
    first = next((row.patient_id for row in shown if row.may_check_in), None)
    return {
        "day": on,
        "today": work.service_date,
        "previous": on - ONE_DAY,
        "next": on + ONE_DAY,
        "rows": shown,
        "counts": {each: sum(standing_of(row) == each for row in rows) for each in SHOWS[1:]},
        "missed": sum(item.status is BookingStatus.NO_SHOW for row in rows for item in row.items),
        "settled": {row.patient_id for row in rows if standing_of(row) == "done"},
        "total": len(rows),
        "text": text,
        "show": show,
        "first": first,
        "found_one": bool(text) and len(shown) == 1,
        "kinds": KINDS,
        "form": PageForm(formdata=None),
        "new_key": lambda: new_id().hex,
        "waiting": lambda row: _waiting(row, now=work.now, terms=terms),
        "can_undo": lambda item: _can_undo(item, now=work.now, terms=terms),
        "is_over": lambda item: item.status in CANCELLED,
        "now": work.now,
        "may_check_in": work.actor.may(Permission.CHECK_IN) and on == work.service_date,
        "may_mark": work.actor.may(Permission.CHECK_IN) and on <= work.service_date,
        "may_book": work.actor.may(Permission.BOOK),
        "back": request.full_path.rstrip("?"),
    }


def standing_of(row: BoardRow) -> str:
    """Where a patient's day stands: to come, waiting, or done."""
    if row.waiting_since:
        return "waiting"
    is_due = row.may_check_in or any(not item.done for item in row.due)
    return "to come" if is_due else "done"


def _waiting(row: BoardRow, *, now: datetime, terms: BookingPolicy) -> tuple[int, str] | None:
    if row.waiting_since is None:
        return None
    minutes = int((now - row.waiting_since).total_seconds()) // 60
    if minutes >= terms.waiting_red_minutes:
        return minutes, "stop"
    return minutes, "attention" if minutes >= terms.waiting_amber_minutes else "ok"


def _can_undo(item: BoardItem, *, now: datetime, terms: BookingPolicy) -> bool:
    return (
        item.status is not BookingStatus.BOOKED
        and item.changed_at is not None
        and now - item.changed_at <= timedelta(minutes=terms.undo_minutes)
    )


def _matches(row: BoardRow, text: str) -> bool:
    said = f"{row.first_name} {row.last_name} {row.preferred_name} {row.code}"
    known = f"{said} {row.date_of_birth:%Y-%m-%d %m/%d/%Y}".casefold()
    return all(word in known for word in text.casefold().split())
