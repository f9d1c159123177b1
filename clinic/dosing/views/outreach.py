"""Who did not come and who asks after them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.core.permissions import Permission
from clinic.core.service_dates import ONE_DAY
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.dosing import queries, services
from clinic.dosing.facts import Contact, OutreachTask
from clinic.dosing.forms import AssignForm, ClinicCausedForm, ContactForm
from clinic.dosing.views.blueprint import dosing
from clinic.web.days import read_day
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response


def _tried(task: OutreachTask) -> str:
    return "; ".join(_said(one) for one in task.contacts) or "not tried yet"


def _said(one: Contact) -> str:
    what = f"{one.method.label}, {one.outcome.label.lower()}"
    return f"{one.at:%a %d %b %H:%M} {what} ({one.by})"


OUTREACH_COLUMNS: tuple[Column[OutreachTask], ...] = (
    Column("Patient", lambda task: f"{task.patient.last_name}, {task.patient.first_name}"),
    Column("Code", lambda task: task.patient.code),
    Column("What", lambda task: task.kind.label),
    Column("Days missed", lambda task: task.missed_days, align="end"),
    Column("Last missed", lambda task: f"{task.missed_on:%a %d %b}"),
    Column("Telephone", lambda task: task.phone),
    Column("With", lambda task: task.with_name or "anybody"),
    Column("Tried", _tried),
)


@dosing.get("/dosing/outreach")
@requires(Permission.VIEW_DOSING)
def outreach() -> ResponseReturnValue:
    """``?on=`` another day, ``?whose=mine`` only what was given to me."""
    with begin_reading() as work:
        day = read_day(request.args.get("on"), otherwise=work.service_date)
        tasks = queries.open_tasks(work, day=day)
        if request.args.get("whose") == "mine":
            tasks = [one for one in tasks if one.with_id == work.actor.id]
        if request.args.get("format") == "csv":
            return csv_response(f"outreach-{day}", OUTREACH_COLUMNS, tasks)
        return page("dosing/outreach", **_frame(work, tasks))


@dosing.get("/dosing/outreach/<uuid:task_id>")
@requires(Permission.VIEW_DOSING)
def outreach_task(task_id: UUID) -> ResponseReturnValue:
    with begin_reading() as work:
        return page("dosing/outreach_task", **_task(work, task_id, ContactForm(formdata=None)))


@dosing.post("/dosing/outreach/<uuid:task_id>")
@requires(Permission.BOOK)
def record_contact(task_id: UUID) -> ResponseReturnValue:
    form = ContactForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("dosing/outreach_task", **_task(work, task_id, form)), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"task_id": str(task_id)} | form.request_values(),
            verb=lambda: {"attempt": _contact(work, task_id, form)},
        )
    flash("Attempt recorded.", "ok")
    return see_other(url_for("dosing.outreach"))


@dosing.post("/dosing/outreach/<uuid:task_id>/with")
@requires(Permission.BOOK)
def assign_outreach(task_id: UUID) -> ResponseReturnValue:
    form = AssignForm()
    with begin_work() as work:
        form.offer(queries.callers(work))
        if not form.validate():
            shown = _task(work, task_id, ContactForm(formdata=None)) | {"assign_form": form}
            return page("dosing/outreach_task", **shown), 422
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request={"task_id": str(task_id)} | form.request_values(),
            verb=lambda: {"to": services.assign_outreach(work, task_id=task_id, to=form.chosen)},
        )
    flash(f"{answer.values['to'] or 'Anybody'} asks after them.", "ok")
    return see_other(url_for("dosing.outreach"))


@dosing.post("/dosing/missed/clinic-caused")
@requires(Permission.GIVE_DOSE)
def clinic_caused() -> ResponseReturnValue:
    form = ClinicCausedForm()
    if not form.validate():
        flash("Nothing was recorded: name the day and what happened.", "attention")
        return see_other(url_for("dosing.missed"))
    with begin_work() as work:
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request=form.request_values(),
            verb=lambda: {"made": services.record_clinic_caused(work, **form.as_misses())},
        )
    flash(f"{answer.values['made']} misses are the clinic's, not the patients'.", "ok")
    return see_other(url_for("dosing.missed"))


def _contact(work: Work, task_id: UUID, form: ContactForm) -> int:
    return services.record_contact(work, task_id=task_id, **form.as_contact())


def _frame(work: Work, tasks: list[OutreachTask]) -> dict[str, Any]:
    return {
        "day": work.service_date,
        "tasks": tasks,
        "columns": OUTREACH_COLUMNS,
        "task_link": _task_link,
        "is_mine": request.args.get("whose") == "mine",
        "done": queries.contacts_of_day(work, day=work.service_date),
    }


def _task_link(task: OutreachTask) -> str:
    return url_for("dosing.outreach_task", task_id=task.id)


def _task(work: Work, task_id: UUID, form: ContactForm) -> dict[str, Any]:
    task = queries.require_outreach_task(work, task_id=task_id)
    assign_form = AssignForm(formdata=None, to=str(task.with_id or ""))
    assign_form.offer(queries.callers(work))
    missed = [task.missed_on - ONE_DAY * back for back in reversed(range(task.missed_days))]
    return {
        "task": task,
        "form": form,
        "assign_form": assign_form,
        "missed": missed[-14:],
        "contacts": [
            {"at": f"{one.at:%a %d %b %H:%M}", "title": one.outcome.label, "actor": one.by}
            | {"text": f"{one.method.label}. {one.note}".strip()}
            for one in reversed(task.contacts)
        ],
        "is_done": any(one.outcome.is_answer for one in task.contacts),
        "may_contact": work.actor.may(Permission.BOOK),
    }
