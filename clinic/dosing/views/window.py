"""One patient at the window: who it is, may they, how much, what was before. Then the dose."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.permissions import Permission
from clinic.core.units import plain
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.dosing import queries, services
from clinic.dosing.facts import HoldReason
from clinic.dosing.forms import GiveDoseForm, HoldForm
from clinic.dosing.views.blueprint import dosing, window_number
from clinic.programs import queries as programs
from clinic.web.edge import begin_work
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires


@dosing.get("/dosing/<uuid:patient_id>")
@requires(Permission.VIEW_DOSING)
def window(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        audit.record(work, action="chart.view", subject="dosing window", patient_id=patient_id)
        return page("dosing/window", **_at_window(work, patient_id))


@dosing.post("/dosing/<uuid:patient_id>/dose")
@requires(Permission.GIVE_DOSE)
def give_dose(patient_id: UUID) -> ResponseReturnValue:
    form = GiveDoseForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("dosing/window", **_at_window(work, patient_id, form)), 422
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request={"patient_id": str(patient_id)} | form.request_values(),
            verb=lambda: _give(work, patient_id, form),
        )
    flash(_said(answer.values, replayed=answer.replayed), "ok")
    return see_other(url_for("dosing.queue"))


@dosing.post("/dosing/<uuid:patient_id>/hold")
@requires(Permission.VIEW_DOSING)
def hold(patient_id: UUID) -> ResponseReturnValue:
    """Nurses, pharmacists and prescribers hold; the service refuses everybody else."""
    form = HoldForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            shown = _at_window(work, patient_id, hold_form=form)
            return page("dosing/window", **shown), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"patient_id": str(patient_id)} | form.request_values(),
            verb=lambda: {"hold": str(_hold(work, patient_id, form))},
        )
    flash("On hold. A newer order by the prescriber ends it.", "ok")
    return see_other(url_for("dosing.window", patient_id=patient_id))


def _give(work: Work, patient_id: UUID, form: GiveDoseForm) -> dict[str, Any]:
    return services.give_dose(
        work,
        patient_id=patient_id,
        order_number=given(form.order_number.data),
        window=window_number(),
        portion=given(form.portion.data),
        confirmed=form.confirmed.data or (),
    ).to_json()


def _hold(work: Work, patient_id: UUID, form: HoldForm) -> UUID:
    return services.hold(
        work, patient_id=patient_id, reason=HoldReason(form.reason.data), note=form.note.data or ""
    )


def _said(answer: Any, *, replayed: bool) -> str:
    volume = f" ({answer['volume_ml']} mL)" if answer["volume_ml"] else ""
    what = f"{answer['dose_mg']} mg{volume} under order {answer['order_number']}"
    return f"Already recorded, once: {what}." if replayed else f"Given: {what}."


def _at_window(
    work: Work,
    patient_id: UUID,
    form: GiveDoseForm | None = None,
    hold_form: HoldForm | None = None,
) -> dict[str, Any]:
    here = queries.at_window(work, patient_id=patient_id, window=window_number())
    order = here.facts.order
    if form is None:
        form = GiveDoseForm(
            formdata=None,
            order_number=order.number if order else None,
            portion=here.facts.portion,
        )
    form.ask(here.decision)
    return {
        "banner": programs.chart_banner(work, patient_id=patient_id),
        "patient_id": patient_id,
        "here": here,
        "portion": f"{plain(order.portion_mg)} mg" if order else "",
        "form": form,
        "hold_form": hold_form or HoldForm(formdata=None),
        "last_days": queries.last_days(work, patient_id=patient_id, day=work.service_date),
        "window": window_number(),
        "may_give": work.actor.may(Permission.GIVE_DOSE),
        "may_hold": work.actor.may(Permission.GIVE_DOSE)
        or work.actor.may(Permission.ORDER_MEDICATION),
    }
