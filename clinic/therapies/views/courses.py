"""A patient's courses: under way, over, referred; and the pathway over time."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.permissions import Permission
from clinic.data.idempotency import once
from clinic.data.types import new_id
from clinic.data.work import Work
from clinic.programs import queries as programs
from clinic.therapies import queries, services
from clinic.therapies.catalogue import CATALOGUE
from clinic.therapies.forms import EndForm, ReferralForm
from clinic.therapies.queries import CourseRow
from clinic.therapies.queries.courses import STANDING_KINDS
from clinic.therapies.views.blueprint import therapies
from clinic.therapies.views.catalogue import by_group, words
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import PageForm, given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

COLUMNS: tuple[Column[CourseRow], ...] = (
    Column("Treatment", lambda row: row.name),
    Column("Started", lambda row: row.starts_on.isoformat()),
    Column("Ended", lambda row: row.ended_on.isoformat() if row.ended_on else ""),
    Column("Why", lambda row: row.ended_why or ""),
    Column("Planned", lambda row: row.sessions_planned),
    Column("Attended", lambda row: row.progress.attended),
    Column("Missed", lambda row: row.progress.missed),
    Column("Ahead", lambda row: row.progress.ahead),
)


@therapies.get("/patients/<uuid:patient_id>/treatments")
@requires(Permission.VIEW_CHART)
def courses(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        banner = programs.chart_banner(work, patient_id=patient_id)
        audit.record(work, action="chart.view", subject="treatments", patient_id=patient_id)
        rows = queries.courses_of(work, patient_id=patient_id)
        if request.args.get("format") == "csv":
            return csv_response("treatments", COLUMNS, rows)
        return page("therapies/courses", banner=banner, **_courses(work, patient_id, rows))


@therapies.post("/patients/<uuid:patient_id>/courses/<uuid:course_id>/end")
@requires(Permission.START_COURSE)
def end_course(patient_id: UUID, course_id: UUID) -> ResponseReturnValue:
    form = EndForm()
    back = see_other(url_for("therapies.courses", patient_id=patient_id))
    if not form.validate():
        flash("The course goes on: say why it should end.", "attention")
        return back
    with begin_work() as work:
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"course_id": str(course_id)} | form.request_values(),
            verb=lambda: _end(work, course_id, form),
        )
    flash("The course has ended; what was booked of it is cancelled.", "ok")
    return back


@therapies.post("/patients/<uuid:patient_id>/treatments/<code>/refer")
@requires(Permission.REFER)
def refer_out(patient_id: UUID, code: str) -> ResponseReturnValue:
    form = ReferralForm()
    if not form.validate():
        flash("Nothing was saved: a referral names who it goes to, and why.", "attention")
        return see_other(url_for("therapies.start_course", patient_id=patient_id, code=code))
    with begin_work() as work:
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"patient_id": str(patient_id), "code": code} | form.request_values(),
            verb=lambda: {"id": str(_refer(work, patient_id, code, form))},
        )
    flash("The referral is recorded.", "ok")
    return see_other(url_for("therapies.courses", patient_id=patient_id))


@therapies.get("/patients/<uuid:patient_id>/pathway")
@requires(Permission.VIEW_CHART)
def pathway(patient_id: UUID) -> ResponseReturnValue:
    """The swimlanes alone, for the chart's overview to fetch."""
    with begin_reading() as work:
        shown = queries.pathway(work, patient_id=patient_id)
    return page("therapies/pathway", pathway=shown)


def _end(work: Work, course_id: UUID, form: EndForm) -> dict[str, Any]:
    services.end_course(
        work, course_id=course_id, version=given(form.version.data), why=given(form.why.data)
    )
    return {}


def _refer(work: Work, patient_id: UUID, code: str, form: ReferralForm) -> UUID:
    return services.refer_out(
        work,
        patient_id=patient_id,
        modality=code,
        referred_to=given(form.referred_to.data),
        reason=given(form.reason.data),
    )


def _courses(work: Work, patient_id: UUID, rows: list[CourseRow]) -> dict[str, Any]:
    under_way = {row.code for row in rows if row.is_open}
    return {
        "patient_id": patient_id,
        "open": [row for row in rows if row.is_open],
        "past": [row for row in rows if not row.is_open],
        "referrals": queries.referrals_of(work, patient_id=patient_id),
        "groups": by_group(one for one in CATALOGUE.values() if one.code not in under_way),
        "pathway": queries.pathway(work, patient_id=patient_id),
        "kinds": STANDING_KINDS,
        "words": words,
        "form": PageForm(formdata=None),
        "new_key": lambda: new_id().hex,
        "may_start": work.actor.may(Permission.START_COURSE),
    }
