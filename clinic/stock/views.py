"""The bottles at the windows."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.core.permissions import Permission
from clinic.core.units import plain
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.stock import queries, services
from clinic.stock.facts import BottleRecord, Medication
from clinic.stock.forms import BottleForm
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

stock = Blueprint("stock", __name__)

BOTTLE_COLUMNS: tuple[Column[BottleRecord], ...] = (
    Column("Where", lambda one: one.spot.label),
    Column("Product", lambda one: one.product.name),
    Column("Lot", lambda one: one.lot),
    Column("Expires", lambda one: one.expires_on.isoformat() if one.expires_on else ""),
    Column("State", lambda one: one.state),
    Column("Received", lambda one: plain(one.received), align="end"),
    Column("Dispensed", lambda one: plain(one.dispensed), align="end"),
    Column("Wasted", lambda one: plain(one.wasted), align="end"),
    Column("Left", lambda one: plain(one.held), align="end"),
    Column("Unit", lambda one: one.product.unit),
    Column("Left mg", lambda one: one.held_mg, align="end"),
)


@stock.get("/stock/bottles")
@requires(Permission.VIEW_DOSING)
def bottles() -> ResponseReturnValue:
    with begin_reading() as work:
        shown = _bottles(work, BottleForm(formdata=None))
    if request.args.get("format") == "csv":
        return csv_response("bottles", BOTTLE_COLUMNS, shown["bottles"])
    return page("stock/bottles", **shown)


@stock.post("/stock/bottles")
@requires(Permission.GIVE_DOSE)
def open_bottle() -> ResponseReturnValue:
    form = BottleForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("stock/bottles", **_bottles(work, form)), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request=form.request_values(),
            verb=lambda: _open(work, form),
        )
    flash(f"Open at window {form.window.data}: lot {form.lot.data}.", "ok")
    return see_other(url_for("stock.bottles"))


def _bottles(work: Work, form: BottleForm) -> dict[str, Any]:
    return {
        "bottles": queries.bottles(work),
        "columns": BOTTLE_COLUMNS,
        "form": form,
        "may_give": work.actor.may(Permission.GIVE_DOSE),
    }


def _open(work: Work, form: BottleForm) -> dict[str, Any]:
    bottle_id = services.open_bottle(
        work,
        window=given(form.window.data),
        medication=Medication(form.medication.data),
        lot=given(form.lot.data),
        concentration_mg_per_ml=given(form.concentration_mg_per_ml.data),
        volume_ml=given(form.volume_ml.data),
    )
    return {"bottle_id": str(bottle_id)}
