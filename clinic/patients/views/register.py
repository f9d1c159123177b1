"""Find a patient, register one, correct what is known of them."""

from __future__ import annotations

from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.permissions import Permission
from clinic.patients import queries, services
from clinic.patients.facts import Match, chart_path
from clinic.patients.forms import (
    AlertForm,
    AllergyForm,
    CorrectionForm,
    IdentifierForm,
    PhotoForm,
    RegistrationForm,
)
from clinic.patients.views.blueprint import patients
from clinic.web.edge import actor, begin_reading, begin_work
from clinic.web.filters import day
from clinic.web.forms import PageForm, given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

LIST_LENGTH_MAX = 100
SUGGESTIONS_MAX = 8

COLUMNS: tuple[Column[Match], ...] = (
    Column("Name", lambda one: one.name.listed),
    Column("Date of birth", lambda one: day(one.date_of_birth)),
    Column("Code", lambda one: one.code),
    Column("Sex", lambda one: one.sex.label),
    Column("Telephone", lambda one: one.telephone),
    Column("Note", lambda one: one.note or ""),
)


@patients.get("/patients")
@requires(Permission.FIND_PATIENT)
def find() -> ResponseReturnValue:
    text = request.args.get("q", "")
    exported = request.args.get("format") == "csv"
    with begin_work() as work:
        found = queries.find_or_latest(work, text=text, limit=LIST_LENGTH_MAX)
        audit.record(
            work,
            action="patients.export" if exported else "patients.find",
            subject=f"{len(found)} patients",
        )
    if exported:
        return csv_response("patients", COLUMNS, found)
    return page(
        "patients/find",
        text=text,
        found=found,
        columns=COLUMNS,
        chart_link=lambda one: one.href,
        is_cut=len(found) == LIST_LENGTH_MAX,
        may_register=actor().may(Permission.REGISTER_PATIENT),
    )


@patients.get("/patients/suggest")
@requires(Permission.FIND_PATIENT)
def suggest() -> ResponseReturnValue:
    with begin_reading() as work:
        matches = queries.find(work, text=request.args.get("q", ""), limit=SUGGESTIONS_MAX)
    return page("patients/suggest", matches=matches)


@patients.get("/patients/new")
@requires(Permission.REGISTER_PATIENT)
def new() -> ResponseReturnValue:
    return page("patients/new", form=RegistrationForm(formdata=None), twins=[])


@patients.post("/patients/new")
@requires(Permission.REGISTER_PATIENT)
def create() -> ResponseReturnValue:
    form = RegistrationForm()
    if not form.validate():
        return page("patients/new", form=form, twins=[]), 422
    with begin_work() as work:
        twins = queries.twins(work, newcomer=form.identity())
        if twins and not form.despite_duplicates.data:
            return page("patients/new", form=form, twins=twins), 422
        patient_id = services.register(
            work,
            **form.particulars(),
            identifiers=form.identifiers(),
            despite_duplicates=bool(form.despite_duplicates.data),
        )
    flash("Registered. Take a photo, ask about allergies, then refer.", "ok")
    return see_other(chart_path(patient_id))


@patients.get("/patients/<uuid:patient_id>/edit")
@requires(Permission.EDIT_PATIENT)
def edit(patient_id: UUID) -> ResponseReturnValue:
    return _edit_page(patient_id, None)


@patients.post("/patients/<uuid:patient_id>/edit")
@requires(Permission.EDIT_PATIENT)
def correct(patient_id: UUID) -> ResponseReturnValue:
    form = CorrectionForm()
    if not form.validate():
        return _edit_page(patient_id, form), 422
    with begin_work() as work:
        services.correct(
            work, patient_id=patient_id, version=given(form.version.data), **form.particulars()
        )
    flash("Particulars saved.", "ok")
    return see_other(url_for("patients.edit", patient_id=patient_id))


def _edit_page(patient_id: UUID, form: CorrectionForm | None) -> str:
    with begin_work() as work:
        patient = queries.get(work, patient_id=patient_id)
        banner = queries.banner(work, patient_id=patient_id)
        allergies = queries.allergies(work, patient_id=patient_id)
        alerts = queries.alerts(work, patient_id=patient_id)
        audit.record(work, action="chart.view", subject="particulars", patient_id=patient_id)
    return page(
        "patients/edit",
        patient_id=patient_id,
        patient=patient,
        banner=banner,
        allergies=allergies,
        alerts=alerts,
        form=form or CorrectionForm.of(patient),
        allergy_form=AllergyForm(formdata=None, prefix="allergy-"),
        alert_form=AlertForm(formdata=None, prefix="alert-"),
        identifier_form=IdentifierForm(formdata=None, prefix="identifier-"),
        photo_form=PhotoForm(formdata=None, prefix="photo-"),
        plain=PageForm(formdata=None),
    )
