"""Count what is there, count again blind, and take the inventory."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.core.errors import NotFound
from clinic.core.permissions import Permission
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.sites import queries as sites
from clinic.staff.views.second_person import signed_by
from clinic.stock import queries, services
from clinic.stock.facts import CountLine, CountMoment, CountState
from clinic.stock.forms import CountForm, InventoryForm, SecondCountForm
from clinic.stock.papers import inventory_pdf
from clinic.stock.views.blueprint import read_spot, site_line, stock
from clinic.web import paper
from clinic.web.days import read_day
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

SAID = {
    CountState.SETTLED: ("Counted.", "ok"),
    CountState.NEEDS_SECOND: ("Counted. A second person must count this, without a hint.", "info"),
    CountState.DISAGREES: ("The two counts differ. Count it again from the start.", "attention"),
}

INVENTORY_COLUMNS: tuple[Column[Any], ...] = (
    Column("Product", lambda line: line.product.name),
    Column("Schedule", lambda line: line.product.schedule.label),
    Column("Where", lambda line: line.place),
    Column("Counted", lambda line: line.product.said(line.quantity), align="end"),
    Column("mg", lambda line: line.product.milligrams(line.quantity), align="end"),
)


@stock.get("/stock/count/<moment>")
@requires(Permission.MANAGE_STOCK)
def count(moment: str) -> ResponseReturnValue:
    with begin_reading() as work:
        return page("stock/count", **_count(work, _moment(moment)))


@stock.post("/stock/count/<moment>")
@requires(Permission.MANAGE_STOCK)
def record_count(moment: str) -> ResponseReturnValue:
    form = CountForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("stock/count", **_count(work, _moment(moment), wrong=form)), 422
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request={"moment": moment} | form.request_values(),
            verb=lambda: _record(work, form, _moment(moment)),
        )
    flash(*SAID[CountState(answer.values["state"])])
    return see_other(url_for("stock.count", moment=moment))


@stock.post("/stock/count/<moment>/<uuid:count_id>/second")
@requires(Permission.MANAGE_STOCK)
def second_count(moment: str, count_id: UUID) -> ResponseReturnValue:
    form = SecondCountForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("stock/count", **_count(work, _moment(moment))), 422
        answer = once(
            work,
            key=given(form.idempotency_key.data),
            request={"count_id": str(count_id)} | form.request_values(),
            verb=lambda: _record_second(work, form, count_id),
        )
    flash(*SAID[CountState(answer.values["state"])])
    return see_other(url_for("stock.count", moment=moment))


@stock.get("/stock/inventory")
@requires(Permission.VIEW_STOCK)
def inventory() -> ResponseReturnValue:
    with begin_reading() as work:
        shown = _inventory(work, InventoryForm(formdata=None))
    if request.args.get("format") == "csv":
        lines = shown["latest"].lines if shown["latest"] else ()
        return csv_response("inventory", INVENTORY_COLUMNS, lines)
    return page("stock/inventory", **shown)


@stock.get("/stock/inventory/<day>/paper")
@requires(Permission.VIEW_STOCK)
def inventory_paper(day: str) -> ResponseReturnValue:
    """The inventory of a day with a line for each of the two to sign."""
    with begin_reading() as work:
        on = read_day(day, otherwise=work.service_date)
        taken = queries.inventory(work, taken_on=on)
        sheet = inventory_pdf(taken, site=site_line(work), printed=paper.printed_by(work))
    return paper.pdf_response(f"inventory-{on}", sheet)


@stock.post("/stock/inventory")
@requires(Permission.MANAGE_STOCK)
def take_inventory() -> ResponseReturnValue:
    form = InventoryForm()
    is_complete = form.validate()
    witness_id = signed_by(form) if is_complete else None
    with begin_work() as work:
        if witness_id is None:
            return page("stock/inventory", **_inventory(work, form)), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request=form.request_values(),
            verb=lambda: _take(work, form, witness_id),
        )
    flash("The inventory is on record.", "ok")
    return see_other(url_for("stock.inventory"))


def _moment(text: str) -> CountMoment:
    try:
        return CountMoment(text)
    except ValueError:
        raise NotFound("count") from None


def _count(work: Work, moment: CountMoment, wrong: CountForm | None = None) -> dict[str, Any]:
    """A row for each product and place, blind: nobody sees what the book or another counted."""
    lines = queries.count_lines(work, day=work.service_date, moment=moment)
    rows = [_row(work, line, wrong) for line in lines]
    return {
        "moment": moment,
        "moments": list(CountMoment),
        "rows": rows,
        "left": sum(row["may_count"] or row["may_second"] for row in rows),
        "today": work.service_date,
    }


def _row(work: Work, line: CountLine, wrong: CountForm | None) -> dict[str, Any]:
    first = line.first
    is_mine = first is not None and first.by_id == work.actor.id
    data = {"product": line.product.code, "spot": line.spot.code}
    form = CountForm(formdata=None, data=data)
    if wrong is not None and (wrong.product.data, wrong.spot.data) == tuple(data.values()):
        form = wrong
    open_states = {CountState.NOT_COUNTED, CountState.DISAGREES}
    is_first_small = line.state is CountState.SETTLED and line.second is None
    return {
        "line": line,
        "place": line.spot.label,
        "id": f"counted-{line.key}",
        "form": form,
        "second_form": SecondCountForm(formdata=None),
        "may_count": line.state in open_states,
        "may_second": line.state is CountState.NEEDS_SECOND and not is_mine,
        "may_confirm": is_first_small and not is_mine and first is not None,
    }


def _record(work: Work, form: CountForm, moment: CountMoment) -> dict[str, Any]:
    state = services.record_count(
        work,
        spot=read_spot(given(form.spot.data)),
        code=given(form.product.data),
        amount=given(form.amount.data),
        moment=moment,
    )
    return {"state": state.value}


def _record_second(work: Work, form: SecondCountForm, count_id: UUID) -> dict[str, Any]:
    state = services.second_count(work, first_id=count_id, amount=given(form.amount.data))
    return {"state": state.value}


def _inventory(work: Work, form: InventoryForm) -> dict[str, Any]:
    taken = queries.inventories(work)
    return {
        "inventories": taken,
        "latest": taken[0] if taken else None,
        "columns": INVENTORY_COLUMNS,
        "site": sites.site(work),
        "form": form,
        "today": work.service_date,
        "may_manage": work.actor.may(Permission.MANAGE_STOCK),
    }


def _take(work: Work, form: InventoryForm, witness_id: UUID) -> dict[str, Any]:
    inventory_id = services.take_inventory(
        work, moment=CountMoment(form.moment.data), witness_id=witness_id
    )
    return {"inventory_id": str(inventory_id)}
