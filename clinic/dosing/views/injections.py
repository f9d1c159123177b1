"""Injections: who is due, and one as it is given."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.decision import Decision, Effect
from clinic.core.errors import NotFound
from clinic.core.permissions import Permission
from clinic.core.units import plain
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.dosing import queries, services
from clinic.dosing.facts import ANSWERED_ELSEWHERE, InjectionDue, InjectionState
from clinic.dosing.forms import InjectionForm
from clinic.dosing.rules.doses import packs_of
from clinic.dosing.rules.injections import GATE_AGAIN
from clinic.dosing.views.blueprint import dosing, window_number
from clinic.programs import queries as programs
from clinic.web.days import read_day
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response


def _day(day: date | None) -> str:
    return f"{day:%a} {day.day} {day:%b}" if day else ""


def _from(one: InjectionDue) -> str:
    return _day(one.window.earliest_date) if one.window else "today"


def _due(one: InjectionDue) -> str:
    return _day(one.window.due_date) if one.window else ""


def _latest(one: InjectionDue) -> str:
    return _day(one.window.latest_date) if one.window else ""


def _look_at(one: InjectionDue) -> str:
    """Only what keeps whoever is due from being injected; the patient's page says the rest."""
    if one.state is InjectionState.WAITING:
        return ""
    told = (
        reason.message
        for reason in one.decision.reasons
        if reason.effect is not Effect.INFORM or reason.code == GATE_AGAIN
    )
    return next(told, "")


def _short(day: date | None) -> str:
    """A date that never breaks, without the weekday."""
    return f"{day.day}\N{NO-BREAK SPACE}{day:%b}" if day else "—"


def _between(one: InjectionDue) -> str:
    if one.window is None:
        return "from today"
    first, last = _short(one.window.earliest_date), one.window.latest_date
    return f"{first} to {_short(last)}" if last else f"{first} on"


def _whole(text: str) -> str:
    return text.replace(" ", "\N{NO-BREAK SPACE}")


INJECTION_COLUMNS: tuple[Column[InjectionDue], ...] = (
    Column("Patient", lambda one: f"{one.patient.last_name}, {one.patient.first_name}"),
    Column("Code", lambda one: one.patient.code),
    Column("Product", lambda one: one.product.label),
    Column("Dose", lambda one: f"{plain(one.dose_mg)} mg", align="end"),
    Column("State", lambda one: one.state.label),
    Column("Last given", lambda one: _day(one.last_given_on) or "never here"),
    Column("Earliest", _from),
    Column("Due", _due),
    Column("Latest", _latest),
    Column("Order", lambda one: one.order_number or "none", align="end"),
    Column("Look at", _look_at),
)
"""What the export holds."""

SHOWN_COLUMNS: tuple[Column[InjectionDue], ...] = (
    Column("Patient", lambda one: f"{one.patient.last_name}, {one.patient.first_name}"),
    Column("Code", lambda one: one.patient.code),
    Column("Injection", lambda one: one.product.label),
    Column("Dose", lambda one: _whole(f"{plain(one.dose_mg)} mg"), align="end"),
    Column("State", lambda one: _whole(one.state.label)),
    Column("Due", lambda one: _whole(_due(one)) or "—"),
    Column("May be given", _between),
    Column("Last given", lambda one: _short(one.last_given_on) if one.last_given_on else "never"),
    Column("Look at", _look_at),
)
"""What a person needs to see, in one line each."""


@dosing.get("/dosing/injections")
@requires(Permission.VIEW_DOSING)
def injections() -> ResponseReturnValue:
    """``?on=`` another day: who will be due then."""
    with begin_reading() as work:
        day = read_day(request.args.get("on"), otherwise=work.service_date)
        found = queries.injections_due(work, day=day)
    if request.args.get("format") == "csv":
        return csv_response(f"injections-{day}", INJECTION_COLUMNS, found)
    return page(
        "dosing/injections", day=day, found=found, columns=_columns(found), link=_link, kind=_kind
    )


@dosing.get("/dosing/<uuid:patient_id>/injection")
@requires(Permission.VIEW_DOSING)
def injection(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        audit.record(work, action="chart.view", subject="injection", patient_id=patient_id)
        return page("dosing/injection", **_frame(work, patient_id))


@dosing.post("/dosing/<uuid:patient_id>/injection")
@requires(Permission.GIVE_DOSE)
def give_injection(patient_id: UUID) -> ResponseReturnValue:
    form = InjectionForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("dosing/injection", **_frame(work, patient_id, form)), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"patient_id": str(patient_id)} | form.request_values(),
            verb=lambda: {"dose_id": str(_give(work, patient_id, form))},
        )
    flash("Injection recorded.", "ok")
    return see_other(url_for("dosing.injections"))


def _give(work: Work, patient_id: UUID, form: InjectionForm) -> UUID:
    return services.give_injection(
        work, patient_id=patient_id, window=window_number(), **form.as_injection()
    )


def _columns(found: list[InjectionDue]) -> tuple[Column[InjectionDue], ...]:
    """Without the last column on a day when there is nothing to look at."""
    return SHOWN_COLUMNS if any(_look_at(one) for one in found) else SHOWN_COLUMNS[:-1]


def _link(one: InjectionDue) -> str:
    return url_for("dosing.injection", patient_id=one.patient.patient_id)


def _kind(one: InjectionDue) -> str | None:
    return {"overdue": "stop", "due": "attention", "first": "info"}.get(one.state.value)


def _frame(work: Work, patient_id: UUID, form: InjectionForm | None = None) -> dict[str, Any]:
    evidence = queries.start_evidence(work, patient_id=patient_id)
    due = queries.injection_due(work, patient_id=patient_id, evidence=evidence)
    if due is None:
        raise NotFound("long-acting medication")
    is_done = due.last_given_on == work.service_date
    if form is None:
        form = InjectionForm(formdata=None, order_number=due.order_number)
    here = queries.at_window(work, patient_id=patient_id, window=window_number())
    form.read_off(packs_of(here.facts))
    asked = (one for one in here.decision.reasons if one.code not in ANSWERED_ELSEWHERE)
    decision = due.decision if is_done else Decision.of(asked) + due.decision
    form.ask(decision)
    return {
        "banner": programs.chart_banner(work, patient_id=patient_id),
        "patient_id": patient_id,
        "due": due,
        "form": form,
        "given_before": queries.injections_of(work, patient_id=patient_id),
        "is_done": is_done,
        "decision": decision,
        "may_give": work.actor.may(Permission.GIVE_DOSE),
        "today": work.service_date,
    }
