"""The chart's dosing page and the prescriber's orders."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.decision import Decision
from clinic.core.permissions import Permission
from clinic.core.service_dates import ONE_DAY
from clinic.core.units import plain
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.dosing import queries, services
from clinic.dosing.facts import (
    TYPED_AGAIN,
    DosingChart,
    HoldRecord,
    InjectionDue,
    StartEvidence,
)
from clinic.dosing.facts.guests import GuestStay
from clinic.dosing.forms import HoldForm, OrderForm, StopForm
from clinic.dosing.queries.guests import guest_here
from clinic.dosing.rules.asks import unanswered
from clinic.dosing.views.blueprint import dosing
from clinic.dosing.views.columns import DOSE_COLUMNS
from clinic.dosing.views.plot import doses_over_time
from clinic.programs import queries as programs
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import given
from clinic.web.pages import is_fragment, page, see_other
from clinic.web.permission import requires
from clinic.web.tables import csv_response

SHOWN_DOSES = 60
"""Rows under the picture; the export has all of them."""


@dosing.get("/patients/<uuid:patient_id>/dosing")
@requires(Permission.VIEW_DOSING)
def chart(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        audit.record(work, action="chart.view", subject="dosing", patient_id=patient_id)
        shown = queries.chart(work, patient_id=patient_id)
        if request.args.get("format") == "csv":
            return csv_response("doses", DOSE_COLUMNS, shown.doses)
        return page("dosing/chart", **_chart(work, patient_id, shown))


@dosing.get("/patients/<uuid:patient_id>/dosing/orders/new")
@requires(Permission.ORDER_MEDICATION)
def new_order(patient_id: UUID) -> ResponseReturnValue:
    """``?reported=`` begins with what another system listed."""
    with begin_reading() as work:
        form = _blank(work, patient_id)
        return page("dosing/new_order", **_order_page(work, patient_id, form, Decision()))


@dosing.post("/patients/<uuid:patient_id>/dosing/orders/preview")
@requires(Permission.ORDER_MEDICATION)
def preview_order(patient_id: UUID) -> ResponseReturnValue:
    """The verdict on what stands in the form; nothing is written. A fragment while typing."""
    form = OrderForm()
    is_complete = form.validate()
    with begin_reading() as work:
        decision = _decision(work, patient_id, form) if is_complete else Decision()
        shown = _order_page(work, patient_id, form, decision)
    shown |= {"is_incomplete": not is_complete}
    return page("dosing/_order_verdict" if is_fragment() else "dosing/new_order", **shown)


@dosing.post("/patients/<uuid:patient_id>/dosing/orders")
@requires(Permission.ORDER_MEDICATION)
def place_order(patient_id: UUID) -> ResponseReturnValue:
    """A first sending asks the rule and shows its questions; the second answers them."""
    form = OrderForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            shown = _order_page(work, patient_id, form, Decision())
            return page("dosing/new_order", **shown), 422
        decision = queries.decide_order(work, patient_id=patient_id, proposal=form.proposal)
        if not decision or unanswered(decision, confirmed=form.answered):
            return page("dosing/new_order", **_order_page(work, patient_id, form, decision)), 422
        _place(work, patient_id, form)
    flash(f"Ordered: {plain(given(form.dose_mg.data))} mg a day.", "ok")
    return see_other(url_for("dosing.chart", patient_id=patient_id))


@dosing.post("/patients/<uuid:patient_id>/dosing/orders/stop")
@requires(Permission.ORDER_MEDICATION)
def stop_order(patient_id: UUID) -> ResponseReturnValue:
    form = StopForm()
    if not form.validate():
        flash("Nothing was stopped: say why.", "attention")
        return see_other(url_for("dosing.chart", patient_id=patient_id))
    with begin_work() as work:
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"patient_id": str(patient_id)} | form.request_values(),
            verb=lambda: _stop(work, patient_id, form),
        )
    flash(f"Order {form.order_number.data} has ended: no further dose under it.", "ok")
    return see_other(url_for("dosing.chart", patient_id=patient_id))


def _decision(work: Work, patient_id: UUID, form: OrderForm) -> Decision:
    return queries.decide_order(work, patient_id=patient_id, proposal=form.proposal)


def _place(work: Work, patient_id: UUID, form: OrderForm) -> None:
    def verb() -> dict[str, str]:
        order_id = services.place_order(work, patient_id=patient_id, **form.as_order())
        return {"order_id": str(order_id)}

    request_values = {"patient_id": str(patient_id)} | form.request_values()
    once(work, key=given(form.idempotency_key.data), request=request_values, verb=verb)


def _stop(work: Work, patient_id: UUID, form: StopForm) -> dict[str, Any]:
    number = given(form.order_number.data)
    services.stop_order(
        work, patient_id=patient_id, order_number=number, reason=form.reason.data or ""
    )
    return {"order_number": number}


def _chart(work: Work, patient_id: UUID, shown: DosingChart) -> dict[str, Any]:
    return {
        "banner": programs.chart_banner(work, patient_id=patient_id),
        "patient_id": patient_id,
        "tab": "dosing",
        "chart": shown,
        "today": work.service_date,
        "plot": doses_over_time(shown, until=work.service_date),
        "stop_form": lambda order: StopForm(formdata=None, order_number=order.number),
        "chart_rows": [
            (d.service_date.isoformat(), f"{plain(d.dose_mg)} mg", d.medication.label, d.given_by)
            for d in reversed(shown.doses)
        ][:SHOWN_DOSES],
        "holds": [_hold_event(work, hold) for hold in shown.holds],
        "may_order": work.actor.may(Permission.ORDER_MEDICATION),
        "may_give": work.actor.may(Permission.GIVE_DOSE),
        "may_hold": _may_hold(work),
        "may_record": work.actor.may(Permission.RECORD_RESULT),
        "hold_form": HoldForm(formdata=None),
        "plans": queries.plans_of(work, patient_id=patient_id),
        "ends": queries.ends_of(work, patient_id=patient_id),
        "products": queries.products_of(work, patient_id=patient_id),
        "injections": queries.injections_of(work, patient_id=patient_id),
        "injection": _injection(work, patient_id),
        "ecgs": queries.ecgs_of(work, patient_id=patient_id),
    }


def _may_hold(work: Work) -> bool:
    may = work.actor.may
    return may(Permission.GIVE_DOSE) or may(Permission.ORDER_MEDICATION)


def _injection(work: Work, patient_id: UUID) -> InjectionDue | None:
    """The countdown to the next injection; the findings are looked up where one is given."""
    return queries.injection_due(work, patient_id=patient_id, evidence=StartEvidence())


def _hold_event(work: Work, hold: HoldRecord) -> dict[str, Any]:
    ended = "Open"
    if hold.cleared_at:
        ended = f"Ended {work.site.local(hold.cleared_at):%d %b %H:%M} by an order"
    return {
        "at": f"{work.site.local(hold.held_at):%d %b %Y %H:%M}",
        "title": hold.reason.label,
        "text": f"{ended}. {hold.note}".strip(),
        "actor": hold.held_by,
        "kind": "neutral" if hold.cleared_at else "stop",
    }


def _blank(work: Work, patient_id: UUID) -> OrderForm:
    """A form that begins with the report it answers, the guest's packet or the running order."""
    start: dict[str, Any] = {"starts_on": work.service_date}
    reported = request.args.get("reported")
    for one in queries.reported_of(work, patient_id=patient_id):
        if str(one.id) == reported:
            start |= {"medication": one.medication, "reported_id": reported}
            return OrderForm(formdata=None, **start, dose_mg=one.dose_mg)
    running = [
        order
        for order in queries.orders_of(work, patient_id=patient_id)
        if order.covers(work.service_date)
    ]
    guest = guest_here(work, patient_id=patient_id, day=work.service_date)
    if guest is not None and not running:
        return OrderForm(formdata=None, **_of_packet(guest, today=work.service_date))
    if running:
        now = running[0]
        start |= {"medication": now.medication, "form": now.form, "portions": now.portions}
    return OrderForm(formdata=None, **start)


