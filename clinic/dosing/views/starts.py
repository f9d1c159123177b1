"""Findings before a first dose, and ECGs: written from the chart."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from clinic.core.permissions import Permission
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.dosing import queries, services
from clinic.dosing.forms import EcgForm, FindingsForm
from clinic.dosing.views.blueprint import dosing
from clinic.programs import queries as programs
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires


@dosing.get("/patients/<uuid:patient_id>/dosing/findings")
@requires(Permission.RECORD_RESULT)
def findings(patient_id: UUID) -> ResponseReturnValue:
    with begin_reading() as work:
        shown = _frame(work, patient_id, FindingsForm(formdata=None), EcgForm(formdata=None))
        return page("dosing/findings", **shown)


@dosing.post("/patients/<uuid:patient_id>/dosing/findings")
@requires(Permission.RECORD_RESULT)
def record_findings(patient_id: UUID) -> ResponseReturnValue:
    form = FindingsForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            shown = _frame(work, patient_id, form, EcgForm(formdata=None))
            return page("dosing/findings", **shown), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"patient_id": str(patient_id)} | form.request_values(),
            verb=lambda: {"id": str(_write_findings(work, patient_id, form))},
        )
    flash("Findings recorded.", "ok")
    return see_other(url_for("dosing.findings", patient_id=patient_id))


@dosing.post("/patients/<uuid:patient_id>/dosing/ecg")
@requires(Permission.RECORD_RESULT)
def record_ecg(patient_id: UUID) -> ResponseReturnValue:
    form = EcgForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            shown = _frame(work, patient_id, FindingsForm(formdata=None), form)
            return page("dosing/findings", **shown), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"patient_id": str(patient_id)} | form.request_values(),
            verb=lambda: {"id": str(_write_ecg(work, patient_id, form))},
        )
    flash(f"ECG on file: QTc {form.qtc_ms.data} ms.", "ok")
    return see_other(url_for("dosing.findings", patient_id=patient_id))


def _write_findings(work: Work, patient_id: UUID, form: FindingsForm) -> UUID:
    findings = form.as_findings(work.site)
    return services.record_start_findings(work, patient_id=patient_id, **findings)


def _write_ecg(work: Work, patient_id: UUID, form: EcgForm) -> UUID:
    return services.record_ecg(work, patient_id=patient_id, **form.as_ecg())


def _frame(work: Work, patient_id: UUID, form: FindingsForm, ecg_form: EcgForm) -> dict[str, Any]:
    return {
        "banner": programs.chart_banner(work, patient_id=patient_id),
        "patient_id": patient_id,
        "tab": "dosing",
        "form": form,
        "ecg_form": ecg_form,
        "evidence": queries.start_evidence(work, patient_id=patient_id),
        "ecgs": queries.ecgs_of(work, patient_id=patient_id),
        "today": work.service_date,
        "may_order": work.actor.may(Permission.ORDER_MEDICATION),
    }
