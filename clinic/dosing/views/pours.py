"""The pump at the window: pour, ask again, measure, waste. Asked outside of any transaction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.errors import Refused
from clinic.core.permissions import Permission
from clinic.core.units import microlitres
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.dosing.facts import DoseFacts
from clinic.dosing.facts.pours import Pour
from clinic.dosing.forms.pours import MeasuredForm, PourForm, WastePourForm
from clinic.dosing.queries import pours as queries
from clinic.dosing.services import pours as services
from clinic.dosing.views.blueprint import dosing, window_number
from clinic.hardware import queries as hardware
from clinic.hardware.drivers import pump_at
from clinic.hardware.facts import PumpRefused, PumpSilent
from clinic.programs import queries as programs
from clinic.staff.views.second_person import signed_by
from clinic.stock.facts import Form
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires

NOT_KNOWN = "The pump knows nothing of this pour. Measure what is in the cup."


@dosing.post("/dosing/<uuid:patient_id>/pour")
@requires(Permission.GIVE_DOSE)
def pour(patient_id: UUID) -> ResponseReturnValue:
    form = PourForm()
    if not form.validate():
        raise Refused("Open the patient's page again, then pour.")
    asked = _ask(patient_id, form)
    if asked is not None:
        _pour(UUID(asked["pour_id"]), asked["address"], volume_ul=asked["volume_ul"])
    return see_other(url_for("dosing.window", patient_id=patient_id))


@dosing.get("/dosing/pours")
@requires(Permission.GIVE_DOSE)
def pours() -> ResponseReturnValue:
    with begin_reading() as work:
        return page("dosing/pours", pours=queries.unsettled(work))


@dosing.get("/dosing/pours/<uuid:pour_id>")
@requires(Permission.GIVE_DOSE)
def one_pour(pour_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        return page("dosing/one_pour", **_shown(work, pour_id))


@dosing.post("/dosing/pours/<uuid:pour_id>/ask")
@requires(Permission.GIVE_DOSE)
def ask_again(pour_id: UUID) -> ResponseReturnValue:
    _ask_again(_known(pour_id))
    return see_other(url_for("dosing.one_pour", pour_id=pour_id))


@dosing.post("/dosing/pours/<uuid:pour_id>/measured")
@requires(Permission.GIVE_DOSE)
def measured(pour_id: UUID) -> ResponseReturnValue:
    form = MeasuredForm()
    witness_id = signed_by(form) if form.validate() else None
    with begin_work() as work:
        if witness_id is None:
            return page("dosing/one_pour", **_shown(work, pour_id, measured_form=form)), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"pour_id": str(pour_id)} | form.request_values(),
            verb=lambda: _measured(work, pour_id, form, witness_id),
        )
    flash("Settled by what was measured.", "ok")
    return see_other(url_for("dosing.one_pour", pour_id=pour_id))


@dosing.post("/dosing/pours/<uuid:pour_id>/waste")
@requires(Permission.GIVE_DOSE)
def waste_pour(pour_id: UUID) -> ResponseReturnValue:
    form = WastePourForm()
    witness_id = signed_by(form) if form.validate() else None
    with begin_work() as work:
        if witness_id is None:
            return page("dosing/one_pour", **_shown(work, pour_id, waste_form=form)), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"pour_id": str(pour_id)} | form.request_values(),
            verb=lambda: _waste(work, pour_id, form, witness_id),
        )
    flash("Wasted before a witness.", "ok")
    return see_other(url_for("dosing.one_pour", pour_id=pour_id))


def pour_shown(work: Work, *, patient_id: UUID, facts: DoseFacts) -> dict[str, Any]:
    """What the window's page shows of the pump: its form, or the pour that is not settled."""
    order = facts.order
    if order is None or order.form is not Form.ORAL_CONCENTRATE:
        return {"pump": None, "poured": None, "pour_form": None}
    return {
        "pump": hardware.pump_at_window(work, window=window_number()),
        "poured": queries.standing(work, patient_id=patient_id),
        "pour_form": PourForm(formdata=None, order_number=order.number, portion=facts.portion),
    }


def _ask(patient_id: UUID, form: PourForm) -> dict[str, Any] | None:
    """What to ask the pump, kept; None when this very form asked before: then nothing is poured."""
    with begin_work() as work:
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request={"patient_id": str(patient_id)} | form.request_values(),
            verb=lambda: _asked(work, patient_id, form),
        )
    return None if answer.replayed else dict(answer.values)


def _asked(work: Work, patient_id: UUID, form: PourForm) -> dict[str, Any]:
    asked = services.ask_pour(
        work,
        patient_id=patient_id,
        window=window_number(),
        order_number=given(form.order_number.data),
        portion=given(form.portion.data),
    )
    return {
        "pour_id": str(asked.id),
        "address": asked.address,
        "volume_ul": asked.volume_ul,
    }


def _pour(pour_id: UUID, address: str, *, volume_ul: int) -> None:
    """Ask the pump, then write down what became of it."""
    try:
        with pump_at(address) as pump:
            actual_ul = pump.dispense(volume_ul, pour_id)
    except PumpRefused as refusal:
        _write_down(pour_id, failed=str(refusal))
    except PumpSilent as silence:
        _write_down(pour_id, unknown=str(silence))
    else:
        _write_down(pour_id, actual_ul=actual_ul)


def _ask_again(pour: Pour) -> None:
    """Ask what the pump remembers. Not reaching it now says nothing about then."""
    try:
        with pump_at(pour.address) as pump:
            actual_ul = pump.result_of(pour.id)
    except (PumpRefused, PumpSilent) as silence:
        _write_down(pour.id, unknown=str(silence))
    else:
        if actual_ul is None:
            _write_down(pour.id, unknown=NOT_KNOWN)
        else:
            _write_down(pour.id, actual_ul=actual_ul)


def _write_down(
    pour_id: UUID, *, actual_ul: int | None = None, failed: str = "", unknown: str = ""
) -> None:
    with begin_work() as work:
        if actual_ul is not None:
            services.record_poured(work, pour_id=pour_id, actual_ul=actual_ul)
        elif failed:
            services.record_failed(work, pour_id=pour_id, reason=failed)
        else:
            services.record_unknown(work, pour_id=pour_id, reason=unknown)
    if failed:
        flash(f"Nothing was poured: {failed}. Pour by hand, or see to the pump.", "attention")


def _known(pour_id: UUID) -> Pour:
    with begin_reading() as work:
        return queries.pour(work, pour_id=pour_id)


def _shown(work: Work, pour_id: UUID, **forms: Any) -> dict[str, Any]:
    shown = queries.pour(work, pour_id=pour_id)
    audit.record(work, action="chart.view", subject="pour", patient_id=shown.patient_id)
    return {
        "pour": shown,
        "banner": programs.chart_banner(work, patient_id=shown.patient_id),
        "measured_form": forms.get("measured_form") or MeasuredForm(formdata=None),
        "waste_form": forms.get("waste_form") or WastePourForm(formdata=None),
    }


def _measured(work: Work, pour_id: UUID, form: MeasuredForm, witness_id: UUID) -> dict[str, Any]:
    services.settle_measured(
        work,
        pour_id=pour_id,
        measured_ul=microlitres(given(form.measured_ml.data)),
        reason=given(form.reason.data),
        witness_id=witness_id,
    )
    return {"settled": str(pour_id)}


def _waste(work: Work, pour_id: UUID, form: WastePourForm, witness_id: UUID) -> dict[str, Any]:
    services.waste_pour(
        work, pour_id=pour_id, reason=given(form.reason.data), witness_id=witness_id
    )
    return {"wasted": str(pour_id)}
