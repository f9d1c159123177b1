"""What moves in a patient's account: hand-overs, what is taken back, the statement."""

from __future__ import annotations

from collections.abc import Callable
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
from clinic.patients.facts import Banner
from clinic.programs import queries as programs
from clinic.rewards import queries, services
from clinic.rewards.facts import HandedOver, StatementLine, TransferKind
from clinic.rewards.forms import GoodsForm, HandOverForm, PatientPinForm, VoidForm
from clinic.rewards.forms.ledger import SignedForm
from clinic.rewards.views.blueprint import rewards
from clinic.rewards.views.signatures import Signed, signatures
from clinic.sites import queries as sites
from clinic.staff.views.second_person import signed_by
from clinic.web import passwords
from clinic.web.edge import begin_work
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.paper import Facts, Table, paper, pdf_response, printed_by
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
_PAPER_WIDTHS = (58, 260, 60, 60, 40, 90)
_MONEY = frozenset({2, 3})


@rewards.get("/patients/<uuid:patient_id>/rewards/redeem")
@requires(Permission.REDEEM_REWARD)
def redemption(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        return _redemption_page(
            work, patient_id, HandOverForm(formdata=None), GoodsForm(formdata=None)
        )


@rewards.post("/patients/<uuid:patient_id>/rewards/redeem")
@requires(Permission.REDEEM_REWARD)
def hand_over(patient_id: UUID) -> ResponseReturnValue:
    form = HandOverForm()
    signed = signatures(form, patient_id=patient_id)
    with begin_work() as work:
        if signed is None:
            return _redemption_page(work, patient_id, form, GoodsForm(formdata=None)), 422
        answer = _once(
            work,
            form,
            {"patient_id": patient_id},
            lambda: _told(_hand_over(work, patient_id, form, signed)),
        )
    flash(answer["sentence"], "ok")
    return see_other(url_for("rewards.redemption", patient_id=patient_id))


@rewards.post("/patients/<uuid:patient_id>/rewards/redemptions")
@requires(Permission.REDEEM_REWARD)
def redeem(patient_id: UUID) -> ResponseReturnValue:
    form = GoodsForm()
    signed = signatures(form, patient_id=patient_id)
    with begin_work() as work:
        if signed is None:
            return _redemption_page(work, patient_id, HandOverForm(formdata=None), form), 422
        answer = _once(
            work,
            form,
            {"patient_id": patient_id},
            lambda: _told(_hand_over_goods(work, patient_id, form, signed)),
        )
    flash(answer["sentence"], "ok")
    return see_other(url_for("rewards.redemption", patient_id=patient_id))


@rewards.post("/patients/<uuid:patient_id>/rewards/pin")
@requires(Permission.REDEEM_REWARD)
def set_pin(patient_id: UUID) -> ResponseReturnValue:
    form = PatientPinForm()
    hashed = passwords.hash_of(given(form.pin.data)) if form.validate() else None
    with begin_work() as work:
        if hashed is None:
            blank = HandOverForm(formdata=None), GoodsForm(formdata=None)
            return _redemption_page(work, patient_id, *blank, form), 422
        services.set_pin(work, patient_id=patient_id, pin_hash=hashed)
    flash("The patient can sign with this PIN from now on.", "ok")
    return see_other(url_for("rewards.redemption", patient_id=patient_id))


@rewards.get("/patients/<uuid:patient_id>/rewards/statement")
@requires(Permission.VIEW_REWARDS)
def statement(patient_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        banner = programs.chart_banner(work, patient_id=patient_id)
        audit.record(work, action="chart.view", subject="reward statement", patient_id=patient_id)
        lines = queries.statement(work, patient_id=patient_id)
        if request.args.get("format") == "pdf":
            return _statement_paper(work, banner, lines)
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
@requires(Permission.VOID_REWARD)
def void(patient_id: UUID, transfer_id: UUID) -> ResponseReturnValue:
    with begin_work() as work:
        return _void_page(work, patient_id, transfer_id, VoidForm(formdata=None))


@rewards.post("/patients/<uuid:patient_id>/rewards/awards/<uuid:transfer_id>/void")
@requires(Permission.VOID_REWARD)
def void_award(patient_id: UUID, transfer_id: UUID) -> ResponseReturnValue:
    form = VoidForm()
    second_id = signed_by(form) if form.validate() else None
    with begin_work() as work:
        if second_id is None:
            return _void_page(work, patient_id, transfer_id, form), 422
        answer = _once(
            work,
            form,
            {"patient_id": patient_id, "transfer_id": transfer_id},
            lambda: _take_back(work, patient_id, transfer_id, form, second_id),
        )
    flash(answer["sentence"], "ok")
    return see_other(url_for("rewards.card", patient_id=patient_id))


def _once(
    work: Work, form: SignedForm | VoidForm, of: dict[str, Any], verb: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    answer = once(
        work,
        key=given(form.idempotency_key.data),
        request=of | form.request_values(),
        verb=verb,
    )
    return dict(answer.values)


def _hand_over(work: Work, patient_id: UUID, form: HandOverForm, signed: Signed) -> HandedOver:
    return services.hand_over(
        work,
        patient_id=patient_id,
        serial=given(form.serial.data),
        amount_cents=form.amount_cents,
        signature=form.signature(signed.pin_id),
        second_person_id=signed.second_id,
    )


def _hand_over_goods(work: Work, patient_id: UUID, form: GoodsForm, signed: Signed) -> HandedOver:
    return services.hand_over_goods(
        work,
        patient_id=patient_id,
        amount_cents=form.amount_cents,
        memo=form.memo_line,
        signature=form.signature(signed.pin_id),
        second_person_id=signed.second_id,
    )


def _told(handed: HandedOver) -> dict[str, Any]:
    left = dollars(handed.left_on_item_cents)
    card = f" {left} is left on the card." if handed.left_on_item_cents else ""
    return {
        "sentence": f"{dollars(handed.amount_cents)} redeemed.{card}"
        f" Balance {dollars(handed.balance_cents)}."
    }


def _take_back(
    work: Work, patient_id: UUID, transfer_id: UUID, form: VoidForm, second_id: UUID
) -> dict[str, Any]:
    line = _line(work, patient_id, transfer_id)
    is_award = line.kind is TransferKind.EARN
    verb = services.void_award if is_award else services.take_back
    balance_cents = verb(
        work,
        patient_id=patient_id,
        transfer_id=transfer_id,
        reason=given(form.reason.data),
        approved_by=second_id,
    )
    what = "Award voided." if is_award else "Returned."
    return {"sentence": f"{what} Balance {dollars(balance_cents)}."}


def _redemption_page(
    work: Work,
    patient_id: UUID,
    hand_over: HandOverForm,
    goods: GoodsForm,
    pin_form: PatientPinForm | None = None,
) -> str:
    banner = programs.chart_banner(work, patient_id=patient_id)
    audit.record(work, action="chart.view", subject="reward redemption", patient_id=patient_id)
    return page(
        "rewards/redemption",
        banner=banner,
        patient_id=patient_id,
        tab="rewards",
        balance_cents=queries.balance_cents(work, patient_id=patient_id),
        instruments=[one for one in queries.instruments(work) if one.in_stock],
        terms=queries.redemption_terms(work, on=work.service_date),
        handovers=queries.handovers(work, patient_id=patient_id),
        hand_over_form=hand_over,
        goods_form=goods,
        pin=queries.pin_of(work, patient_id=patient_id),
        pin_form=pin_form or PatientPinForm(formdata=None),
        may_return=work.actor.may(Permission.VOID_REWARD),
    )


def _void_page(work: Work, patient_id: UUID, transfer_id: UUID, form: VoidForm) -> str:
    banner = programs.chart_banner(work, patient_id=patient_id)
    audit.record(work, action="chart.view", subject="reward statement", patient_id=patient_id)
    line = _line(work, patient_id, transfer_id)
    return page(
        "rewards/void",
        banner=banner,
        patient_id=patient_id,
        tab="rewards",
        line=line,
        is_award=line.kind is TransferKind.EARN,
        form=form,
    )


def _line(work: Work, patient_id: UUID, transfer_id: UUID) -> StatementLine:
    lines = queries.statement(work, patient_id=patient_id)
    line = next((one for one in lines if one.transfer_id == transfer_id), None)
    if line is None or line.kind not in {TransferKind.EARN, TransferKind.REDEEM}:
        raise NotFound("transfer")
    return line


def _statement_paper(work: Work, banner: Banner, lines: tuple[StatementLine, ...]) -> Response:
    balance = dollars(lines[-1].balance_cents if lines else 0)
    rows = [[column.cell(line) for column in STATEMENT_COLUMNS] for line in lines]
    data = paper(
        title="Reward statement",
        subtitle=f"{banner.last_name}, {banner.first_name} {banner.code}",
        site=sites.site(work).name,
        printed=printed_by(work),
        blocks=[
            Facts([("Balance", balance), ("Lines", len(lines))]),
            Table(
                [column.label for column in STATEMENT_COLUMNS],
                rows,
                widths=_PAPER_WIDTHS,
                numeric=_MONEY,
                empty="Nothing has been earned yet.",
            ),
        ],
    )
    return pdf_response("reward-statement", data)
