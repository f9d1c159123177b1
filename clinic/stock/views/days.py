"""The day's reconciliation and its closing; incidents and what becomes of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.core.permissions import Permission
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.staff.views.second_person import signed_by
from clinic.stock import queries, rules, services
from clinic.stock.facts import Finding, IncidentKind, IncidentStepKind
from clinic.stock.forms import CloseDayForm, LossForm, ReportForm, SignOffForm
from clinic.stock.views.blueprint import others_open, stock
from clinic.stock.views.columns import DAY_COLUMNS, INCIDENT_COLUMNS
from clinic.web.days import read_day
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import OnceForm, given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import csv_response


@stock.get("/stock/day/<day>")
@requires(Permission.VIEW_STOCK)
def day(day: str) -> ResponseReturnValue:
    with begin_reading() as work:
        on = read_day(day, otherwise=work.service_date)
        shown = _day(work, on, CloseDayForm(formdata=None))
    if request.args.get("format") == "csv":
        return csv_response(f"reconciliation-{on}", DAY_COLUMNS, shown["found"].products)
    return page("stock/day", **shown)


@stock.post("/stock/day/<day>")
@requires(Permission.MANAGE_STOCK)
def close_day(day: str) -> ResponseReturnValue:
    form = CloseDayForm()
    is_complete = form.validate()
    witness_id = signed_by(form) if is_complete else None
    with begin_work() as work:
        on = read_day(day, otherwise=work.service_date)
        if witness_id is None:
            return page("stock/day", **_day(work, on, form)), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"day": on.isoformat()} | form.request_values(),
            verb=lambda: _close(work, on, witness_id),
        )
    flash("The day is closed and sealed.", "ok")
    return see_other(url_for("stock.day", day=on.isoformat()))


@stock.get("/stock/incidents")
@requires(Permission.VIEW_STOCK)
def incidents() -> ResponseReturnValue:
    with begin_reading() as work:
        shown = _incidents(work, LossForm(formdata=None))
    if request.args.get("format") == "csv":
        return csv_response("incidents", INCIDENT_COLUMNS, shown["incidents"])
    return page("stock/incidents", **shown)


@stock.post("/stock/incidents")
@requires(Permission.MANAGE_STOCK)
def report_loss() -> ResponseReturnValue:
    form = LossForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("stock/incidents", **_incidents(work, form)), 422
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request=form.request_values(),
            verb=lambda: _report_loss(work, form),
        )
    flash("Reported. The dates the law sets are below.", "attention")
    return see_other(url_for("stock.incident", incident_id=answer.values["incident_id"]))


@stock.get("/stock/incidents/<uuid:incident_id>")
@requires(Permission.VIEW_STOCK)
def incident(incident_id: UUID) -> ResponseReturnValue:
    with begin_reading() as work:
        return page("stock/incident", **_incident(work, incident_id))


@stock.post("/stock/incidents/<uuid:incident_id>/sign-off")
@requires(Permission.SIGN_STOCK_INCIDENT)
def sign_off(incident_id: UUID) -> ResponseReturnValue:
    form = SignOffForm()
    return _step(incident_id, form, lambda work: _sign_off(work, incident_id, form))


@stock.post("/stock/incidents/<uuid:incident_id>/report")
@requires(Permission.MANAGE_STOCK)
def record_report(incident_id: UUID) -> ResponseReturnValue:
    form = ReportForm()
    return _step(incident_id, form, lambda work: _record_report(work, incident_id, form))


def _step(incident_id: UUID, form: OnceForm, verb: Any) -> ResponseReturnValue:
    """One step of an incident, once, and back to its page."""
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("stock/incident", **_incident(work, incident_id)), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"incident_id": str(incident_id)} | form.request_values(),
            verb=lambda: verb(work) or {},
        )
    flash("On record.", "ok")
    return see_other(url_for("stock.incident", incident_id=incident_id))


def _day(work: Work, on: date, form: CloseDayForm) -> dict[str, Any]:
    found = queries.stock_day(work, day=on, others=others_open(work, day=on))
    return {
        "found": found,
        "decision": rules.may_close(found),
        "columns": DAY_COLUMNS,
        "form": form,
        "day": on,
        "today": work.service_date,
        "previous": on - timedelta(days=1),
        "following": on + timedelta(days=1),
        "unclosed": [one for one in queries.unclosed_days(work) if one != on],
        "may_manage": work.actor.may(Permission.MANAGE_STOCK),
    }


def _close(work: Work, on: date, witness_id: UUID) -> dict[str, Any]:
    others = others_open(work, day=on)
    close_id = services.close_day(work, day=on, witness_id=witness_id, others=others)
    return {"close_id": str(close_id)}


def _incidents(work: Work, form: LossForm) -> dict[str, Any]:
    return {
        "incidents": queries.incidents(work),
        "columns": INCIDENT_COLUMNS,
        "form": form,
        "may_manage": work.actor.may(Permission.MANAGE_STOCK),
        "incident_link": lambda one: url_for("stock.incident", incident_id=one.id),
        "row_kind": lambda one: "attention" if one.is_open else None,
    }


def _incident(work: Work, incident_id: UUID) -> dict[str, Any]:
    one = queries.incident(work, incident_id=incident_id)
    left = [
        kind
        for kind in (IncidentStepKind.DEA_NOTIFIED, IncidentStepKind.FORM_106)
        if one.step(kind) is None
    ]
    return {
        "incident": one,
        "today": work.service_date,
        "left": left if one.must_report else [],
        "sign_off_form": SignOffForm(formdata=None),
        "report_form": ReportForm(formdata=None),
        "may_sign": not one.is_signed
        and one.found_by_id != work.actor.id
        and work.actor.may(Permission.SIGN_STOCK_INCIDENT),
        "may_report": bool(left) and one.must_report and work.actor.may(Permission.MANAGE_STOCK),
    }


def _report_loss(work: Work, form: LossForm) -> dict[str, Any]:
    incident_id = services.report_loss(
        work,
        spot=form.spot,
        code=given(form.product.data),
        amount=given(form.amount.data),
        kind=IncidentKind(form.kind.data),
        note=given(form.note.data),
    )
    return {"incident_id": str(incident_id)}


def _sign_off(work: Work, incident_id: UUID, form: SignOffForm) -> None:
    services.sign_off(
        work,
        incident_id=incident_id,
        finding=Finding(form.finding.data),
        note=given(form.note.data),
    )


def _record_report(work: Work, incident_id: UUID, form: ReportForm) -> None:
    services.record_report(
        work,
        incident_id=incident_id,
        kind=IncidentStepKind(form.kind.data),
        reference=given(form.reference.data),
    )
