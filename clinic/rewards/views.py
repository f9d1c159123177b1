"""A patient's reward card, prize draws and statement, and the program's rewards."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.actors import Actor
from clinic.core.errors import NotFound
from clinic.core.money import dollars
from clinic.core.permissions import Permission
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.programs import queries as programs
from clinic.rewards import queries, services
from clinic.rewards.facts import (
    PROTOCOLS,
    OpenDraw,
    PathPoint,
    PrizeProtocol,
    RecordedDraw,
    RewardCard,
    RewardedPatient,
    StatementLine,
    TransferKind,
    VisitOutcome,
)
from clinic.rewards.forms import DrawForm, EnrolForm, RedeemForm, VoidForm
from clinic.web.edge import begin_work
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

rewards = Blueprint("rewards", __name__)

LATEST = 8
"""Lines on the card; the statement has all of them."""

STATEMENT_COLUMNS: tuple[Column[StatementLine], ...] = (
    Column("Date", lambda line: line.service_date.isoformat()),
    Column("What", lambda line: line.text),
    Column("Change", lambda line: dollars(line.change_cents), align="end"),
    Column("Balance", lambda line: dollars(line.balance_cents), align="end"),
    Column("Voided", lambda line: "voided" if line.is_voided else ""),
    Column("Recorded by", lambda line: line.recorded_by_name),
)

OVERVIEW_COLUMNS: tuple[Column[RewardedPatient], ...] = (
    Column("Patient", lambda one: one.name),
    Column("Protocol", lambda one: one.protocol or "ended; a balance is left"),
    Column(
        "Visits",
        lambda one: f"{one.visits_done} of {one.visits_scheduled}" if one.protocol else "",
        align="end",
    ),
    Column("In a row", lambda one: one.in_a_row, align="end"),
    Column("Balance", lambda one: dollars(one.balance_cents), align="end"),
    Column("Paid this month", lambda one: dollars(one.paid_this_month_cents), align="end"),
    Column("Paid this year", lambda one: dollars(one.paid_this_year_cents), align="end"),
    Column("Yearly cap", lambda one: dollars(one.cap_cents), align="end"),
    Column("Cap", lambda one: "near" if one.is_near_cap else ""),
)


@rewards.get("/rewards")
@requires(Permission.VIEW_REWARDS)
def overview() -> ResponseReturnValue:
    with begin_work() as work:
        audit.record(work, action="rewards.overview", subject="rewards of the program")
        found = queries.overview(work)
    if request.args.get("format") == "csv":
        return csv_response("rewards", OVERVIEW_COLUMNS, found.patients)
    return page(
        "rewards/overview",
        overview=found,
        columns=OVERVIEW_COLUMNS,
        link=lambda one: url_for("rewards.card", patient_id=one.patient_id),
        kind=lambda one: "attention" if one.is_near_cap else None,
    )


@rewards.get("/patients/<uuid:patient_id>/rewards")
@requires(Permission.VIEW_REWARDS)
def card(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        return _card_page(
            work, patient_id, enrol=EnrolForm(formdata=None), redeem=RedeemForm(formdata=None)
        )


@rewards.post("/patients/<uuid:patient_id>/rewards/enrolment")
@requires(Permission.ENROL_REWARDS)
def enrol(patient_id: UUID) -> ResponseReturnValue:
    form = EnrolForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return _card_page(work, patient_id, enrol=form, redeem=RedeemForm(formdata=None)), 422
        services.enrol(work, patient_id=patient_id, protocol_code=form.protocol.data)
    flash(f"Enrolled: {PROTOCOLS[form.protocol.data].title}.", "ok")
    return see_other(url_for("rewards.card", patient_id=patient_id))


@rewards.post("/patients/<uuid:patient_id>/rewards/redemptions")
@requires(Permission.REDEEM_REWARD)
def redeem(patient_id: UUID) -> ResponseReturnValue:
    form = RedeemForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return _card_page(work, patient_id, enrol=EnrolForm(formdata=None), redeem=form), 422
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
    return see_other(_receipt_url(patient_id, visit_id))


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
    )


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


def _receipt_url(patient_id: UUID, visit_id: UUID) -> str:
    return url_for("rewards.receipt", patient_id=patient_id, visit_id=visit_id)


def _json_file(name: str, text: str) -> Response:
    return Response(
        text,
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}.json"'},
    )


def _card_page(work: Work, patient_id: UUID, *, enrol: EnrolForm, redeem: RedeemForm) -> str:
    banner = programs.chart_banner(work, patient_id=patient_id)
    audit.record(work, action="chart.view", subject="rewards", patient_id=patient_id)
    found = queries.card(work, patient_id=patient_id)
    decisions = {
        code: queries.may_enrol_in(work, protocol, patient_id=patient_id)
        for code, protocol in PROTOCOLS.items()
        if not found.is_open
    }
    return page(
        "rewards/card",
        banner=banner,
        patient_id=patient_id,
        tab="rewards",
        card=found,
        plot=_plot(found) if found.path else None,
        plot_rows=_plot_rows(found),
        latest=found.lines[::-1][:LATEST],
        enrol_form=enrol,
        redeem_form=redeem,
        enrol_decision=next(
            (decision for decision in decisions.values() if decision),
            next(iter(decisions.values()), None),
        ),
        may_enrol=work.actor.may(Permission.ENROL_REWARDS),
        receipts=[visit for visit in found.visits[::-1] if visit.is_drawn],
        may_redeem=work.actor.may(Permission.REDEEM_REWARD),
        may_void=lambda line: _may_void(work.actor, line),
    )


def _may_void(actor: Actor, line: StatementLine) -> bool:
    is_standing_award = line.kind is TransferKind.EARN and not line.is_voided
    return (
        is_standing_award and actor.may(Permission.ENROL_REWARDS) and line.recorded_by != actor.id
    )


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


def _plot(card: RewardCard) -> dict[str, Any]:
    """Each visit's level as steps, slips marked, excused visits left out, the rest dotted."""
    judged = [point for point in card.path if point.outcome is not None]
    ahead = card.path[len(judged) :]
    slips = {VisitOutcome.POSITIVE, VisitOutcome.MISSED}
    counts_draws = card.enrolment is not None and isinstance(card.enrolment.protocol, PrizeProtocol)

    def level(point: PathPoint) -> float:
        return point.draws if counts_draws else point.level_cents / 100

    last = [level(judged[-1])] if judged and ahead else []
    return {
        "xAxis": {"type": "category", "name": "Visit", "data": [p.number for p in card.path]},
        "yAxis": {"type": "value", "name": "Draws" if counts_draws else "Dollars"},
        "series": [
            {
                "type": "line",
                "step": "middle",
                "name": "Earned",
                "color": "brand",
                "connectNulls": True,
                "data": [
                    None if point.outcome is VisitOutcome.EXCUSED else level(point)
                    for point in judged
                ],
            },
            {
                "type": "line",
                "step": "middle",
                "name": "Ahead, if negative",
                "color": "neutral",
                "showSymbol": False,
                "lineStyle": {"type": "dotted"},
                "data": [None] * (len(judged) - len(last))
                + last
                + [level(point) for point in ahead],
            },
            {
                "type": "scatter",
                "name": "Positive or missed",
                "symbol": "triangle",
                "color": "attention",
                "data": [0 if point.outcome in slips else None for point in judged],
            },
        ],
    }


def _plot_rows(card: RewardCard) -> list[tuple[int, str, str, str]]:
    """The numbers behind the plot: visit, outcome, paid, sentence."""
    return [
        (visit.number, visit.outcome.label, dollars(visit.amount_cents), visit.sentence)
        for visit in card.visits
    ]
