"""Downtime: packs to take out before, paper doses to enter after, conflicts to settle."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import current_app, flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.permissions import Permission
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.dosing import queries
from clinic.dosing.forms.downtime import GIVEN, SPARE_LINES, SettleLineForm, SheetForm
from clinic.dosing.papers.downtime import day_serial
from clinic.dosing.queries import downtime
from clinic.dosing.services import downtime as services
from clinic.dosing.services import packs
from clinic.dosing.views.blueprint import dosing, window_number
from clinic.web.days import read_day
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.paper import pdf_response
from clinic.web.permission import requires


@dosing.get("/dosing/downtime")
@requires(Permission.GIVE_DOSE)
def downtime_packs() -> ResponseReturnValue:
    with begin_reading() as work:
        return page(
            "dosing/downtime_packs",
            packs=packs.kept_packs(work, _folder()),
            lines=downtime.entered(work),
            policy=downtime.policy_of(work),
        )


@dosing.post("/dosing/downtime")
@requires(Permission.GIVE_DOSE)
def write_pack() -> ResponseReturnValue:
    kept = packs.write_pack(begin_work, _folder())
    return see_other(url_for("dosing.take_pack", name=kept.name))


@dosing.get("/dosing/downtime/packs/<name>")
@requires(Permission.GIVE_DOSE)
def take_pack(name: str) -> ResponseReturnValue:
    with begin_work() as work:
        data = packs.read_pack(work, _folder(), name=name)
    return pdf_response(name.removesuffix(".pdf"), data)


@dosing.get("/dosing/downtime/back-entry")
@requires(Permission.GIVE_DOSE)
def back_entry() -> ResponseReturnValue:
    with begin_work() as work:
        day = read_day(request.args.get("day"), otherwise=work.service_date)
        audit.record(work, action="downtime.open_sheet", subject=f"{day}")
        return page("dosing/back_entry", **_sheet(work, day))


@dosing.post("/dosing/downtime/back-entry")
@requires(Permission.GIVE_DOSE)
def enter_sheet() -> ResponseReturnValue:
    form = SheetForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            day = form.day.data or work.service_date
            return page("dosing/back_entry", **_sheet(work, day, form)), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request=form.request_values(),
            verb=lambda: _enter(work, form),
        )
        conflicts = len(downtime.entered(work, open_only=True))
    flash(_said(len(form.doses), conflicts), "attention" if conflicts else "ok")
    return see_other(url_for("dosing.downtime_packs"))


@dosing.get("/dosing/downtime/lines/<uuid:line_id>")
@requires(Permission.GIVE_DOSE)
def paper_line(line_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        return page("dosing/paper_line", **_line(work, line_id))


@dosing.post("/dosing/downtime/lines/<uuid:line_id>")
@requires(Permission.GIVE_DOSE)
def settle_line(line_id: UUID) -> ResponseReturnValue:
    form = SettleLineForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("dosing/paper_line", **_line(work, line_id, form)), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"line_id": str(line_id)} | form.request_values(),
            verb=lambda: _settle(work, line_id, form),
        )
    flash("Settled.", "ok")
    return see_other(url_for("dosing.downtime_packs"))


def _folder() -> Path:
    folder: Path = current_app.config["INSTANCE"]
    return folder


def _sheet(work: Work, day: date, form: SheetForm | None = None) -> dict[str, Any]:
    rows = sorted(queries.queue(work, day=day).rows, key=lambda row: row.patient.last_name)
    expected = {row.patient.code: row for row in rows if row.order is not None and not row.doses}
    if form is None:
        form = SheetForm(
            formdata=None, day=day, window=window_number(), serial=day_serial(day, sheet=1)
        )
        for code in [*expected, *[""] * SPARE_LINES]:
            form.lines.append_entry({"code": code})
    return {"form": form, "expected": expected, "day": day, "today": work.service_date}


def _enter(work: Work, form: SheetForm) -> dict[str, Any]:
    made = services.enter_sheet(
        work,
        day=given(form.day.data),
        serial=given(form.serial.data),
        window=given(form.window.data),
        doses=form.doses,
    )
    return {"lines": len(made)}


def _said(lines: int, conflicts: int) -> str:
    if not conflicts:
        return f"{lines} lines entered, nothing left to settle."
    return f"{lines} lines entered. {conflicts} to settle: see the top of the list."


def _line(work: Work, line_id: UUID, form: SettleLineForm | None = None) -> dict[str, Any]:
    line = downtime.entered_line(work, line_id=line_id)
    audit.record(
        work, action="chart.view", subject="paper dose", patient_id=line.patient.patient_id
    )
    return {"line": line, "form": form or SettleLineForm(formdata=None)}


def _settle(work: Work, line_id: UUID, form: SettleLineForm) -> dict[str, Any]:
    services.settle(
        work,
        line_id=line_id,
        as_given=form.outcome.data == GIVEN,
        note=given(form.note.data),
    )
    return {"settled": str(line_id)}
