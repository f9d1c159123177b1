"""Steps up and tapers: looked at as a whole before they are accepted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.core.decision import Decision
from clinic.core.permissions import Permission
from clinic.core.units import plain
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.dosing import queries, services
from clinic.dosing.facts import PlanKind, PlanStep
from clinic.dosing.forms import PlanForm
from clinic.dosing.rules.asks import unanswered
from clinic.dosing.rules.plans import plan_steps
from clinic.dosing.views.blueprint import dosing
from clinic.dosing.views.orders import beside
from clinic.dosing.views.plot import doses_of_plan
from clinic.programs import queries as programs
from clinic.stock.facts import Form
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import given
from clinic.web.pages import is_fragment, page, see_other
from clinic.web.permission import requires

TAPER_EVERY_DAYS = 7


@dosing.get("/patients/<uuid:patient_id>/dosing/plan")
@requires(Permission.ORDER_MEDICATION)
def new_plan(patient_id: UUID) -> ResponseReturnValue:
    """``?kind=taper`` begins with the running dose and steps down."""
    with begin_reading() as work:
        form = _blank(work, patient_id, tapers=request.args.get("kind") == PlanKind.TAPER)
        return page("dosing/new_plan", **_frame(work, patient_id, form, is_complete=False))


@dosing.post("/patients/<uuid:patient_id>/dosing/plan/preview")
@requires(Permission.ORDER_MEDICATION)
def preview_plan(patient_id: UUID) -> ResponseReturnValue:
    """Every step, the picture and the verdict; nothing is written."""
    form = PlanForm()
    is_complete = form.validate()
    with begin_reading() as work:
        shown = _frame(work, patient_id, form, is_complete=is_complete)
    return page("dosing/_plan_preview" if is_fragment() else "dosing/new_plan", **shown)


@dosing.post("/patients/<uuid:patient_id>/dosing/plan")
@requires(Permission.ORDER_MEDICATION)
def accept_plan(patient_id: UUID) -> ResponseReturnValue:
    form = PlanForm()
    is_complete = form.validate()
    with begin_work() as work:
        shown = _frame(work, patient_id, form, is_complete=is_complete)
        decision = shown["decision"]
        if not is_complete or not decision or unanswered(decision, confirmed=form.answered):
            return page("dosing/new_plan", **shown), 422
        _accept(work, patient_id, form)
    flash(f"Ordered as a plan: {len(shown['steps'])} steps.", "ok")
    return see_other(url_for("dosing.chart", patient_id=patient_id))


def _accept(work: Work, patient_id: UUID, form: PlanForm) -> None:
    def verb() -> dict[str, str]:
        plan_id = services.accept_plan(
            work, patient_id=patient_id, terms=form.terms, confirmed=form.answered
        )
        return {"plan_id": str(plan_id)}

    request_values = {"patient_id": str(patient_id)} | form.request_values()
    once(work, key=given(form.idempotency_key.data), request=request_values, verb=verb)


def _blank(work: Work, patient_id: UUID, *, tapers: bool) -> PlanForm:
    start: dict[str, Any] = {"starts_on": work.service_date}
    for order in queries.orders_of(work, patient_id=patient_id):
        if order.covers(work.service_date) and order.form is not Form.INJECTION:
            start |= {
                "medication": order.medication,
                "form": order.form,
                "portions": order.portions,
                "first_mg": order.dose_mg,
            }
    if tapers:
        start |= {"kind": PlanKind.TAPER, "last_mg": 0, "every_days": TAPER_EVERY_DAYS}
    return PlanForm(formdata=None, **start)


def _frame(work: Work, patient_id: UUID, form: PlanForm, *, is_complete: bool) -> dict[str, Any]:
    steps: tuple[PlanStep, ...] = ()
    decision = Decision()
    if is_complete:
        steps = plan_steps(form.terms)
        decision = queries.decide_plan(work, patient_id=patient_id, terms=form.terms)
    form.ask(decision)
    return {
        "banner": programs.chart_banner(work, patient_id=patient_id),
        "patient_id": patient_id,
        "tab": "dosing",
        "form": form,
        "decision": decision,
        "is_complete": is_complete,
        "steps": steps,
        "plot": doses_of_plan(steps),
        "step_rows": [_row(step) for step in steps],
    } | beside(work, patient_id)


def _row(step: PlanStep) -> tuple[str, str, str, str]:
    until = step.ends_on.isoformat() if step.ends_on else "open"
    return str(step.number), step.starts_on.isoformat(), until, f"{plain(step.dose_mg)} mg"
