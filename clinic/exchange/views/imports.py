"""Bring outside records in: send files, see what they would do, import, look at what is odd."""

from __future__ import annotations

from uuid import UUID

from flask import current_app, flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.core.permissions import Permission
from clinic.core.units import mg
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.exchange import queries, services
from clinic.exchange.facts.reading import ReadLimits
from clinic.exchange.facts.records import OutsideRecords, ReadTogether
from clinic.exchange.forms import SettleForm, UploadForm, settle_form
from clinic.exchange.queries import OpenQuestion, PastRun, PersonHere, Refusal
from clinic.exchange.readers.archive import read_archive
from clinic.exchange.views.blueprint import exchange
from clinic.patients.facts import chart_path
from clinic.web.edge import actor, begin_reading, begin_work
from clinic.web.filters import day, local_day_time
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

RUNS: tuple[Column[PastRun], ...] = (
    Column("When", lambda run: local_day_time(run.recorded_at)),
    Column("What", lambda run: run.kind.label),
    Column("By", lambda run: run.recorded_by_name),
    Column("Files", lambda run: run.counts["files"], align="end"),
    Column("Rows added", lambda run: f"{sum(run.counts['added'].values()):,}", align="end"),
    Column("Rows changed", lambda run: f"{sum(run.counts['changed'].values()):,}", align="end"),
    Column("Refused", lambda run: run.refused, align="end"),
)
REFUSALS: tuple[Column[Refusal], ...] = (
    Column("File", lambda refusal: refusal.file or "—"),
    Column("Place", lambda refusal: refusal.place or "—"),
    Column("Why", lambda refusal: refusal.reason),
)
PEOPLE: tuple[Column[PersonHere], ...] = (
    Column("Patient", lambda person: person.name),
    Column("Code", lambda person: person.code),
)


@exchange.get("/import")
@requires(Permission.IMPORT_RECORDS)
def upload() -> ResponseReturnValue:
    if request.args.get("format") == "csv":
        with begin_reading() as work:
            return csv_response("imports", RUNS, queries.last_runs(work))
    return _upload_page(UploadForm(formdata=None))


@exchange.post("/import")
@requires(Permission.IMPORT_RECORDS)
def send_files() -> ResponseReturnValue:
    form = UploadForm()
    if not form.validate():
        return _upload_page(form), 422
    files = form.outside_files()
    with begin_work() as work:
        upload_id = services.keep_upload(work, files=files)
    return see_other(url_for("exchange.preview", upload_id=upload_id))


@exchange.get("/import/<uuid:upload_id>")
@requires(Permission.IMPORT_RECORDS)
def preview(upload_id: UUID) -> ResponseReturnValue:
    with begin_reading() as work:
        read = _read(queries.upload_content(work, upload_id=upload_id))
        outcome = services.preview_records(
            work, records=read.records, files=read.files_read, refusals=read.refusals
        )
    return page(
        "exchange/preview",
        upload_id=upload_id,
        outcome=outcome,
        reviews=[review.to_json() for review in outcome.reviews],
        refusal_columns=REFUSALS,
    )


@exchange.post("/import/<uuid:upload_id>")
@requires(Permission.IMPORT_RECORDS)
def run_import(upload_id: UUID) -> ResponseReturnValue:
    read = _read_sent(upload_id)
    with begin_work() as work:
        run_id = services.import_upload(work, upload_id=upload_id, read=read)
    flash("Imported. No order was started: a prescriber confirms each.", "ok")
    return see_other(url_for("exchange.run", run_id=run_id))


@exchange.post("/import/<uuid:upload_id>/discard")
@requires(Permission.IMPORT_RECORDS)
def discard(upload_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        services.discard_upload(work, upload_id=upload_id)
    flash("The files are deleted; nothing was imported.", "ok")
    return see_other(url_for("exchange.upload"))


@exchange.get("/import/runs/<uuid:run_id>")
@requires(Permission.IMPORT_RECORDS)
def run(run_id: UUID) -> ResponseReturnValue:
    with begin_reading() as work:
        found = queries.run(work, run_id=run_id)
        refused = queries.refusals(work, run_id=run_id)
        people = queries.people_of_run(work, run=found)
    return page(
        "exchange/run",
        run=found,
        refusals=refused,
        refusal_columns=REFUSALS,
        people=people,
        people_columns=PEOPLE,
        person_link=lambda person: chart_path(person.patient_id),
        sees_questions=actor().may(Permission.VIEW_DOSING),
    )


@exchange.get("/import/questions")
@requires(Permission.VIEW_DOSING)
def questions() -> ResponseReturnValue:
    with begin_reading() as work:
        asked = queries.questions(work)
    return page(
        "exchange/questions",
        questions=asked,
        form_of=lambda one: settle_form(one.doses_ug, version=one.version),
        title_of=_title,
        may_settle=actor().may(Permission.ORDER_MEDICATION),
    )


@exchange.post("/import/questions/<uuid:question_id>")
@requires(Permission.ORDER_MEDICATION)
def settle_question(question_id: UUID) -> ResponseReturnValue:
    asked = _asked(question_id)
    form = settle_form(asked.doses_ug)
    if not form.validate():
        flash("Choose what was given that day.", "attention")
        return see_other(url_for("exchange.questions"))
    with begin_work() as work:
        once(
            work,
            key=given(form.idempotency_key.data),
            request=form.request_values() | {"question_id": str(question_id)},
            verb=lambda: _settle(work, question_id, form),
        )
    flash(f"Settled: {_title(asked)}.", "ok")
    return see_other(url_for("exchange.questions"))


def _asked(question_id: UUID) -> OpenQuestion:
    with begin_reading() as work:
        return queries.question(work, question_id=question_id)


def _settle(work: Work, question_id: UUID, form: SettleForm) -> dict[str, str]:
    services.settle_question(
        work, question_id=question_id, version=given(form.version.data), dose_ug=form.dose_ug
    )
    return {"settled": str(question_id)}


def _upload_page(form: UploadForm) -> str:
    with begin_reading() as work:
        runs = queries.last_runs(work)
    return page(
        "exchange/upload",
        form=form,
        runs=runs,
        run_columns=RUNS,
        run_link=lambda run: url_for("exchange.run", run_id=run.id),
    )


def _read_sent(upload_id: UUID) -> ReadTogether:
    """Read outside the writing turn: files take seconds, and nobody should wait for that.

    An upload that was imported already reads as nothing: its run is shown again.
    """
    with begin_reading() as work:
        content = queries.upload_content_if_any(work, upload_id=upload_id)
    return _read(content) if content else ReadTogether(OutsideRecords())


def _read(content: bytes) -> ReadTogether:
    limits = ReadLimits(bytes_per_file=current_app.config["IMPORT_FILE_BYTES_MAX"])
    return read_archive(content, limits=limits)


def _title(asked: OpenQuestion) -> str:
    doses = " and ".join(f"{mg(dose)} mg" for dose in asked.doses_ug)
    return f"{asked.name}, {day(asked.service_date)}: {doses}"
