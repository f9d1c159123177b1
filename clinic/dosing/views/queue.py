"""The nurse's page: who comes today, who is here, who is done."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.core.permissions import Permission
from clinic.core.units import plain
from clinic.data.work import Work
from clinic.dosing import queries
from clinic.dosing.facts import MissedPatient, Queue, QueueRow
from clinic.dosing.forms import WindowForm
from clinic.dosing.views.blueprint import dosing, stand_at, window_number
from clinic.patients import queries as patients
from clinic.stock import queries as stock
from clinic.web.days import read_day
from clinic.web.edge import begin_reading
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response


def _dose(row: QueueRow) -> str:
    if row.order is None:
        return "no order"
    split = f" in {row.order.portions}" if row.order.portions > 1 else ""
    return f"{plain(row.order.dose_mg)} mg{split}"


def _since(row: QueueRow) -> str:
    if row.given is not None:
        return f"given {row.given.given_at:%H:%M} by {row.given.given_by}"
    return f"here since {row.checked_in_at:%H:%M}" if row.checked_in_at else ""


COLUMNS: tuple[Column[QueueRow], ...] = (
    Column("Patient", lambda row: f"{row.patient.last_name}, {row.patient.first_name}"),
    Column("Code", lambda row: row.patient.code),
    Column("Born", lambda row: row.patient.date_of_birth.isoformat()),
    Column("Where", lambda row: row.place.label),
    Column("Medication", lambda row: row.order.medication.label if row.order else ""),
    Column("Dose", _dose, align="end"),
    Column("Since", _since),
    Column("Look at", lambda row: " ".join(one.message for one in row.decision.reasons)),
)

MISSED_COLUMNS: tuple[Column[MissedPatient], ...] = (
    Column("Patient", lambda one: f"{one.patient.last_name}, {one.patient.first_name}"),
    Column("Code", lambda one: one.patient.code),
    Column("Missed days", lambda one: one.missed_days, align="end"),
    Column("Last dose", lambda one: one.last_covered.isoformat() if one.last_covered else "none"),
    Column("Medication", lambda one: one.order.medication.label),
    Column("Dose", lambda one: f"{plain(one.order.dose_mg)} mg", align="end"),
    Column("Where", lambda one: one.place.label),
)


@dosing.get("/dosing")
@requires(Permission.VIEW_DOSING)
def queue() -> ResponseReturnValue:
    """``?code=`` is a card held to the scanner, ``?go=next`` the key N, ``?on=`` another day."""
    with begin_reading() as work:
        if "code" in request.args:
            return see_other(_scanned(work, request.args["code"]))
        day = read_day(request.args.get("on"), otherwise=work.service_date)
        found = queries.queue(work, day=day)
        if request.args.get("go") == "next":
            return see_other(_next(found, after=request.args.get("after")))
        if request.args.get("format") == "csv":
            return csv_response(f"dosing-queue-{day}", COLUMNS, found.rows)
        return page("dosing/queue", **_frame(work, found))


@dosing.post("/dosing/at")
@requires(Permission.GIVE_DOSE)
def choose_window() -> ResponseReturnValue:
    form = WindowForm()
    if form.validate():
        stand_at(form.window.data or 1)
    else:
        flash("A window has a number from 1 to 20.", "attention")
    return see_other(url_for("dosing.queue"))


@dosing.get("/dosing/missed")
@requires(Permission.VIEW_DOSING)
def missed() -> ResponseReturnValue:
    with begin_reading() as work:
        day = read_day(request.args.get("on"), otherwise=work.service_date)
        found = queries.missed_list(work, day=day)
    if request.args.get("format") == "csv":
        return csv_response(f"missed-doses-{day}", MISSED_COLUMNS, found)
    return page(
        "dosing/missed", day=day, missed=found, columns=MISSED_COLUMNS, chart_link=_chart_link
    )


def _chart_link(one: MissedPatient) -> str:
    return url_for("dosing.chart", patient_id=one.patient.patient_id)


def _frame(work: Work, found: Queue) -> dict[str, Any]:
    return {
        "queue": found,
        "today": work.service_date,
        "window": window_number(),
        "form": WindowForm(formdata=None, window=window_number()),
        "bottles": stock.liquids_at(work, window_number()),
        "may_give": work.actor.may(Permission.GIVE_DOSE),
        "now": work.now,
    }


def _scanned(work: Work, code: str) -> str:
    """The window of whoever the card names; the queue again when it names nobody or several."""
    matches = patients.find(work, text=code, limit=2) if code.strip() else []
    if len(matches) == 1:
        return url_for("dosing.window", patient_id=matches[0].patient_id)
    flash(
        "Nobody has that card or code." if not matches else "More than one patient: scan the card.",
        "attention",
    )
    return url_for("dosing.queue")


def _next(found: Queue, *, after: str | None) -> str:
    waiting = [row for row in found.in_line if str(row.patient.patient_id) != after]
    if waiting:
        return url_for("dosing.window", patient_id=waiting[0].patient.patient_id)
    flash("Nobody else is in line.", "info")
    return url_for("dosing.queue")
