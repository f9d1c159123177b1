"""Who pays for a patient's care, and since when."""

from __future__ import annotations

from uuid import UUID

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.permissions import Permission
from clinic.patients import queries, services
from clinic.patients.facts import CoverageFacts, PayerKind
from clinic.patients.forms import CoverageEndForm, CoverageForm
from clinic.patients.views.blueprint import patients
from clinic.web.edge import actor, begin_work
from clinic.web.filters import day
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column

COLUMNS: tuple[Column[CoverageFacts], ...] = (
    Column("Payer", lambda one: one.payer.label),
    Column("Plan", lambda one: one.plan or "—"),
    Column("Member number", lambda one: one.member_number or "—"),
    Column("From", lambda one: day(one.starts_on)),
    Column("Until", lambda one: day(one.ends_on) if one.ends_on else "now"),
    Column("Recorded by", lambda one: one.recorded_by_name),
    Column("State", lambda one: "Taken back" if one.voided_at else "Valid"),
)


@patients.get("/patients/<uuid:patient_id>/coverage")
@requires(Permission.VIEW_CHART)
def coverage(patient_id: UUID) -> ResponseReturnValue:
    return _coverage_page(patient_id, CoverageForm(formdata=None), CoverageEndForm(formdata=None))


@patients.post("/patients/<uuid:patient_id>/coverage")
@requires(Permission.EDIT_PATIENT)
def record_coverage(patient_id: UUID) -> ResponseReturnValue:
    form = CoverageForm()
    if not form.validate():
        return _coverage_page(patient_id, form, CoverageEndForm(formdata=None)), 422
    with begin_work() as work:
        services.record_coverage(
            work,
            patient_id=patient_id,
            payer=PayerKind(form.payer.data),
            starts_on=given(form.starts_on.data),
            plan=form.plan.data or "",
            member_number=form.member_number.data or "",
        )
    flash("Coverage recorded.", "ok")
    return _back(patient_id)


@patients.post("/patients/<uuid:patient_id>/coverage/<uuid:coverage_id>/end")
@requires(Permission.EDIT_PATIENT)
def end_coverage(patient_id: UUID, coverage_id: UUID) -> ResponseReturnValue:
    form = CoverageEndForm()
    if not form.validate():
        return _coverage_page(patient_id, CoverageForm(formdata=None), form), 422
    with begin_work() as work:
        services.end_coverage(
            work,
            patient_id=patient_id,
            coverage_id=coverage_id,
            ends_on=given(form.ends_on.data),
        )
    flash("Coverage ended.", "ok")
    return _back(patient_id)


@patients.post("/patients/<uuid:patient_id>/coverage/<uuid:coverage_id>/void")
@requires(Permission.EDIT_PATIENT)
def void_coverage(patient_id: UUID, coverage_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        services.void_coverage(work, patient_id=patient_id, coverage_id=coverage_id)
    flash("Taken back. The record of it stays.", "ok")
    return _back(patient_id)


def _back(patient_id: UUID) -> ResponseReturnValue:
    return see_other(url_for("patients.coverage", patient_id=patient_id))


def _coverage_page(patient_id: UUID, form: CoverageForm, end_form: CoverageEndForm) -> str:
    with begin_work() as work:
        banner = queries.banner(work, patient_id=patient_id)
        found = queries.coverages(work, patient_id=patient_id)
        audit.record(work, action="chart.view", subject="coverage", patient_id=patient_id)
        form.starts_on.data = form.starts_on.data or work.service_date
        end_form.ends_on.data = end_form.ends_on.data or work.service_date
    return page(
        "patients/coverage",
        patient_id=patient_id,
        banner=banner,
        coverages=found,
        running=next((one for one in found if not one.voided_at and not one.ends_on), None),
        columns=COLUMNS,
        form=form,
        end_form=end_form,
        may_edit=actor().may(Permission.EDIT_PATIENT),
    )
