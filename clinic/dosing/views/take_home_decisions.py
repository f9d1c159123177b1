"""The practitioner's pages: six criteria, exceptions, pick-up days."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.permissions import Permission
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.dosing.facts import TakeHomeCriterion
from clinic.dosing.forms.take_homes import CriteriaForm, ExceptionForm, ReasonForm, ScheduleForm
from clinic.dosing.queries import take_home_records as records
from clinic.dosing.services import take_homes as services
from clinic.dosing.views.blueprint import dosing
from clinic.programs import queries as programs
from clinic.web.edge import begin_work
from clinic.web.forms import OnceForm, given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires


@dosing.get("/patients/<uuid:patient_id>/dosing/take-homes/decision")
@requires(Permission.DECIDE_TAKE_HOMES)
def take_home_decision(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        audit.record(work, action="chart.view", subject="take-home review", patient_id=patient_id)
        return page("dosing/take_home_decision", **_decision(work, patient_id))


@dosing.post("/patients/<uuid:patient_id>/dosing/take-homes/decision")
@requires(Permission.DECIDE_TAKE_HOMES)
def decide_take_homes(patient_id: UUID) -> ResponseReturnValue:
    form = CriteriaForm()

    def verb(work: Work) -> UUID:
        return services.decide(work, patient_id=patient_id, **form.as_decision())

    return _act(patient_id, form, verb, said="Decided and recorded.", shown="form")


@dosing.post("/patients/<uuid:patient_id>/dosing/take-homes/revoke")
@requires(Permission.DECIDE_TAKE_HOMES)
def revoke_take_homes(patient_id: UUID) -> ResponseReturnValue:
    form = ReasonForm()

    def verb(work: Work) -> UUID:
        return services.revoke(work, patient_id=patient_id, reason=form.reason.data or "")

    return _act(
        patient_id, form, verb, said="Revoked: regular bottles stay here.", shown="revoke_form"
    )


@dosing.post("/patients/<uuid:patient_id>/dosing/take-homes/exceptions")
@requires(Permission.DECIDE_TAKE_HOMES)
def allow_exception(patient_id: UUID) -> ResponseReturnValue:
    form = ExceptionForm()

    def verb(work: Work) -> UUID:
        return services.allow_exception(work, patient_id=patient_id, **form.as_exception())

    return _act(patient_id, form, verb, said="On file.", shown="exception_form")


@dosing.post(
    "/patients/<uuid:patient_id>/dosing/take-homes/exceptions/<uuid:exception_id>/withdraw"
)
@requires(Permission.DECIDE_TAKE_HOMES)
def withdraw_exception(patient_id: UUID, exception_id: UUID) -> ResponseReturnValue:
    form = ReasonForm()

    def verb(work: Work) -> UUID:
        services.withdraw_exception(work, exception_id=exception_id, reason=form.reason.data or "")
        return exception_id

    return _act(patient_id, form, verb, said="Withdrawn.", shown="withdraw_form")


@dosing.post("/patients/<uuid:patient_id>/dosing/take-homes/schedule")
@requires(Permission.DECIDE_TAKE_HOMES)
def set_pickup_days(patient_id: UUID) -> ResponseReturnValue:
    form = ScheduleForm()

    def verb(work: Work) -> UUID:
        return services.set_schedule(
            work,
            patient_id=patient_id,
            weekdays=[int(day) for day in form.weekdays.data or ()],
            valid_from=form.valid_from.data,
            storage_taught=bool(form.storage_taught.data),
            lockbox_seen=bool(form.lockbox_seen.data),
            later_portions_home=bool(form.later_portions_home.data),
            note=form.note.data or "",
        )

    return _act(patient_id, form, verb, said="Pick-up days set.", shown="schedule_form")


def _act(
    patient_id: UUID,
    form: OnceForm,
    verb: Callable[[Work], UUID],
    *,
    said: str,
    shown: str,
) -> ResponseReturnValue:
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            again = _decision(work, patient_id) | {shown: form}
            return page("dosing/take_home_decision", **again), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"patient_id": str(patient_id), "verb": shown} | form.request_values(),
            verb=lambda: {"id": str(verb(work))},
        )
    flash(said, "ok")
    return see_other(url_for("dosing.patient_take_homes", patient_id=patient_id))


def _decision(work: Work, patient_id: UUID) -> dict[str, Any]:
    today = work.service_date
    standing = services.standing_of(work, patient_id=patient_id)
    schedule = records.schedules_in_force(work, day=today, patient_ids=[patient_id]).get(patient_id)
    decisions = records.decisions_of(work, patient_id=patient_id)
    start: dict[str, Any] = {"valid_from": today, "ceiling_doses": standing.limit}
    for one in decisions[0].findings if decisions else ():
        start[f"{one.criterion.value}_finding"] = one.finding
    return {
        "banner": programs.chart_banner(work, patient_id=patient_id),
        "patient_id": patient_id,
        "tab": "dosing",
        "standing": standing,
        "criteria": [one.value for one in TakeHomeCriterion],
        "decisions": decisions,
        "exceptions": [
            one
            for one in records.exceptions_of(work, patient_id=patient_id)
            if one.withdrawn_because is None and one.ends_on > today
        ],
        "form": CriteriaForm(formdata=None, **start),
        "revoke_form": ReasonForm(formdata=None),
        "withdraw_form": ReasonForm(formdata=None),
        "exception_form": ExceptionForm(formdata=None, starts_on=today),
        "schedule_form": ScheduleForm(
            formdata=None,
            valid_from=today,
            weekdays=[str(day) for day in schedule.days] if schedule else [],
            storage_taught=schedule.storage_taught if schedule else False,
            lockbox_seen=schedule.lockbox_seen if schedule else False,
            later_portions_home=schedule.later_portions_home if schedule else False,
        ),
    }
