"""The nurse's page: who comes today, who is here, who is done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.core.permissions import Permission
from clinic.core.service_dates import ONE_DAY
from clinic.core.units import plain
from clinic.data.work import Work
from clinic.dosing import queries
from clinic.dosing.facts import MissedPatient, Place, Queue, QueueRow
from clinic.dosing.facts.line import LinePriority
from clinic.dosing.forms import ClinicCausedForm, WindowForm
from clinic.dosing.queries import line
from clinic.dosing.queries.pace import headline
from clinic.dosing.rules.cards import read_card
from clinic.dosing.rules.pace import wait_kind, waited
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


def _first(row: QueueRow) -> str:
    if row.priority is LinePriority.NONE:
        return ""
    return f"{row.priority.label}: {row.priority_reason}"


def _since(row: QueueRow) -> str:
    if row.claim is not None and row.place is Place.AT_WINDOW:
        return f"at window {row.claim.window} since {row.claim.since:%H:%M}"
    if row.given is not None:
        return f"given {row.given.given_at:%H:%M} by {row.given.given_by}"
    return f"here since {row.checked_in_at:%H:%M}" if row.checked_in_at else ""


PAGE_ROWS = 30
DONE_SHOWN = 8
SHOWN = {
    "ahead": (Place.AT_WINDOW, Place.IN_LINE, Place.EXPECTED, Place.HELD),
    "line": (Place.AT_WINDOW, Place.IN_LINE),
    "held": (Place.HELD,),
    "done": (Place.DOSED, Place.COVERED),
}
"""Which places each part of the queue shows. No page draws the whole day of a big clinic."""

COLUMNS: tuple[Column[QueueRow], ...] = (
    Column("Patient", lambda row: f"{row.patient.last_name}, {row.patient.first_name}"),
    Column("Code", lambda row: row.patient.code),
    Column("Born", lambda row: row.patient.date_of_birth.isoformat()),
    Column("Where", lambda row: row.place.label),
    Column("Goes first", _first),
    Column("Medication", lambda row: row.order.medication.label if row.order else ""),
    Column("Dose", _dose, align="end"),
    Column("Since", _since),
    Column("Look at", lambda row: " ".join(one.message for one in row.decision.reasons)),
)


def _why_held(one: MissedPatient) -> str:
    if one.has_run_out and one.order.ends_on:
        return f"order ran out after {one.order.ends_on - ONE_DAY:%a %d %b}"
    return "on hold" if one.is_on_hold else "by the rule" if one.is_shut else ""


MISSED_COLUMNS: tuple[Column[MissedPatient], ...] = (
    Column("Patient", lambda one: f"{one.patient.last_name}, {one.patient.first_name}"),
    Column("Code", lambda one: one.patient.code),
    Column("Missed days", lambda one: one.missed_days, align="end"),
    Column(
        "Last covered", lambda one: f"{one.last_covered:%a %d %b}" if one.last_covered else "none"
    ),
    Column("Held", _why_held),
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
    return page("dosing/missed", **_missed_frame(work, day, found))


def _missed_frame(work: Work, day: date, found: list[MissedPatient]) -> dict[str, Any]:
    return {
        "day": day,
        "missed": found,
        "columns": MISSED_COLUMNS,
        "chart_link": _chart_link,
        "form": ClinicCausedForm(formdata=None, missed_on=day - ONE_DAY),
        "may_give": work.actor.may(Permission.GIVE_DOSE),
    }


def _chart_link(one: MissedPatient) -> str:
    return url_for("dosing.chart", patient_id=one.patient.patient_id)


def _frame(work: Work, found: Queue) -> dict[str, Any]:
    done = [row for row in found.rows if row.place in SHOWN["done"]]
    return {
        "queue": found,
        "headline": headline(work, found),
        "counts": {
            name: sum(found.count(place) for place in places) for name, places in SHOWN.items()
        },
        **_part(found),
        "done": done[:DONE_SHOWN],
        "today": work.service_date,
        "window": window_number(),
        "form": WindowForm(formdata=None, window=window_number()),
        "bottles": stock.liquids_at(work, window_number()),
        "unclosed": stock.unclosed_days(work),
        "clock_behind": queries.clock_behind(work),
        "may_give": work.actor.may(Permission.GIVE_DOSE),
        "may_check_in": work.actor.may(Permission.CHECK_IN) and found.day == work.service_date,
        "wait": _wait_of(work),
    }


def _part(found: Queue) -> dict[str, Any]:
    """The page of the part of the queue that is asked for."""
    show = request.args.get("show", "ahead")
    show = show if show in SHOWN else "ahead"
    rows = [row for row in found.rows if row.place in SHOWN[show]]
    pages = max(1, -(-len(rows) // PAGE_ROWS))
    number = min(pages, max(1, request.args.get("page", 1, type=int)))
    day = found.day.isoformat()
    return {
        "show": show,
        "rows": rows[(number - 1) * PAGE_ROWS : number * PAGE_ROWS],
        "page_number": number,
        "pages": pages,
        "page_link": lambda wanted: url_for("dosing.queue", on=day, show=show, page=wanted),
    }


def _wait_of(work: Work) -> Callable[[QueueRow], tuple[int, str] | None]:
    """Minutes somebody in line has waited, and whether that is long."""
    policy = line.window_policy(work)
    now = work.site.local(work.now)

    def wait(row: QueueRow) -> tuple[int, str] | None:
        if row.checked_in_at is None or row.place is not Place.IN_LINE:
            return None
        minutes = waited(row.checked_in_at, now=now)
        return minutes, wait_kind(minutes, policy=policy)

    return wait


def _scanned(work: Work, code: str) -> str:
    """The window of whoever the card names; the queue again when it names nobody or several."""
    card = read_card(code)
    if card is not None:
        return _scanned_card(work, card)
    bearer = line.patient_of_bottle(work, code=code)
    if bearer is not None:
        return url_for("dosing.window", patient_id=bearer)
    matches = patients.find(work, text=code, limit=2) if code.strip() else []
    if len(matches) == 1:
        return url_for("dosing.window", patient_id=matches[0].patient_id)
    flash(
        "Nobody has that card or code." if not matches else "More than one patient: scan the card.",
        "attention",
    )
    return url_for("dosing.queue")


def _scanned_card(work: Work, code: str) -> str:
    found = line.card_by_code(work, code=code)
    if found is not None and found.revoked_at is None:
        return url_for("dosing.window", patient_id=found.patient_id)
    flash(
        "Nobody has that card or code."
        if found is None
        else f"This card was revoked on {found.revoked_at:%d %b %Y}: ask who holds it.",
        "attention",
    )
    return url_for("dosing.queue")


def _next(found: Queue, *, after: str | None) -> str:
    waiting = [row for row in found.in_line if str(row.patient.patient_id) != after]
    if waiting:
        return url_for("dosing.window", patient_id=waiting[0].patient.patient_id)
    flash("Nobody else is in line.", "info")
    return url_for("dosing.queue")
