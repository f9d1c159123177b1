"""What moves in a patient's account: redemptions, voids, the statement."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, request, url_for
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
    StatementLine,
    TransferKind,
)
from clinic.rewards.forms import EnrolForm, RedeemForm, VoidForm
from clinic.rewards.views.blueprint import rewards
from clinic.rewards.views.card import card_page
from clinic.web.edge import begin_work
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

STATEMENT_COLUMNS: tuple[Column[StatementLine], ...] = (
    Column("Date", lambda line: line.service_date.isoformat()),
    Column("What", lambda line: line.text),
    Column("Change", lambda line: dollars(line.change_cents), align="end"),
    Column("Balance", lambda line: dollars(line.balance_cents), align="end"),
    Column("Voided", lambda line: "voided" if line.is_voided else ""),
    Column("Recorded by", lambda line: line.recorded_by_name),
)


@rewards.post("/patients/<uuid:patient_id>/rewards/redemptions")
@requires(Permission.REDEEM_REWARD)
def redeem(patient_id: UUID) -> ResponseReturnValue:
    form = RedeemForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return card_page(work, patient_id, enrol=EnrolForm(formdata=None), redeem=form), 422
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request={"patient_id": patient_id} | form.request_values(),
            verb=lambda: _redeem(work, patient_id, form),
        )
    left = dollars(answer.values["balance_cents"])
    flash(f"{dollars(form.amount_cents)} redeemed. Balance {left}.", "ok")
    return see_other(url_for("rewards.card", patient_id=patient_id))


@rewards.get("/patients/<uuid:patient_id>/rewards/statement")
@requires(Permission.VIEW_REWARDS)
def statement(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        banner = programs.chart_banner(work, patient_id=patient_id)
        audit.record(work, action="chart.view", subject="reward statement", patient_id=patient_id)
        lines = queries.statement(work, patient_id=patient_id)
    if request.args.get("format") == "csv":
        return csv_response("reward-statement", STATEMENT_COLUMNS, lines)
    return page(
        "rewards/statement",
        banner=banner,
        patient_id=patient_id,
        tab="rewards",
        lines=lines,
        columns=STATEMENT_COLUMNS,
    )


@rewards.get("/patients/<uuid:patient_id>/rewards/awards/<uuid:transfer_id>/void")
@requires(Permission.ENROL_REWARDS)
def void(patient_id: UUID, transfer_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        return _void_page(work, patient_id, transfer_id, VoidForm(formdata=None))


@rewards.post("/patients/<uuid:patient_id>/rewards/awards/<uuid:transfer_id>/void")
@requires(Permission.ENROL_REWARDS)
def void_award(patient_id: UUID, transfer_id: UUID) -> ResponseReturnValue:
    form = VoidForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return _void_page(work, patient_id, transfer_id, form), 422
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request={"patient_id": patient_id, "transfer_id": transfer_id} | form.request_values(),
            verb=lambda: _void(work, patient_id, transfer_id, form),
        )
    flash(f"Award voided. Balance {dollars(answer.values['balance_cents'])}.", "ok")
    return see_other(url_for("rewards.card", patient_id=patient_id))


def _redeem(work: Work, patient_id: UUID, form: RedeemForm) -> dict[str, Any]:
    redemption = services.redeem(
        work, patient_id=patient_id, amount_cents=form.amount_cents, memo=form.memo_line
    )
    return {"balance_cents": redemption.balance_cents}


def _void(work: Work, patient_id: UUID, transfer_id: UUID, form: VoidForm) -> dict[str, Any]:
    balance_cents = services.void_award(
        work, patient_id=patient_id, transfer_id=transfer_id, reason=given(form.reason.data)
    )
    return {"balance_cents": balance_cents}


def _void_page(work: Work, patient_id: UUID, transfer_id: UUID, form: VoidForm) -> str:
    banner = programs.chart_banner(work, patient_id=patient_id)
    audit.record(work, action="chart.view", subject="reward statement", patient_id=patient_id)
    lines = queries.statement(work, patient_id=patient_id)
    line = next((one for one in lines if one.transfer_id == transfer_id), None)
    if line is None or line.kind is not TransferKind.EARN:
        raise NotFound("award")
    return page(
        "rewards/void", banner=banner, patient_id=patient_id, tab="rewards", line=line, form=form
    )
