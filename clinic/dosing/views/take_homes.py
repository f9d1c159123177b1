"""Take-homes: the day's list, a patient's page, bottles prepared, handed out and brought back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.permissions import Permission
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.dosing.facts import BottleState
from clinic.dosing.forms.take_homes import (
    WEEKDAYS,
    BottlesForm,
    CallbackForm,
    DestroyForm,
    DrawForm,
    LossAnswerForm,
    LostForm,
    PrepareForm,
    ReturnForm,
)
from clinic.dosing.queries import pickups as pickup_queries
from clinic.dosing.queries import take_home_records as records
from clinic.dosing.queries import take_homes as queries
from clinic.dosing.queries.take_homes import Bottle
from clinic.dosing.services import take_home_bottles as services
from clinic.dosing.views.blueprint import dosing, window_number
from clinic.programs import queries as programs
from clinic.staff.views.second_person import signed_by
from clinic.web.days import read_day
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import OnceForm, given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

BOTTLE_COLUMNS: tuple[Column[Bottle], ...] = (
    Column("Bottle", lambda one: one.code),
    Column("Patient", lambda one: f"{one.patient.last_name}, {one.patient.first_name}"),
    Column("Patient code", lambda one: one.patient.code),
    Column("Take on", lambda one: one.take_on.isoformat()),
    Column("Medication", lambda one: one.medication.label),
    Column("Amount", lambda one: one.amount),
    Column("Counts as", lambda one: one.kind.label),
    Column("State", lambda one: one.state.label),
    Column("Prepared by", lambda one: one.prepared_by),
    Column("Checked by", lambda one: one.checked_by or ""),
)


@dosing.get("/dosing/take-homes")
@requires(Permission.VIEW_DOSING)
def take_homes() -> ResponseReturnValue:
    """Whoever comes today and takes something home, what is on the shelf, what is amiss."""
    with begin_reading() as work:
        day = read_day(request.args.get("on"), otherwise=work.service_date)
        shelf = queries.bottles_here(work)
        if request.args.get("format") == "csv":
            out = queries.handed_out_on(work, day=day)
            return csv_response(f"take-homes-{day}", BOTTLE_COLUMNS, [*shelf, *out])
        return page("dosing/take_homes", **_day(work, day, shelf))


def _day(work: Work, day: date, shelf: list[Bottle]) -> dict[str, Any]:
    coming = pickup_queries.visiting(pickup_queries.pickups(work, day=day), day=day)
    return {
        "day": day,
        "today": work.service_date,
        "to_prepare": [one for one in coming if one.plan.due],
        "left_out": [one for one in coming if not one.plan.due],
        "shelf": shelf,
        "out": queries.handed_out_on(work, day=day),
        "losses": queries.losses(work),
        "callbacks": queries.callbacks(work),
        "draw_form": DrawForm(formdata=None),
        "may_give": work.actor.may(Permission.GIVE_DOSE),
        "may_declare": work.actor.may(Permission.DECLARE_EMERGENCY),
    }


@dosing.get("/patients/<uuid:patient_id>/dosing/take-homes")
@requires(Permission.VIEW_DOSING)
def patient_take_homes(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        audit.record(work, action="chart.view", subject="take-homes", patient_id=patient_id)
        return page("dosing/patient_take_homes", **_patient(work, patient_id))


@dosing.post("/patients/<uuid:patient_id>/dosing/take-homes/prepare")
@requires(Permission.GIVE_DOSE)
def prepare_take_homes(patient_id: UUID) -> ResponseReturnValue:
    form = PrepareForm()
    return _act(
        patient_id,
        form,
        lambda work: services.prepare(
            work,
            patient_id=patient_id,
            window=window_number(),
            confirmed=form.confirmed.data or (),
        ).to_json(),
        said="Prepared: {count} bottles.",
        shown="prepare_form",
    )


@dosing.post("/patients/<uuid:patient_id>/dosing/take-homes/check")
@requires(Permission.GIVE_DOSE)
def check_take_homes(patient_id: UUID) -> ResponseReturnValue:
    return _act(
        patient_id,
        OnceForm(),
        lambda work: {"codes": ["x"] * services.check(work, patient_id=patient_id)},
        said="Checked: {count} bottles.",
        shown="check_form",
    )


@dosing.post("/patients/<uuid:patient_id>/dosing/take-homes/hand-out")
@requires(Permission.GIVE_DOSE)
def hand_out_take_homes(patient_id: UUID) -> ResponseReturnValue:
    form = BottlesForm()
    return _act(
        patient_id,
        form,
        lambda work: services.hand_out(
            work, patient_id=patient_id, codes=form.wanted, window=window_number()
        ).to_json(),
        said="Handed out: {count} bottles.",
        shown="hand_out_form",
    )


@dosing.post("/patients/<uuid:patient_id>/dosing/take-homes/return")
@requires(Permission.GIVE_DOSE)
def take_back_take_homes(patient_id: UUID) -> ResponseReturnValue:
    form = ReturnForm()

    def verb(work: Work) -> dict[str, Any]:
        full = form.full.data or ()
        count = services.take_back(work, patient_id=patient_id, codes=form.wanted, full=full)
        return {"codes": ["x"] * count}

    return _act(patient_id, form, verb, said="Taken back: {count} bottles.", shown="return_form")


def _act(
    patient_id: UUID,
    form: OnceForm,
    verb: Callable[[Work], dict[str, Any]],
    *,
    said: str,
    shown: str,
) -> ResponseReturnValue:
    """One verb about a patient's bottles, once; the page again when the form is not complete."""
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            again = _patient(work, patient_id) | {shown: form}
            return page("dosing/patient_take_homes", **again), 422
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request={"patient_id": str(patient_id), "verb": shown} | form.request_values(),
            verb=lambda: verb(work),
        )
    flash(said.format(count=len(answer.values["codes"])), "ok")
    return see_other(url_for("dosing.patient_take_homes", patient_id=patient_id))


