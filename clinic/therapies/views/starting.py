"""Begin a course: the gates' questions, then every date as proposed, then accept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.core.permissions import Permission
from clinic.data.idempotency import once
from clinic.data.types import new_id
from clinic.data.work import Work
from clinic.patients import queries as patients
from clinic.programs import queries as programs
from clinic.scheduling import queries as scheduling
from clinic.scheduling.facts import BookingClash, ResourceKind
from clinic.therapies import queries, services
from clinic.therapies.catalogue import modality as entry_of
from clinic.therapies.facts import Modality, StartFacts
from clinic.therapies.forms import CourseForm, course_form
from clinic.therapies.queries import CourseProposal, CourseRequest, known_facts
from clinic.therapies.queries.courses import STANDING_KINDS
from clinic.therapies.rules.placement import needs_of
from clinic.therapies.views.blueprint import therapies
from clinic.therapies.views.catalogue import words
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import PageForm, given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires

ADULT_FROM_YEARS = 18
"""Under this age the form asks for a guardian too. Source: 42 CFR 8.12(e)(2)."""


@therapies.get("/patients/<uuid:patient_id>/treatments/<code>/start")
@requires(Permission.START_COURSE)
def start_course(patient_id: UUID, code: str) -> ResponseReturnValue:
    with begin_reading() as work:
        entry = entry_of(code)
        form = _form(work, patient_id, entry)(formdata=None, starts_on=work.service_date)
        return page("therapies/start_course", **_page(work, patient_id, entry, form))


@therapies.post("/patients/<uuid:patient_id>/treatments/<code>/start")
@requires(Permission.START_COURSE)
def accept_course(patient_id: UUID, code: str) -> ResponseReturnValue:
    with begin_work() as work:
        entry = entry_of(code)
        form = _form(work, patient_id, entry)()
        values = _page(work, patient_id, entry, form)
        if not form.validate():
            return page("therapies/start_course", **values), 422
        if request.form.get("step") != "accept":
            shown = {"proposal": _propose(work, patient_id, entry, form)}
            return page("therapies/start_course", **values | shown)
        answer = _accept(work, patient_id, entry, form)
    flash(answer, "ok")
    return see_other(url_for("therapies.courses", patient_id=patient_id))


@therapies.errorhandler(BookingClash)
def clashes(_clash: BookingClash) -> ResponseReturnValue:
    """Somebody took a date between the proposal and the yes: the proposal as it is now."""
    arguments: dict[str, Any] = request.view_args or {}
    entry, patient_id = entry_of(arguments["code"]), arguments["patient_id"]
    with begin_reading() as work:
        form = _form(work, patient_id, entry)()
        shown = {"proposal": _propose(work, patient_id, entry, form)}
        return page("therapies/start_course", **_page(work, patient_id, entry, form) | shown), 409


def _form(work: Work, patient_id: UUID, entry: Modality) -> type[CourseForm]:
    age = known_facts(work, patient_id=patient_id, given=StartFacts()).age_years
    return course_form(
        entry,
        needs=needs_of(entry, setting=entry.settings[0]) if entry.may_be_scheduled else (),
        names=scheduling.resource_names(work),
        is_minor=age is not None and age < ADULT_FROM_YEARS,
    )


def _request(patient_id: UUID, entry: Modality, form: CourseForm) -> CourseRequest:
    return CourseRequest(
        patient_id=patient_id,
        modality=entry.code,
        starts_on=given(form.starts_on.data),
        wall_time=form.wall_time,
        weekdays=form.weekdays_chosen,
        resource_ids=form.resource_ids,
        setting=form.setting_chosen,
    )


def _propose(work: Work, patient_id: UUID, entry: Modality, form: CourseForm) -> CourseProposal:
    asked = _request(patient_id, entry, form)
    return queries.propose_course(work, request=asked, given=form.facts())


def _accept(work: Work, patient_id: UUID, entry: Modality, form: CourseForm) -> str:
    def start() -> dict[str, Any]:
        asked = _request(patient_id, entry, form)
        started = services.start_course(
            work,
            patient_id=patient_id,
            modality=entry.code,
            starts_on=asked.starts_on,
            wall_time=asked.wall_time,
            weekdays=asked.weekdays,
            resource_ids=asked.resource_ids,
            setting=asked.setting,
            facts=form.facts(),
            acknowledged=bool(form.acknowledged.data),
        )
        last = f", the last on {started.last_on:%a %d %b %Y}" if started.last_on else ""
        return {"said": f"{entry.name} has begun: {started.sessions} sessions booked{last}."}

    answer = once(
        work,
        key=given(form.idempotency_key.data),
        request={"patient_id": str(patient_id), "code": entry.code} | form.request_values(),
        verb=start,
    )
    said: str = answer.values["said"]
    return said


def _page(work: Work, patient_id: UUID, entry: Modality, form: CourseForm) -> dict[str, Any]:
    return {
        "patient_id": patient_id,
        "banner": programs.chart_banner(work, patient_id=patient_id),
        "patient": patients.get(work, patient_id=patient_id),
        "entry": entry,
        "form": form,
        "kinds": STANDING_KINDS,
        "words": words,
        "proposal": None,
        "staff": ResourceKind.STAFF,
        "plain": PageForm(formdata=None),
        "key": new_id().hex,
        "may_refer": work.actor.may(Permission.REFER),
    }