def _of_packet(guest: GuestStay, *, today: date) -> dict[str, Any]:
    """What the home program confirmed, for the days of the stay."""
    told = guest.proposal
    return {
        "medication": guest.medication,
        "form": guest.form,
        "dose_mg": guest.dose_mg,
        "starts_on": max(today, told.starts_on),
        "ends_on": told.ends_on - ONE_DAY,
        "rationale": f"Guest of {told.other.name}: {plain(guest.dose_mg)} mg there,"
        f" confirmed with {told.verified_with}.",
    }


def _order_page(
    work: Work, patient_id: UUID, form: OrderForm, decision: Decision
) -> dict[str, Any]:
    form.ask(decision)
    orders = queries.orders_of(work, patient_id=patient_id)
    return {
        "banner": programs.chart_banner(work, patient_id=patient_id),
        "patient_id": patient_id,
        "tab": "dosing",
        "form": form,
        "decision": decision,
        "is_typed_again": any(reason.code in TYPED_AGAIN for reason in decision.reasons),
        "running": next((one for one in orders if one.covers(work.service_date)), None),
    } | beside(work, patient_id)


def beside(work: Work, patient_id: UUID) -> dict[str, Any]:
    """What the prescriber reads beside the form: tables after misses, findings, the heart."""
    missed, last_covered, advice = queries.missed_advice(work, patient_id=patient_id)
    return {
        "missed": missed,
        "last_covered": last_covered,
        "advice": advice,
        "evidence": queries.start_evidence(work, patient_id=patient_id),
        "ecg": next(iter(queries.ecgs_of(work, patient_id=patient_id)), None),
        "plans": queries.plans_of(work, patient_id=patient_id),
        "today": work.service_date,
    }
