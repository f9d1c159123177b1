"""Callbacks: called by chance or by choice, counted, or not come."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.errors import NotFound
from clinic.core.permissions import Permission
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.dosing.forms.take_homes import CallbackForm, CountForm, DrawForm
from clinic.dosing.queries import take_homes as queries
from clinic.dosing.services import callbacks as services
from clinic.dosing.views.blueprint import dosing
from clinic.programs import queries as programs
from clinic.web.edge import begin_work
from clinic.web.forms import OnceForm, given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires


@dosing.post("/dosing/take-homes/callbacks")
@requires(Permission.GIVE_DOSE)
def draw_callbacks() -> ResponseReturnValue:
    form = DrawForm()
    if not form.validate():
        flash("Say how many patients: 1 to 50.", "attention")
        return see_other(url_for("dosing.take_homes"))
    with begin_work() as work:
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request=form.request_values(),
            verb=lambda: _draw(work, form),
        )
    flash(f"Called back by chance: {answer.values['count']}. Tell them today.", "ok")
    return see_other(url_for("dosing.take_homes"))


def _draw(work: Work, form: DrawForm) -> dict[str, Any]:
    wanted = given(form.patients_wanted.data)
    return {"count": len(services.draw_callbacks(work, patients_wanted=wanted))}


@dosing.post("/patients/<uuid:patient_id>/dosing/take-homes/callback")
@requires(Permission.GIVE_DOSE)
def call_back(patient_id: UUID) -> ResponseReturnValue:
    form = CallbackForm()
    if not form.validate():
        flash("Nobody was called back: say how the patient was told.", "attention")
        return see_other(url_for("dosing.patient_take_homes", patient_id=patient_id))
    with begin_work() as work:
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"patient_id": str(patient_id)} | form.request_values(),
            verb=lambda: {"callback": str(_call(work, patient_id, form))},
        )
    flash("Called back.", "ok")
    return see_other(url_for("dosing.patient_take_homes", patient_id=patient_id))


def _call(work: Work, patient_id: UUID, form: CallbackForm) -> UUID:
    return services.call_back(
        work,
        patient_id=patient_id,
        told_how=form.told_how.data or "",
        reason=form.reason.data or "",
    )


@dosing.get("/dosing/take-homes/callbacks/<uuid:callback_id>")
@requires(Permission.GIVE_DOSE)
def callback(callback_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        return page("dosing/callback", **_callback(work, callback_id))


@dosing.post("/dosing/take-homes/callbacks/<uuid:callback_id>")
@requires(Permission.GIVE_DOSE)
def count_callback(callback_id: UUID) -> ResponseReturnValue:
    form = CountForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("dosing/callback", **_callback(work, callback_id) | {"form": form}), 422
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request={"callback_id": str(callback_id)} | form.request_values(),
            verb=lambda: {"outcome": _count(work, callback_id, form)},
        )
    passed = answer.values["outcome"] == "passed"
    flash(
        "Everything is there." if passed else "It does not add up: the prescriber reviews.",
        "ok" if passed else "attention",
    )
    return see_other(url_for("dosing.take_homes"))


def _count(work: Work, callback_id: UUID, form: CountForm) -> str:
    return services.count_callback(
        work,
        callback_id=callback_id,
        found=form.found,
        dose_taken_today=bool(form.dose_taken_today.data),
        note=form.note.data or "",
    ).value


@dosing.post("/dosing/take-homes/callbacks/<uuid:callback_id>/absent")
@requires(Permission.GIVE_DOSE)
def note_absence(callback_id: UUID) -> ResponseReturnValue:
    form = OnceForm()
    if form.validate():
        with begin_work() as work:
            services.note_absence(work, callback_id=callback_id)
        flash("Noted: did not come. The prescriber reviews.", "attention")
    return see_other(url_for("dosing.take_homes"))


def _callback(work: Work, callback_id: UUID) -> dict[str, Any]:
    for one in queries.callbacks(work):
        if one.id == callback_id:
            break
    else:
        raise NotFound("callback")
    patient_id = one.patient.patient_id
    audit.record(work, action="chart.view", subject="callback", patient_id=patient_id)
    return {
        "banner": programs.chart_banner(work, patient_id=patient_id),
        "patient_id": patient_id,
        "callback": one,
        "today": work.service_date,
        "expected": queries.count_expected(work, patient_id=patient_id),
        "expected_taken": queries.count_expected(
            work, patient_id=patient_id, dose_taken_today=True
        ),
        "form": CountForm(formdata=None),
        "absent_form": OnceForm(formdata=None),
    }
