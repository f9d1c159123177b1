"""Emergency closure: looked at first, signed by two, carried out once, printed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.core.permissions import Permission
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.dosing.forms.take_homes import EmergencyForm, days_between
from clinic.dosing.queries import take_homes as queries
from clinic.dosing.services import emergency as services
from clinic.dosing.views.blueprint import dosing
from clinic.dosing.views.take_homes import BOTTLE_COLUMNS
from clinic.staff.views.second_person import signed_by
from clinic.web.days import read_day
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import csv_response


@dosing.get("/dosing/emergency")
@requires(Permission.DECLARE_EMERGENCY)
def emergency() -> ResponseReturnValue:
    """``?first=`` and ``?last=`` show what closing those days would do; nothing is written."""
    with begin_reading() as work:
        tomorrow = work.service_date + timedelta(days=1)
        first = read_day(request.args.get("first"), otherwise=tomorrow)
        last = read_day(request.args.get("last"), otherwise=first)
        form = EmergencyForm(formdata=None, first_on=first, last_on=last)
        return page("dosing/emergency", **_emergency(work, first, last, form))


@dosing.post("/dosing/emergency")
@requires(Permission.DECLARE_EMERGENCY)
def declare_emergency() -> ResponseReturnValue:
    form = EmergencyForm()
    witness_id = signed_by(form) if form.validate() else None
    with begin_work() as work:
        if witness_id is None:
            first = form.first_on.data or work.service_date
            last = form.last_on.data or first
            return page("dosing/emergency", **_emergency(work, first, last, form)), 422
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request=form.request_values(),
            verb=lambda: _declare(work, form, witness_id),
        ).values
    flash(
        f"Closed. {answer['bottles']} bottles for {answer['patients']} patients;"
        f" {answer['left_out']} patients are not covered.",
        "attention" if answer["left_out"] else "ok",
    )
    return see_other(url_for("dosing.emergency_list", emergency_id=answer["emergency_id"]))


def _declare(work: Work, form: EmergencyForm, witness_id: UUID) -> dict[str, Any]:
    return services.declare(
        work,
        days=form.days,
        reason=form.reason.data or "",
        witness_id=witness_id,
    ).to_json()


@dosing.get("/dosing/emergency/<uuid:emergency_id>")
@requires(Permission.VIEW_DOSING)
def emergency_list(emergency_id: UUID) -> ResponseReturnValue:
    """Who gets which bottles, and who gets none and why, for paper."""
    with begin_reading() as work:
        record, bottles = queries.emergency(work, emergency_id=emergency_id)
    if request.args.get("format") == "csv":
        return csv_response("emergency-bottles", BOTTLE_COLUMNS, bottles)
    return page("dosing/emergency_list", record=record, bottles=bottles, columns=BOTTLE_COLUMNS)


def _emergency(work: Work, first: date, last: date, form: EmergencyForm) -> dict[str, Any]:
    days = days_between(first, last)
    refused = services.objections(work, days=days)
    return {
        "first": first,
        "last": last,
        "plan": None if refused else services.preview(work, days=days),
        "refused": refused,
        "form": form,
        "past": queries.emergencies(work),
    }
