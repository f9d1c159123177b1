"""What stands on the banner: allergies, alerts, identifiers and the photo."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, url_for
from flask.typing import ResponseReturnValue

from clinic.core.permissions import Permission
from clinic.patients import queries, services
from clinic.patients.facts import AlertSeverity
from clinic.patients.forms import AlertForm, AllergyForm, IdentifierForm, PhotoForm
from clinic.patients.views.blueprint import patients
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import PageForm, given
from clinic.web.pages import see_other
from clinic.web.permission import requires


@patients.get("/patients/<uuid:patient_id>/photo")
@requires(Permission.VIEW_CHART)
def photo(patient_id: UUID) -> ResponseReturnValue:
    with begin_reading() as work:
        shown = queries.photo(work, patient_id=patient_id)
    return Response(shown.content, mimetype=shown.media_type)


@patients.post("/patients/<uuid:patient_id>/photo")
@requires(Permission.EDIT_PATIENT)
def set_photo(patient_id: UUID) -> ResponseReturnValue:
    form = PhotoForm(prefix="photo-")
    if form.validate():
        with begin_work() as work:
            services.set_photo(work, patient_id=patient_id, content=form.photo.data.read())
        flash("Photo saved.", "ok")
        return _back(patient_id)
    return _declined(form, patient_id)


@patients.post("/patients/<uuid:patient_id>/identifiers")
@requires(Permission.EDIT_PATIENT)
def add_identifier(patient_id: UUID) -> ResponseReturnValue:
    form = IdentifierForm(prefix="identifier-")
    if form.validate():
        with begin_work() as work:
            services.add_identifier(
                work,
                patient_id=patient_id,
                system=given(form.system.data),
                value=given(form.value.data),
            )
        flash("Identifier saved.", "ok")
        return _back(patient_id)
    return _declined(form, patient_id)


@patients.post("/patients/<uuid:patient_id>/allergies")
@requires(Permission.EDIT_PATIENT)
def add_allergy(patient_id: UUID) -> ResponseReturnValue:
    form = AllergyForm(prefix="allergy-")
    if form.validate():
        with begin_work() as work:
            services.add_allergy(
                work,
                patient_id=patient_id,
                substance=given(form.substance.data),
                reaction=form.reaction.data or "",
            )
        flash("Allergy saved. It stands on the banner now.", "ok")
        return _back(patient_id)
    return _declined(form, patient_id)


@patients.post("/patients/<uuid:patient_id>/allergies/none")
@requires(Permission.EDIT_PATIENT)
def confirm_no_allergies(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        services.confirm_no_allergies(work, patient_id=patient_id)
    flash("No known allergies: noted.", "ok")
    return _back(patient_id)


@patients.post("/patients/<uuid:patient_id>/allergies/<uuid:allergy_id>/end")
@requires(Permission.EDIT_PATIENT)
def end_allergy(patient_id: UUID, allergy_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        services.end_allergy(work, patient_id=patient_id, allergy_id=allergy_id)
    flash("The allergy is off the banner.", "ok")
    return _back(patient_id)


@patients.post("/patients/<uuid:patient_id>/alerts")
@requires(Permission.EDIT_PATIENT)
def raise_alert(patient_id: UUID) -> ResponseReturnValue:
    form = AlertForm(prefix="alert-")
    if form.validate():
        with begin_work() as work:
            services.raise_alert(
                work,
                patient_id=patient_id,
                severity=AlertSeverity(form.severity.data),
                text=given(form.text.data),
            )
        flash("Alert raised. Everybody at this site sees it.", "ok")
        return _back(patient_id)
    return _declined(form, patient_id)


@patients.post("/patients/<uuid:patient_id>/alerts/<uuid:alert_id>/end")
@requires(Permission.EDIT_PATIENT)
def end_alert(patient_id: UUID, alert_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        services.end_alert(work, patient_id=patient_id, alert_id=alert_id)
    flash("The alert is off the banner.", "ok")
    return _back(patient_id)


def _back(patient_id: UUID) -> ResponseReturnValue:
    return see_other(url_for("patients.edit", patient_id=patient_id))


def _declined(form: PageForm, patient_id: UUID) -> ResponseReturnValue:
    for field in form:
        for error in field.errors:
            flash(f"Not saved. {field.label.text}: {error}", "attention")
    return _back(patient_id)
