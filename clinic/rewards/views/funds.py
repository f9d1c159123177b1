"""Who pays, what is in stock, and the books of the site."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.core.money import dollars
from clinic.core.permissions import Permission
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.rewards import queries, services
from clinic.rewards.facts import (
    PROTOCOLS,
    AccountCheck,
    BudgetYear,
    ClosedPeriod,
    FunderKind,
    GoodsCategory,
    Instrument,
    PeriodTotals,
    RedeemedAs,
    StockedItem,
)
from clinic.rewards.forms import (
    BudgetForm,
    CloseForm,
    InstrumentForm,
    ReceiveForm,
    SourceForm,
)
from clinic.rewards.views.blueprint import rewards
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response


def _pays_for(one: BudgetYear) -> str:
    code = one.source.pays_for if one.source else None
    if code is None:
        return "every other"
    return PROTOCOLS[code].title if code in PROTOCOLS else code


def _dollars(cents: int | None) -> str:
    return "" if cents is None else dollars(cents)


BUDGET_COLUMNS: tuple[Column[BudgetYear], ...] = (
    Column("Source", lambda one: one.name),
    Column("Pays for", _pays_for),
    Column(
        "Cap a patient",
        lambda one: _dollars(one.source.year_cap_cents if one.source else None),
        "end",
    ),
    Column("Budget", lambda one: _dollars(one.budget_cents), "end"),
    Column("Spent", lambda one: dollars(one.spent_cents), "end"),
    Column("Spent %", lambda one: one.spent_percent, "end"),
    Column("By 31 December", lambda one: dollars(one.forecast_cents), "end"),
    Column("State", lambda one: "will be short" if one.is_short else ""),
)
STOCK_COLUMNS: tuple[Column[Instrument], ...] = (
    Column("Shop or maker", lambda one: one.issuer),
    Column("What", lambda one: one.name),
    Column("Kind", lambda one: one.kind.label),
    Column("Good for", lambda one: one.category.label),
    Column("Face value", lambda one: dollars(one.face_cents), "end"),
    Column("In stock", lambda one: one.in_stock, "end"),
    Column("Worth", lambda one: dollars(one.shelf_cents), "end"),
)
ITEM_COLUMNS: tuple[Column[StockedItem], ...] = (
    Column("Serial number", lambda one: one.serial),
    Column("Left", lambda one: dollars(one.remaining_cents), "end"),
    Column("State", lambda one: "in stock" if one.remaining_cents else "handed over"),
    Column("Received", lambda one: one.received_at.date().isoformat()),
    Column("By", lambda one: one.received_by),
)
BOOK_COLUMNS: tuple[Column[AccountCheck], ...] = (
    Column("Account", lambda one: one.kind.label),
    Column("Name", lambda one: one.name),
    Column("Balance", lambda one: dollars(one.balance_cents), "end"),
    Column("Sum of transfers", lambda one: dollars(one.transfers_cents), "end"),
    Column("Agrees", lambda one: "yes" if one.balance_cents == one.transfers_cents else "no"),
)
CLOSE_COLUMNS: tuple[Column[ClosedPeriod], ...] = (
    Column("Month", lambda one: one.period.label),
    Column("Transfers", lambda one: one.totals.transfers, "end"),
    Column("Earned", lambda one: dollars(one.totals.earned_cents), "end"),
    Column("Redeemed", lambda one: dollars(one.totals.redeemed_cents), "end"),
    Column("Taken back", lambda one: dollars(one.totals.voided_cents), "end"),
    Column("Owed at its end", lambda one: dollars(one.totals.liability_cents), "end"),
    Column("Trial balance", lambda one: dollars(one.totals.trial_balance_cents), "end"),
    Column("Closed", lambda one: one.closed_at.date().isoformat()),
    Column("By", lambda one: one.closed_by),
)


@rewards.get("/rewards/funds")
@requires(Permission.VIEW_FIDELITY)
def funds() -> ResponseReturnValue:
    with begin_reading() as work:
        shown = _funds(work, SourceForm(formdata=None), BudgetForm(formdata=None))
    if request.args.get("format") == "csv":
        return csv_response("reward-budgets", BUDGET_COLUMNS, shown["budgets"])
    return page("rewards/funds", **shown)


@rewards.post("/rewards/funds")
@requires(Permission.MANAGE_FUNDS)
def name_source() -> ResponseReturnValue:
    form = SourceForm()
    with begin_work() as work:
        is_complete = form.offer(queries.offered_protocols(work)).validate()
        if not is_complete:
            return page("rewards/funds", **_funds(work, form, BudgetForm(formdata=None))), 422
        _once(work, form, lambda: _name_source(work, form))
    flash(f"{form.name.data} pays from {form.starts_on.data}.", "ok")
    return see_other(url_for("rewards.funds"))


@rewards.post("/rewards/funds/<uuid:source_id>/budget")
@requires(Permission.MANAGE_FUNDS)
def set_budget(source_id: UUID) -> ResponseReturnValue:
    form = BudgetForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("rewards/funds", **_funds(work, SourceForm(formdata=None), form)), 422
        _once(work, form, lambda: _set_budget(work, source_id, form))
    flash(f"Budget of {form.calendar_year.data}: {dollars(form.amount_cents)}.", "ok")
    return see_other(url_for("rewards.funds"))


@rewards.get("/rewards/stock")
@requires(Permission.VIEW_REWARDS)
def stock() -> ResponseReturnValue:
    with begin_reading() as work:
        shown = _stock(work, InstrumentForm(formdata=None))
    if request.args.get("format") == "csv":
        return csv_response("reward-stock", STOCK_COLUMNS, shown["instruments"])
    return page("rewards/stock", **shown)


@rewards.post("/rewards/stock")
@requires(Permission.MANAGE_FUNDS)
def list_instrument() -> ResponseReturnValue:
    form = InstrumentForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("rewards/stock", **_stock(work, form)), 422
        answer = _once(work, form, lambda: _list_instrument(work, form))
    flash(f"Listed: {form.issuer.data} {form.name.data}.", "ok")
    return see_other(url_for("rewards.instrument", instrument_id=answer["instrument_id"]))


@rewards.get("/rewards/stock/<uuid:instrument_id>")
@requires(Permission.VIEW_REWARDS)
def instrument(instrument_id: UUID) -> ResponseReturnValue:
    with begin_reading() as work:
        shown = _instrument(work, instrument_id, ReceiveForm(formdata=None))
    if request.args.get("format") == "csv":
        return csv_response("reward-items", ITEM_COLUMNS, shown["items"])
    return page("rewards/instrument", **shown)


@rewards.post("/rewards/stock/<uuid:instrument_id>")
@requires(Permission.MANAGE_FUNDS)
def receive(instrument_id: UUID) -> ResponseReturnValue:
    form = ReceiveForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("rewards/instrument", **_instrument(work, instrument_id, form)), 422
        answer = _once(work, form, lambda: _receive(work, instrument_id, form))
    flash(f"Received: worth {dollars(answer['worth_cents'])}.", "ok")
    return see_other(url_for("rewards.instrument", instrument_id=instrument_id))


@rewards.get("/rewards/books")
@requires(Permission.VIEW_FIDELITY)
def books() -> ResponseReturnValue:
    with begin_reading() as work:
        shown = _books(work, CloseForm(formdata=None))
    if request.args.get("format") == "csv":
        return csv_response("trial-balance", BOOK_COLUMNS, shown["balance"].accounts)
    return page("rewards/books", **shown)


@rewards.post("/rewards/books")
@requires(Permission.MANAGE_FUNDS)
def close_period() -> ResponseReturnValue:
    form = CloseForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("rewards/books", **_books(work, form)), 422
        _once(work, form, lambda: _close(work, given(form.first_on.data)))
    flash(f"{form.first_on.data:%B %Y} is closed.", "ok")
    return see_other(url_for("rewards.books"))


def _once(work: Work, form: Any, verb: Any) -> dict[str, Any]:
    answer = once(
        work,
        key=given(form.idempotency_key.data),
        request={"path": request.path} | form.request_values(),
        verb=verb,
    )
    return dict(answer.values)


def _name_source(work: Work, form: SourceForm) -> dict[str, Any]:
    source_id = services.name_source(
        work,
        name=given(form.name.data),
        kind=FunderKind(form.kind.data),
        terms=given(form.terms.data),
        starts_on=given(form.starts_on.data),
        ends_on=form.ends_on.data,
        pays_for=form.pays_for.data or None,
        year_cap_cents=form.year_cap_cents,
    )
    return {"source_id": str(source_id)}


def _set_budget(work: Work, source_id: UUID, form: BudgetForm) -> dict[str, Any]:
    services.set_budget(
        work,
        source_id=source_id,
        calendar_year=given(form.calendar_year.data),
        amount_cents=form.amount_cents,
    )
    return {}


def _list_instrument(work: Work, form: InstrumentForm) -> dict[str, Any]:
    instrument_id = services.list_instrument(
        work,
        kind=RedeemedAs(form.kind.data),
        issuer=given(form.issuer.data),
        name=given(form.name.data),
        category=GoodsCategory(form.category.data),
        face_cents=form.face_cents,
    )
    return {"instrument_id": str(instrument_id)}


def _receive(work: Work, instrument_id: UUID, form: ReceiveForm) -> dict[str, Any]:
    worth_cents = services.receive(work, instrument_id=instrument_id, serials=form.serial_numbers)
    return {"worth_cents": worth_cents}


def _close(work: Work, first_on: date) -> dict[str, Any]:
    totals: PeriodTotals = services.close_period(work, first_on=first_on)
    return {"liability_cents": totals.liability_cents}


def _funds(work: Work, source: SourceForm, budget: BudgetForm) -> dict[str, Any]:
    year = work.service_date.year
    return {
        "budgets": queries.budgets(work, calendar_year=year),
        "columns": BUDGET_COLUMNS,
        "year": year,
        "today": work.service_date,
        "source_form": source.offer(queries.offered_protocols(work)),
        "budget_form": budget,
        "may_manage": work.actor.may(Permission.MANAGE_FUNDS),
        "kind": lambda one: "attention" if one.is_short else None,
    }


def _stock(work: Work, form: InstrumentForm) -> dict[str, Any]:
    return {
        "instruments": queries.instruments(work),
        "columns": STOCK_COLUMNS,
        "form": form,
        "link": lambda one: url_for("rewards.instrument", instrument_id=one.id),
        "may_manage": work.actor.may(Permission.MANAGE_FUNDS),
    }


def _instrument(work: Work, instrument_id: UUID, form: ReceiveForm) -> dict[str, Any]:
    found = queries.instrument(work, instrument_id=instrument_id)
    return {
        "instrument": found,
        "items": queries.items(work, of=found),
        "columns": ITEM_COLUMNS,
        "form": form,
        "may_manage": work.actor.may(Permission.MANAGE_FUNDS),
    }


def _books(work: Work, form: CloseForm) -> dict[str, Any]:
    period = queries.next_period(work)
    return {
        "balance": queries.trial_balance(work),
        "columns": BOOK_COLUMNS,
        "closed": queries.closed_periods(work),
        "closed_columns": CLOSE_COLUMNS,
        "findings": queries.findings(work),
        "period": period,
        "is_over": period is not None and period.until_on <= work.service_date,
        "form": form,
        "may_manage": work.actor.may(Permission.MANAGE_FUNDS),
    }
