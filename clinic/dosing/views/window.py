"""One patient at the window: who it is, may they, how much, what was before. Then the dose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from clinic.audit import services as audit
from clinic.core.permissions import Permission
from clinic.core.units import plain
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.dosing import queries, services
from clinic.dosing.facts import DoseGiven, HoldReason, VoidReason
from clinic.dosing.facts.line import Attestation, CheckKind, ImpairmentSign, SecondIdentifier
from clinic.dosing.facts.take_homes import BottleState
from clinic.dosing.forms import (
    CowsForm,
    GiveDoseForm,
    HoldForm,
    ScreenForm,
    SpillForm,
    VoidForm,
    WeightForm,
)
from clinic.dosing.forms.pours import WastePourForm
from clinic.dosing.queries import line, take_homes
from clinic.dosing.queries.window import AtWindow
from clinic.dosing.rules.doses import ELSEWHERE
from clinic.dosing.views.blueprint import dosing, window_number
from clinic.dosing.views.pours import pour_shown
from clinic.programs import queries as programs
from clinic.staff import queries as staff
from clinic.staff.views.second_person import signed_by
from clinic.web.edge import begin_work
from clinic.web.forms import OnceForm, given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires


@dosing.get("/dosing/<uuid:patient_id>")
@requires(Permission.VIEW_DOSING)
def window(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        audit.record(work, action="chart.view", subject="dosing window", patient_id=patient_id)
        if work.actor.may(Permission.GIVE_DOSE):
            services.open_at_window(work, patient_id=patient_id, window=window_number())
        return page("dosing/window", **_at_window(work, patient_id))


@dosing.post("/dosing/<uuid:patient_id>/take-over")
@requires(Permission.GIVE_DOSE)
def take_over(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        services.open_at_window(work, patient_id=patient_id, window=window_number(), take_over=True)
    flash("The patient stands at this window now.", "ok")
    return see_other(url_for("dosing.window", patient_id=patient_id))


@dosing.post("/dosing/<uuid:patient_id>/leave")
@requires(Permission.GIVE_DOSE)
def leave(patient_id: UUID) -> ResponseReturnValue:
    """Esc: back to the queue, and the patient to the line. ``?go=next``: whoever is next, N."""
    with begin_work() as work:
        services.leave_window(work, patient_id=patient_id, window=window_number())
    if request.args.get("go") == "next":
        return see_other(url_for("dosing.queue", go="next", after=patient_id))
    return see_other(url_for("dosing.queue"))


@dosing.post("/dosing/<uuid:patient_id>/dose")
@requires(Permission.GIVE_DOSE)
def give_dose(patient_id: UUID) -> ResponseReturnValue:
    form = GiveDoseForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("dosing/window", **_at_window(work, patient_id, form=form)), 422
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request={"patient_id": str(patient_id)} | form.request_values(),
            verb=lambda: _give(work, patient_id, form),
        )
    flash(_said(answer.values, replayed=answer.replayed), "ok")
    return see_other(url_for("dosing.queue"))


@dosing.post("/dosing/<uuid:patient_id>/hold")
@requires(Permission.VIEW_DOSING)
def hold(patient_id: UUID) -> ResponseReturnValue:
    """Nurses, pharmacists and prescribers hold; the service refuses everybody else."""
    form = HoldForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("dosing/window", **_at_window(work, patient_id, hold_form=form)), 422
        _once(work, patient_id, form, lambda: str(_hold(work, patient_id, form)))
    flash("On hold. A newer order by the prescriber ends it.", "ok")
    return see_other(url_for("dosing.window", patient_id=patient_id))


@dosing.post("/dosing/<uuid:patient_id>/screen")
@requires(Permission.GIVE_DOSE)
def screen(patient_id: UUID) -> ResponseReturnValue:
    form = ScreenForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("dosing/window", **_at_window(work, patient_id, screen_form=form)), 422
        _once(work, patient_id, form, lambda: str(_screen(work, patient_id, form)))
    flash("Recorded, and held: the prescriber must see the patient. Do not let them drive.", "ok")
    return see_other(url_for("dosing.window", patient_id=patient_id))


@dosing.post("/dosing/<uuid:patient_id>/weight")
@requires(Permission.GIVE_DOSE)
def weigh(patient_id: UUID) -> ResponseReturnValue:
    form = WeightForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("dosing/window", **_at_window(work, patient_id, weight_form=form)), 422
        _once(work, patient_id, form, lambda: _weigh(work, patient_id, form))
    flash("Weight recorded.", "ok")
    return see_other(url_for("dosing.window", patient_id=patient_id))


@dosing.post("/dosing/<uuid:patient_id>/cows")
@requires(Permission.GIVE_DOSE)
def score_cows(patient_id: UUID) -> ResponseReturnValue:
    form = CowsForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("dosing/window", **_at_window(work, patient_id, cows_form=form)), 422
        _once(work, patient_id, form, lambda: _score(work, patient_id, form))
    flash("COWS recorded.", "ok")
    return see_other(url_for("dosing.window", patient_id=patient_id))


@dosing.post("/dosing/<uuid:patient_id>/spill/<uuid:dose_id>")
@requires(Permission.GIVE_DOSE)
def spill(patient_id: UUID, dose_id: UUID) -> ResponseReturnValue:
    return _take_back(patient_id, dose_id, SpillForm(), name="spill_form")


@dosing.post("/dosing/<uuid:patient_id>/void/<uuid:dose_id>")
@requires(Permission.GIVE_DOSE)
def void_here(patient_id: UUID, dose_id: UUID) -> ResponseReturnValue:
    return _take_back(patient_id, dose_id, VoidForm(), name="void_form")


@dosing.post("/dosing/<uuid:patient_id>/spill")
@requires(Permission.GIVE_DOSE)
def spill_poured(patient_id: UUID) -> ResponseReturnValue:
    """Poured and spilled before it was taken: the bottle loses it, the dose is still due."""
    form = WastePourForm()
    witness_id = signed_by(form) if form.validate() else None
    with begin_work() as work:
        if witness_id is None:
            return page("dosing/window", **_at_window(work, patient_id, spilled_form=form)), 422
        _once(work, patient_id, form, lambda: _spilled(work, patient_id, form, witness_id))
    flash("Recorded as spilled. Pour again; the dose is still to be given.", "attention")
    return see_other(url_for("dosing.window", patient_id=patient_id))


def _take_back(
    patient_id: UUID, dose_id: UUID, form: VoidForm, *, name: str
) -> ResponseReturnValue:
    """A dose taken back beside the dose itself; whether another may follow, the band says."""
    is_complete = form.validate()
    witness_id = signed_by(form) if is_complete else None
    with begin_work() as work:
        if witness_id is None:
            return page("dosing/window", **_at_window(work, patient_id, **{name: form})), 422
        _once(work, patient_id, form, lambda: _void(work, dose_id, form, witness_id))
    flash("Taken back. The poured volume is recorded as waste.", "ok")
    return see_other(url_for("dosing.window", patient_id=patient_id))


def _once(work: Work, patient_id: UUID, form: OnceForm, verb: Callable[[], Any]) -> None:
    once(
        work,
        key=given(form.idempotency_key.data),
        request={"patient_id": str(patient_id)} | form.request_values(),
        verb=lambda: {"done": verb()},
    )


def _give(work: Work, patient_id: UUID, form: GiveDoseForm) -> dict[str, Any]:
    return services.give_dose(
        work,
        patient_id=patient_id,
        order_number=given(form.order_number.data),
        window=window_number(),
        portion=given(form.portion.data),
        confirmed=form.confirmed.data or (),
        attested=Attestation(
            SecondIdentifier(form.identity.data),
            looks_well=bool(form.looks_well.data),
            signed_at=current_user.signed_at,
        ),
    ).to_json()


def _hold(work: Work, patient_id: UUID, form: HoldForm) -> UUID:
    return services.hold(
        work, patient_id=patient_id, reason=HoldReason(form.reason.data), note=form.note.data or ""
    )


def _screen(work: Work, patient_id: UUID, form: ScreenForm) -> bool:
    signs = [ImpairmentSign(value) for value in given(form.signs.data)]
    return services.record_screen(
        work, patient_id=patient_id, signs=signs, note=form.note.data or ""
    )


def _weigh(work: Work, patient_id: UUID, form: WeightForm) -> None:
    services.record_weight(work, patient_id=patient_id, weight_g=form.weight_g)


def _score(work: Work, patient_id: UUID, form: CowsForm) -> None:
    services.record_cows(work, patient_id=patient_id, score=given(form.score.data))


def _spilled(work: Work, patient_id: UUID, form: WastePourForm, witness_id: UUID) -> str:
    return str(
        services.spill_poured(
            work,
            patient_id=patient_id,
            window=window_number(),
            reason=given(form.reason.data),
            witness_id=witness_id,
        )
    )


def _void(work: Work, dose_id: UUID, form: VoidForm, witness_id: UUID) -> str:
    return str(
        services.void_dose(
            work,
            dose_id=dose_id,
            service_date=work.service_date,
            reason=VoidReason(form.reason.data),
            note=form.note.data or "",
            witness_id=witness_id,
        )
    )


def _said(answer: Any, *, replayed: bool) -> str:
    volume = f" ({answer['volume_ml']} mL)" if answer["volume_ml"] else ""
    what = f"{answer['dose_mg']} mg{volume} under order {answer['order_number']}"
    return f"Already recorded, once: {what}." if replayed else f"Given: {what}."


def _at_window(
    work: Work, patient_id: UUID, *, form: GiveDoseForm | None = None, **forms: Any
) -> dict[str, Any]:
    here = queries.at_window(work, patient_id=patient_id, window=window_number())
    order = here.facts.order
    last = line.last_checks(work, patient_id=patient_id)
    due = line.checks_due_for(work, here.facts, patient_id=patient_id, last=last)
    return {
        "banner": programs.chart_banner(work, patient_id=patient_id),
        "patient_id": patient_id,
        "here": here,
        "portion": f"{plain(order.portion_mg)} mg" if order else "",
        "form": _dose_form(here, form),
        "last_days": queries.last_days(work, patient_id=patient_id, day=work.service_date),
        "window": window_number(),
        "checks": {check.kind.value: check for check in due},
        "screen_due": any(check.kind is CheckKind.IMPAIRMENT for check in due),
        "last_checks": last,
        "is_elsewhere": any(one.code == ELSEWHERE for one in here.decision.stops),
        "standing": _standing(here.facts.doses),
        "bottles": take_homes.bottles_of(
            work, patient_id=patient_id, states=[BottleState.PREPARED]
        ),
        "empties": take_homes.empties_expected(work, patient_id=patient_id, day=work.service_date),
        **pour_shown(work, patient_id=patient_id, facts=here.facts),
        **_may(work),
        **_other_forms(forms),
    }


def _may(work: Work) -> dict[str, Any]:
    gives = work.actor.may(Permission.GIVE_DOSE)
    return {
        "may_give": gives,
        "may_hold": gives or work.actor.may(Permission.ORDER_MEDICATION),
        "lock_seconds": staff.lock_policy(work).idle_seconds if gives else None,
    }


def _dose_form(here: AtWindow, form: GiveDoseForm | None) -> GiveDoseForm:
    order = here.facts.order
    form = form or GiveDoseForm(
        formdata=None,
        order_number=order.number if order else None,
        portion=here.facts.portion,
    )
    form.ask(here.decision)
    return form


def _other_forms(sent: dict[str, Any]) -> dict[str, Any]:
    """The panels of the page; the one just refused keeps what was typed."""
    blank = {
        "hold_form": HoldForm,
        "screen_form": ScreenForm,
        "weight_form": WeightForm,
        "cows_form": CowsForm,
        "spill_form": SpillForm,
        "void_form": VoidForm,
        "spilled_form": WastePourForm,
    }
    return {name: sent.get(name) or make(formdata=None) for name, make in blank.items()}


def _standing(doses: tuple[DoseGiven, ...]) -> DoseGiven | None:
    """The last dose of the day that can be taken back here."""
    ours = [dose for dose in doses if dose.voided is None and dose.order_number]
    return ours[-1] if ours else None
