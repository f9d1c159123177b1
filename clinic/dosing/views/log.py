"""The dispensing log, doses taken back from it, and the bottles."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.core.errors import NotFound
from clinic.core.permissions import Permission
from clinic.core.units import plain
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.dosing import queries, services
from clinic.dosing.facts import LogLine, VoidReason
from clinic.dosing.forms import VoidForm
from clinic.dosing.views.blueprint import dosing
from clinic.dosing.views.columns import LOG_COLUMNS
from clinic.sites import queries as sites
from clinic.staff.views.second_person import signed_by
from clinic.web.days import read_day
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import csv_response


@dosing.get("/dosing/log/<day>")
@requires(Permission.VIEW_DOSING)
def log(day: str) -> ResponseReturnValue:
    with begin_reading() as work:
        on = read_day(day, otherwise=work.service_date)
        lines = queries.log(work, day=on)
        if request.args.get("format") == "csv":
            return csv_response(f"dispensing-log-{on}", LOG_COLUMNS, lines)
        return page("dosing/log", **_log(work, on, lines))


@dosing.get("/dosing/log/<service_date>/<uuid:dose_id>/void")
@requires(Permission.GIVE_DOSE)
def void(service_date: str, dose_id: UUID) -> ResponseReturnValue:
    with begin_reading() as work:
        line = _line(work, service_date, dose_id)
    return page("dosing/void", line=line, form=VoidForm(formdata=None))


@dosing.post("/dosing/log/<service_date>/<uuid:dose_id>/void")
@requires(Permission.GIVE_DOSE)
def void_dose(service_date: str, dose_id: UUID) -> ResponseReturnValue:
    form = VoidForm()
    is_complete = form.validate()
    witness_id = signed_by(form) if is_complete else None
    with begin_work() as work:
        line = _line(work, service_date, dose_id)
        if witness_id is None:
            return page("dosing/void", line=line, form=form), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"dose_id": str(dose_id)} | form.request_values(),
            verb=lambda: _void(work, line, form, witness_id),
        )
    flash("Voided. The poured volume is recorded as waste.", "ok")
    return see_other(url_for("dosing.log", day=service_date))


def _log(work: Work, on: date, lines: list[LogLine]) -> dict[str, Any]:
    may_give = work.actor.may(Permission.GIVE_DOSE)
    return {
        "day": on,
        "today": work.service_date,
        "previous": on - timedelta(days=1),
        "following": on + timedelta(days=1),
        "lines": lines,
        "columns": LOG_COLUMNS,
        "site": sites.site(work),
        "consumed_mg": plain(sum((line.consumed_mg for line in lines), start=Decimal(0))),
        "may_give": may_give,
        "void_link": _void_link if may_give else None,
        "row_kind": lambda line: "attention" if line.void_reason else None,
    }


def _void_link(line: LogLine) -> str | None:
    if line.void_reason is not None:
        return None
    day = line.service_date.isoformat()
    return url_for("dosing.void", service_date=day, dose_id=line.dose_id)


def _line(work: Work, service_date: str, dose_id: UUID) -> LogLine:
    day = read_day(service_date, otherwise=work.service_date)
    line = queries.dose(work, dose_id=dose_id, service_date=day)
    if line is None:
        raise NotFound("dose")
    return line


def _void(work: Work, line: LogLine, form: VoidForm, witness_id: UUID) -> dict[str, Any]:
    void_id = services.void_dose(
        work,
        dose_id=line.dose_id,
        service_date=line.service_date,
        reason=VoidReason(form.reason.data),
        note=form.note.data or "",
        witness_id=witness_id,
    )
    return {"void_id": str(void_id)}
