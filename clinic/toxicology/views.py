"""A patient's tests: the grid of what was read, and the form that records the next."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.permissions import Permission
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.programs import queries as programs
from clinic.toxicology import queries, services
from clinic.toxicology.facts import PANEL, Analyte, CollectionOutcome, DrugTest, Reading
from clinic.toxicology.forms import ConfirmationForm, ResultForm, SendForm, row_of
from clinic.web.edge import begin_work
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

toxicology = Blueprint("toxicology", __name__)

SHOWN = 24
"""Tests in the grid; the export has all of them."""


def _reading_column(analyte: Analyte) -> Column[DrugTest]:
    return Column(
        analyte.label,
        lambda test: test.readings[analyte].label if analyte in test.readings else "",
    )


COLUMNS: tuple[Column[DrugTest], ...] = (
    Column("Date", lambda test: test.service_date.isoformat()),
    Column("Outcome", lambda test: test.outcome.label),
    Column("Random", lambda test: "yes" if test.was_random else "no"),
    Column("Observed", lambda test: "yes" if test.was_observed else "no"),
    *(_reading_column(analyte) for analyte in Analyte),
    Column("Note", lambda test: test.note),
    Column("Recorded by", lambda test: test.recorded_by_name),
)


@toxicology.get("/patients/<uuid:patient_id>/tests")
@requires(Permission.VIEW_RESULTS)
def history(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        banner = programs.chart_banner(work, patient_id=patient_id)
        audit.record(work, action="chart.view", subject="drug tests", patient_id=patient_id)
        if request.args.get("format") == "csv":
            tests = queries.history(work, patient_id=patient_id)
            return csv_response("drug-tests", COLUMNS, tests)
        return page("toxicology/history", banner=banner, **_chart(work, patient_id, _blank()))


@toxicology.post("/patients/<uuid:patient_id>/tests")
@requires(Permission.RECORD_RESULT)
def record(patient_id: UUID) -> ResponseReturnValue:
    form = ResultForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            banner = programs.chart_banner(work, patient_id=patient_id)
            chart = _chart(work, patient_id, form)
            return page("toxicology/history", banner=banner, **chart), 422
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request={"patient_id": patient_id} | form.request_values(),
            verb=lambda: _record(work, patient_id, form),
        )
    flash(" ".join(["Result recorded.", *answer.values["told"]]), "ok")
    return see_other(url_for("toxicology.history", patient_id=patient_id))


@toxicology.post("/patients/<uuid:patient_id>/tests/<uuid:specimen_id>/laboratory")
@requires(Permission.RECORD_RESULT)
def send(patient_id: UUID, specimen_id: UUID) -> ResponseReturnValue:
    form = SendForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return _confirmation_page(work, patient_id, specimen_id, _unread(), form), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"specimen_id": specimen_id} | form.request_values(),
            verb=lambda: _send(work, patient_id, specimen_id, form),
        )
    flash(f"Sent to {form.laboratory.data}.", "ok")
    return see_other(url_for("toxicology.history", patient_id=patient_id))


@toxicology.get("/patients/<uuid:patient_id>/tests/<uuid:specimen_id>/confirmation")
@requires(Permission.VIEW_RESULTS)
def confirmation(patient_id: UUID, specimen_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        sending = SendForm(formdata=None)
        return _confirmation_page(work, patient_id, specimen_id, _unread(), sending)


@toxicology.post("/patients/<uuid:patient_id>/tests/<uuid:specimen_id>/confirmation")
@requires(Permission.RECORD_RESULT)
def confirm(patient_id: UUID, specimen_id: UUID) -> ResponseReturnValue:
    form = ConfirmationForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            sending = SendForm(formdata=None)
            return _confirmation_page(work, patient_id, specimen_id, form, sending), 422
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request={"specimen_id": specimen_id} | form.request_values(),
            verb=lambda: _confirm(work, patient_id, specimen_id, form),
        )
    flash(" ".join(["Laboratory result recorded.", *answer.values["told"]]), "ok")
    return see_other(url_for("toxicology.history", patient_id=patient_id))


def _record(work: Work, patient_id: UUID, form: ResultForm) -> dict[str, Any]:
    recorded = services.record_result(
        work,
        patient_id=patient_id,
        outcome=CollectionOutcome(form.outcome.data),
        readings=form.readings_made(),
        was_random=form.was_random.data,
        was_observed=form.was_observed.data,
        note=form.note.data or "",
    )
    return {
        name: str(value) if isinstance(value, UUID) else list(value)
        for name, value in asdict(recorded).items()
    }


def _send(work: Work, patient_id: UUID, specimen_id: UUID, form: SendForm) -> dict[str, Any]:
    services.send_to_laboratory(
        work,
        patient_id=patient_id,
        specimen_id=specimen_id,
        laboratory=given(form.laboratory.data),
    )
    return {}


def _confirm(
    work: Work, patient_id: UUID, specimen_id: UUID, form: ConfirmationForm
) -> dict[str, Any]:
    recorded = services.record_confirmation(
        work,
        patient_id=patient_id,
        specimen_id=specimen_id,
        readings=form.readings_made(),
        report=form.report.data or "",
    )
    return {"told": list(recorded.told)}


def _unread() -> ConfirmationForm:
    return ConfirmationForm(formdata=None)


def _confirmation_page(
    work: Work, patient_id: UUID, specimen_id: UUID, form: ConfirmationForm, sending: SendForm
) -> str:
    banner = programs.chart_banner(work, patient_id=patient_id)
    audit.record(work, action="chart.view", subject="laboratory result", patient_id=patient_id)
    return page(
        "toxicology/confirmation",
        banner=banner,
        patient_id=patient_id,
        tab="tests",
        specimen=queries.specimen(work, patient_id=patient_id, specimen_id=specimen_id),
        form=form,
        sending=sending,
        may_record=work.actor.may(Permission.RECORD_RESULT),
    )


def _blank() -> ResultForm:
    """An empty form; ``?fill=negative`` asks for every analyte read negative."""
    fill = request.args.get("fill") == Reading.NEGATIVE
    readings = {row_of(analyte): Reading.NEGATIVE.value for analyte in PANEL} if fill else {}
    return ResultForm(formdata=None, **readings)


def _chart(work: Work, patient_id: UUID, form: ResultForm) -> dict[str, Any]:
    tests = queries.history(work, patient_id=patient_id, latest=SHOWN)
    return {
        "patient_id": patient_id,
        "tab": "tests",
        "form": form,
        "tests": tests,
        "analytes": [one for one in Analyte if any(one in test.readings for test in tests)],
        "year": queries.tests_this_year(work, patient_id=patient_id),
        "may_record": work.actor.may(Permission.RECORD_RESULT),
        "at_laboratory": queries.at_laboratory(work, patient_id=patient_id),
        "confirmed": queries.confirmed_by_laboratory(work, patient_id=patient_id),
    }
