"""What is where: the overview, the bottles, one bottle, deliveries."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.core.permissions import Permission
from clinic.core.units import plain
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.staff.views.second_person import signed_by
from clinic.stock import queries, services
from clinic.stock.facts import StockMovementKind, StockPlace
from clinic.stock.forms import (
    BringInForm,
    MoveForm,
    PutBackForm,
    QuarantineForm,
    ReceiveForm,
    WasteForm,
    WindowForm,
)
from clinic.stock.papers import receipts_pdf
from clinic.stock.views.blueprint import site_line, stock
from clinic.stock.views.columns import (
    BOTTLE_COLUMNS,
    MOVEMENT_COLUMNS,
    RECEIPT_COLUMNS,
    SUPPLY_COLUMNS,
)
from clinic.stock.views.plot import level
from clinic.web import paper
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import OnceForm, given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import csv_response

_IN_USE = frozenset({StockPlace.WINDOW, StockPlace.PUMP, StockPlace.PREPARATION})


@stock.get("/stock")
@requires(Permission.VIEW_STOCK)
def overview() -> ResponseReturnValue:
    with begin_reading() as work:
        supplies = queries.supplies(work)
        if request.args.get("format") == "csv":
            return csv_response("stock", SUPPLY_COLUMNS, supplies)
        return page(
            "stock/overview",
            supplies=supplies,
            columns=SUPPLY_COLUMNS,
            unclosed=queries.unclosed_days(work),
            dues=queries.dues(work),
            today=work.service_date,
            may_manage=work.actor.may(Permission.MANAGE_STOCK),
            row_kind=lambda one: "attention" if one.is_low or one.expiring else None,
        )


@stock.get("/stock/bottles")
@requires(Permission.VIEW_DOSING)
def bottles() -> ResponseReturnValue:
    with begin_reading() as work:
        shown = _bottles(work, BringInForm(formdata=None))
    if request.args.get("format") == "csv":
        return csv_response("bottles", BOTTLE_COLUMNS, shown["bottles"])
    return page("stock/bottles", **shown)


@stock.post("/stock/bottles")
@requires(Permission.MANAGE_STOCK)
def bring_in() -> ResponseReturnValue:
    form = BringInForm()
    is_complete = form.validate()
    witness_id = signed_by(form) if is_complete else None
    with begin_work() as work:
        if witness_id is None:
            return page("stock/bottles", **_bottles(work, form)), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request=form.request_values(),
            verb=lambda: _bring_in(work, form, witness_id),
        )
    flash(f"On record as in hand: lot {form.lot.data}, {form.spot.label.lower()}.", "ok")
    return see_other(url_for("stock.bottles"))


@stock.get("/stock/bottles/<uuid:bottle_id>")
@requires(Permission.VIEW_STOCK)
def bottle(bottle_id: UUID) -> ResponseReturnValue:
    with begin_reading() as work:
        shown = _bottle(work, bottle_id, WasteForm(formdata=None))
    if request.args.get("format") == "csv":
        return csv_response("bottle", MOVEMENT_COLUMNS, shown["history"])
    return page("stock/bottle", **shown)


@stock.post("/stock/bottles/<uuid:bottle_id>/open")
@requires(Permission.MANAGE_STOCK)
def open_at(bottle_id: UUID) -> ResponseReturnValue:
    form = WindowForm()
    return _act(bottle_id, form, lambda work: _open_at(work, bottle_id, form), "Open.")


@stock.post("/stock/bottles/<uuid:bottle_id>/put-back")
@requires(Permission.MANAGE_STOCK)
def put_back(bottle_id: UUID) -> ResponseReturnValue:
    return _act(
        bottle_id,
        PutBackForm(),
        lambda work: services.put_back(work, bottle_id=bottle_id),
        "Back in the safe with what is left.",
    )


@stock.post("/stock/bottles/<uuid:bottle_id>/move")
@requires(Permission.MANAGE_STOCK)
def move(bottle_id: UUID) -> ResponseReturnValue:
    form = MoveForm()
    return _act(bottle_id, form, lambda work: _move(work, bottle_id, form), "Carried there.")


@stock.post("/stock/bottles/<uuid:bottle_id>/quarantine")
@requires(Permission.MANAGE_STOCK)
def quarantine(bottle_id: UUID) -> ResponseReturnValue:
    form = QuarantineForm()
    return _act(
        bottle_id,
        form,
        lambda work: services.quarantine(work, bottle_id=bottle_id, reason=given(form.reason.data)),
        "In quarantine until two people waste it.",
    )


@stock.post("/stock/bottles/<uuid:bottle_id>/waste")
@requires(Permission.MANAGE_STOCK)
def waste(bottle_id: UUID) -> ResponseReturnValue:
    form = WasteForm()
    is_complete = form.validate()
    witness_id = signed_by(form) if is_complete else None
    with begin_work() as work:
        if witness_id is None:
            return page("stock/bottle", **_bottle(work, bottle_id, form)), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"bottle_id": str(bottle_id)} | form.request_values(),
            verb=lambda: _waste(work, bottle_id, form, witness_id),
        )
    flash("Recorded before two people.", "ok")
    return see_other(url_for("stock.bottle", bottle_id=bottle_id))


@stock.get("/stock/receive")
@requires(Permission.VIEW_STOCK)
def receiving() -> ResponseReturnValue:
    with begin_reading() as work:
        shown = _receiving(work, ReceiveForm(formdata=None))
    if request.args.get("format") == "csv":
        return csv_response("deliveries", RECEIPT_COLUMNS, shown["receipts"])
    return page("stock/receiving", **shown)


@stock.get("/stock/receive/paper")
@requires(Permission.VIEW_STOCK)
def receiving_paper() -> ResponseReturnValue:
    """The deliveries, each with the order form it came on."""
    with begin_reading() as work:
        found = queries.receipts(work, shown=None)
        sheet = receipts_pdf(found, site=site_line(work), printed=paper.printed_by(work))
    return paper.pdf_response("deliveries", sheet)


@stock.post("/stock/receive")
@requires(Permission.MANAGE_STOCK)
def receive() -> ResponseReturnValue:
    form = ReceiveForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("stock/receiving", **_receiving(work, form)), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request=form.request_values(),
            verb=lambda: {"receipt_id": str(services.receive(work, delivery=_delivery(form)))},
        )
    flash(f"In the safe: {form.bottles.data} of lot {form.lot.data}.", "ok")
    return see_other(url_for("stock.receiving"))


def _act(bottle_id: UUID, form: OnceForm, verb: Any, said: str) -> ResponseReturnValue:
    """One verb on one bottle, once, and back to the bottle's page."""
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            shown = _bottle(work, bottle_id, WasteForm(formdata=None))
            return page("stock/bottle", **shown), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"bottle_id": str(bottle_id)} | form.request_values(),
            verb=lambda: verb(work) or {},
        )
    flash(said, "ok")
    return see_other(url_for("stock.bottle", bottle_id=bottle_id))


