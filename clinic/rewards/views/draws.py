"""Prize draws and their receipts."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.errors import NotFound
from clinic.core.money import dollars
from clinic.core.permissions import Permission
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.programs import queries as programs
from clinic.rewards import queries, services
from clinic.rewards.facts import (
    OpenDraw,
    RecordedDraw,
)
from clinic.rewards.forms import DrawForm
from clinic.rewards.views.blueprint import rewards
from clinic.web.edge import begin_work
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires


@rewards.get("/patients/<uuid:patient_id>/rewards/visits/<uuid:visit_id>/draw")
@requires(Permission.VIEW_REWARDS)
def draw(patient_id: UUID, visit_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        if queries.drawn(work, patient_id=patient_id, visit_id=visit_id):
            return see_other(_receipt_url(patient_id, visit_id))
        return _draw_page(work, patient_id, visit_id, DrawForm(formdata=None))


@rewards.post("/patients/<uuid:patient_id>/rewards/visits/<uuid:visit_id>/draw")
@requires(Permission.REDEEM_REWARD)
def draw_slips(patient_id: UUID, visit_id: UUID) -> ResponseReturnValue:
    form = DrawForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return _draw_page(work, patient_id, visit_id, form), 422
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request={"patient_id": patient_id, "visit_id": visit_id} | form.request_values(),
            verb=lambda: _draw(work, patient_id, visit_id, form),
        )
    flash(f"{answer.values['sentence']} Balance {dollars(answer.values['balance_cents'])}.", "ok")
    return see_other(_receipt_url(patient_id, visit_id, first=True))


@rewards.get("/patients/<uuid:patient_id>/rewards/visits/<uuid:visit_id>/receipt")
@requires(Permission.VIEW_REWARDS)
def receipt(patient_id: UUID, visit_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        banner = programs.chart_banner(work, patient_id=patient_id)
        audit.record(work, action="chart.view", subject="draw receipt", patient_id=patient_id)
        found = _recorded_draw(work, patient_id, visit_id)
        card = queries.card(work, patient_id=patient_id)
    text = json.dumps(found.receipt.to_json(), indent=2, ensure_ascii=False)
    if request.args.get("format") == "json":
        return _json_file(f"draw-{visit_id}", text)
    return page(
        "rewards/receipt",
        banner=banner,
        patient_id=patient_id,
        tab="rewards",
        drawn=found,
        card=card,
        text=text,
        first="first" in request.args,
    )


def _draw(work: Work, patient_id: UUID, visit_id: UUID, form: DrawForm) -> dict[str, Any]:
    prizes = services.draw_prizes(
        work, patient_id=patient_id, visit_id=visit_id, choice=given(form.choice.data)
    )
    return {"sentence": prizes.sentence, "balance_cents": prizes.balance_cents}


def _draw_page(work: Work, patient_id: UUID, visit_id: UUID, form: DrawForm) -> str:
    banner = programs.chart_banner(work, patient_id=patient_id)
    audit.record(work, action="chart.view", subject="prize draw", patient_id=patient_id)
    return page(
        "rewards/draw",
        banner=banner,
        patient_id=patient_id,
        tab="rewards",
        waiting=_open_draw(work, patient_id, visit_id),
        form=form,
        may_draw=work.actor.may(Permission.REDEEM_REWARD),
    )


def _open_draw(work: Work, patient_id: UUID, visit_id: UUID) -> OpenDraw:
    waiting = queries.open_draw(work, patient_id=patient_id, visit_id=visit_id)
    if waiting is None:
        raise NotFound("draw")
    return waiting


def _recorded_draw(work: Work, patient_id: UUID, visit_id: UUID) -> RecordedDraw:
    found = queries.drawn(work, patient_id=patient_id, visit_id=visit_id)
    if found is None:
        raise NotFound("draw")
    return found


def _receipt_url(patient_id: UUID, visit_id: UUID, *, first: bool = False) -> str:
    """``first``: the slips come out of the bowl one by one."""
    return url_for(
        "rewards.receipt", patient_id=patient_id, visit_id=visit_id, first=1 if first else None
    )


def _json_file(name: str, text: str) -> Response:
    return Response(
        text,
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}.json"'},
    )