@dosing.get("/dosing/take-homes/<uuid:take_home_id>")
@requires(Permission.VIEW_DOSING)
def take_home_bottle(take_home_id: UUID) -> ResponseReturnValue:
    """One bottle: what may be noted of it, where it is now."""
    with begin_work() as work:
        return page("dosing/take_home_bottle", **_bottle(work, take_home_id))


@dosing.post("/dosing/take-homes/<uuid:take_home_id>/lost")
@requires(Permission.GIVE_DOSE)
def report_lost_bottle(take_home_id: UUID) -> ResponseReturnValue:
    form = LostForm()

    def verb(work: Work) -> dict[str, Any]:
        services.report_lost(
            work,
            bottle_id=take_home_id,
            account=form.account.data or "",
            stolen=form.how.data == "stolen",
        )
        return {}

    said = "Noted. Nothing replaces it until the prescriber decides."
    return _about(take_home_id, form, verb, said=said, shown="lost_form")


@dosing.post("/dosing/take-homes/<uuid:take_home_id>/answer")
@requires(Permission.DECIDE_TAKE_HOMES)
def answer_lost_bottle(take_home_id: UUID) -> ResponseReturnValue:
    form = LossAnswerForm()

    def verb(work: Work) -> dict[str, Any]:
        services.answer_loss(
            work,
            bottle_id=take_home_id,
            replaced=form.replaced.data == "yes",
            reason=form.reason.data or "",
        )
        return {}

    return _about(take_home_id, form, verb, said="Decided.", shown="answer_form")


@dosing.post("/dosing/take-homes/<uuid:take_home_id>/destroy")
@requires(Permission.MANAGE_STOCK)
def destroy_bottle(take_home_id: UUID) -> ResponseReturnValue:
    """Wasted before a second person, who signs on this screen."""
    form = DestroyForm()
    witness_id = signed_by(form) if form.validate() else None

    def verb(work: Work) -> dict[str, Any]:
        services.destroy(
            work,
            bottle_id=take_home_id,
            witness_id=given(witness_id),
            reason=form.reason.data or "",
        )
        return {}

    return _about(
        take_home_id,
        form,
        verb,
        said="Wasted before a witness; its date is free again.",
        shown="destroy_form",
        is_signed=witness_id is not None,
    )