def _bottles(work: Work, form: BringInForm) -> dict[str, Any]:
    return {
        "bottles": queries.bottles(work),
        "columns": BOTTLE_COLUMNS,
        "form": form,
        "may_manage": work.actor.may(Permission.MANAGE_STOCK),
        "today": work.service_date,
        "bottle_link": lambda one: url_for("stock.bottle", bottle_id=one.id),
    }


def _bottle(work: Work, bottle_id: UUID, form: WasteForm) -> dict[str, Any]:
    one = queries.bottle(work, bottle_id=bottle_id)
    history = queries.history(work, bottle_id=bottle_id)
    may = work.actor.may(Permission.MANAGE_STOCK) and one.closed_at is None
    return {
        "bottle": one,
        "history": history,
        "columns": MOVEMENT_COLUMNS,
        "plot": level(one, history),
        "levels": [[f"{row.at:%d %b %H:%M}", plain(row.balance)] for row in history],
        "held": plain(one.held),
        "form": form,
        "window_form": WindowForm(formdata=None),
        "quarantine_form": QuarantineForm(formdata=None),
        "put_back_form": PutBackForm(formdata=None),
        "move_form": MoveForm(formdata=None),
        "may_open": may and one.spot.place is StockPlace.SAFE,
        "may_put_back": may and one.spot.place in _IN_USE,
        "may_move": may and one.spot.place in {StockPlace.SAFE, *_IN_USE},
        "may_quarantine": may and one.spot.place is not StockPlace.QUARANTINE,
        "may_waste": may and one.held > 0,
    }


def _receiving(work: Work, form: ReceiveForm) -> dict[str, Any]:
    return {
        "receipts": queries.receipts(work),
        "columns": RECEIPT_COLUMNS,
        "form": form,
        "may_manage": work.actor.may(Permission.MANAGE_STOCK),
    }


def _bring_in(work: Work, form: BringInForm, witness_id: UUID) -> dict[str, Any]:
    bottle_id = services.bring_in_hand(
        work,
        code=given(form.product.data),
        lot=given(form.lot.data),
        expires_on=form.expires_on.data,
        amount=given(form.amount.data),
        spot=form.spot,
        witness_id=witness_id,
    )
    return {"bottle_id": str(bottle_id)}


def _move(work: Work, bottle_id: UUID, form: MoveForm) -> None:
    services.move(work, bottle_id=bottle_id, goal=form.spot, reason=form.reason.data or "")


def _open_at(work: Work, bottle_id: UUID, form: WindowForm) -> None:
    services.open_at(work, bottle_id=bottle_id, window=given(form.window.data))


def _waste(work: Work, bottle_id: UUID, form: WasteForm, witness_id: UUID) -> dict[str, Any]:
    what = queries.bottle(work, bottle_id=bottle_id).product
    balance = services.waste(
        work,
        bottle_id=bottle_id,
        quantity=services.quantity_of(what, given(form.amount.data)),
        witness_id=witness_id,
        reason=given(form.reason.data),
        kind=StockMovementKind(form.kind.data),
    )
    return {"balance": balance}


def _delivery(form: ReceiveForm) -> services.Delivery:
    return services.Delivery(
        product=given(form.product.data),
        lot=given(form.lot.data),
        expires_on=given(form.expires_on.data),
        bottles=given(form.bottles.data),
        size=given(form.size.data),
        supplier=given(form.supplier.data),
        supplier_registration=form.supplier_registration.data or "",
        order_form=form.order_form.data or "",
        invoice=form.invoice.data or "",
        ndc=form.ndc.data or "",
    )
