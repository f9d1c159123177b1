"""The line before the windows: who is here, who goes first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.dosing import services
from clinic.dosing.facts.line import LinePriority
from clinic.dosing.forms import PriorityForm
from clinic.dosing.queries import line
from clinic.dosing.views.blueprint import dosing
from clinic.programs import queries as programs
from clinic.web.edge import begin_reading, begin_work
from clinic.web.pages import page, see_other
from clinic.web.permission import requires


@dosing.post("/dosing/<uuid:patient_id>/check-in")
@requires(Permission.CHECK_IN)
def check_in(patient_id: UUID) -> ResponseReturnValue:
    """Somebody who comes only for a dose, from the queue itself."""
    with begin_work() as work:
        services.check_in(work, patient_id=patient_id)
    flash("In line.", "ok")
    return see_other(url_for("dosing.queue"))


@dosing.get("/dosing/<uuid:patient_id>/priority")
@requires(Permission.CHECK_IN)
def priority(patient_id: UUID) -> ResponseReturnValue:
    with begin_reading() as work:
        return page("dosing/priority", **_priority(work, patient_id, PriorityForm(formdata=None)))


@dosing.post("/dosing/<uuid:patient_id>/priority")
@requires(Permission.CHECK_IN)
def mark_priority(patient_id: UUID) -> ResponseReturnValue:
    form = PriorityForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("dosing/priority", **_priority(work, patient_id, form)), 422
        services.mark_priority(
            work,
            patient_id=patient_id,
            priority=LinePriority(form.priority.data),
            reason=form.reason.data or "",
            until=form.until.data,
        )
    flash("Noted for the line.", "ok")
    return see_other(url_for("dosing.queue"))


def _priority(work: Work, patient_id: UUID, form: PriorityForm) -> dict[str, Any]:
    marks = line.marks(work, day=work.service_date)
    return {
        "banner": programs.chart_banner(work, patient_id=patient_id),
        "patient_id": patient_id,
        "form": form,
        "standing": marks.get(patient_id),
        "may_dose": work.actor.may(Permission.VIEW_DOSING),
    }