def _about(
    take_home_id: UUID,
    form: OnceForm,
    verb: Callable[[Work], dict[str, Any]],
    *,
    said: str,
    shown: str,
    is_signed: bool = True,
) -> ResponseReturnValue:
    is_complete = is_signed and form.validate()
    with begin_work() as work:
        if not is_complete:
            again = _bottle(work, take_home_id) | {shown: form}
            return page("dosing/take_home_bottle", **again), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"take_home_id": str(take_home_id)} | form.request_values(),
            verb=lambda: verb(work),
        )
    flash(said, "ok")
    return see_other(url_for("dosing.take_home_bottle", take_home_id=take_home_id))


def _bottle(work: Work, take_home_id: UUID) -> dict[str, Any]:
    found = queries.bottle(work, bottle_id=take_home_id)
    patient_id = found.patient.patient_id
    audit.record(work, action="chart.view", subject=f"bottle {found.code}", patient_id=patient_id)
    return {
        "banner": programs.chart_banner(work, patient_id=patient_id),
        "patient_id": patient_id,
        "bottle": found,
        "events": [
            {
                "at": f"{one.at:%d %b %Y %H:%M}",
                "title": one.kind.label,
                "text": one.note,
                "actor": one.by,
            }
            for one in queries.history_of(work, patient_id=patient_id)
            if one.code == found.code
        ],
        "lost_form": LostForm(formdata=None),
        "answer_form": LossAnswerForm(formdata=None),
        "destroy_form": DestroyForm(formdata=None),
        "waits": found.id in {one.id for one in queries.losses(work)},
        "may_give": work.actor.may(Permission.GIVE_DOSE),
        "may_decide": work.actor.may(Permission.DECIDE_TAKE_HOMES),
        "may_waste": work.actor.may(Permission.MANAGE_STOCK),
    }


def _patient(work: Work, patient_id: UUID) -> dict[str, Any]:
    today = work.service_date
    visit = pickup_queries.pickup(work, patient_id=patient_id, day=today)
    bottles = queries.bottles_of(
        work, patient_id=patient_id, states=[BottleState.PREPARED, BottleState.HANDED_OUT]
    )
    lost = [one for one in queries.losses(work) if one.patient.patient_id == patient_id]
    here = [one for one in bottles if one.state is BottleState.PREPARED]
    out = [one for one in bottles if one.state is BottleState.HANDED_OUT]
    schedule = records.schedules_in_force(work, day=today, patient_ids=[patient_id])
    own_days = schedule[patient_id].days if patient_id in schedule else ()
    prepare_form = PrepareForm(formdata=None)
    if visit is not None:
        prepare_form.ask(visit.plan.decision)
    return {
        "banner": programs.chart_banner(work, patient_id=patient_id),
        "patient_id": patient_id,
        "tab": "dosing",
        "today": today,
        "visit": visit,
        "here": here,
        "at_home": [one for one in out if one.take_on >= today],
        "empties": [one for one in out if one.take_on < today],
        "lost": lost,
        "unchecked": [one for one in here if one.checked_by is None],
        "schedule": schedule.get(patient_id),
        "pickup_days": ", ".join(WEEKDAYS[day] for day in own_days),
        "decisions": records.decisions_of(work, patient_id=patient_id),
        "exceptions": records.exceptions_of(work, patient_id=patient_id),
        "callbacks": queries.callbacks(work, patient_id=patient_id),
        "events": queries.history_of(work, patient_id=patient_id, limit=30),
        "prepare_form": prepare_form,
        "hand_out_form": _offered(BottlesForm(formdata=None), here, ticked=True),
        "return_form": _offered(ReturnForm(formdata=None), out),
        "check_form": OnceForm(formdata=None),
        "callback_form": CallbackForm(formdata=None),
        "may_give": work.actor.may(Permission.GIVE_DOSE),
        "may_decide": work.actor.may(Permission.DECIDE_TAKE_HOMES),
    }


def _offered(form: BottlesForm, bottles: list[Bottle], *, ticked: bool = False) -> BottlesForm:
    form.offer([(one.code, f"{one.take_on:%a %d %b}, {one.amount}, {one.code}") for one in bottles])
    if ticked:
        form.codes.data = [one.code for one in bottles]
    return form
