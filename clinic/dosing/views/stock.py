"""The dispensing log, doses taken back from it, and the bottles."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import current_app, flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.core.errors import NotFound
from clinic.core.permissions import Permission
from clinic.core.units import plain
from clinic.data.db import db
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.dosing import queries, services
from clinic.dosing.facts import BottleRecord, LogLine, Medication, VoidReason
from clinic.dosing.forms import BottleForm, VoidForm
from clinic.dosing.views.blueprint import dosing, window_number
from clinic.dosing.views.columns import LOG_COLUMNS
from clinic.sites import queries as sites
from clinic.staff import queries as staff
from clinic.staff import services as staff_services
from clinic.staff.services import LockoutPolicy
from clinic.web import passwords
from clinic.web.days import read_day
from clinic.web.edge import begin_reading, begin_work
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

WRONG_WITNESS = "That username and password do not match."

BOTTLE_COLUMNS: tuple[Column[BottleRecord], ...] = (
    Column("Window", lambda one: one.window),
    Column("Medication", lambda one: one.bottle.medication.label),
    Column("Lot", lambda one: one.bottle.lot),
    Column(
        "Strength",
        lambda one: f"{plain(one.bottle.concentration_mg_per_ml)} mg/mL",
        align="end",
    ),
    Column("Received mL", lambda one: one.received_ml, align="end"),
    Column("Dispensed mL", lambda one: one.dispensed_ml, align="end"),
    Column("Wasted mL", lambda one: one.wasted_ml, align="end"),
    Column("Left mL", lambda one: one.bottle.balance_ml, align="end"),
    Column("State", lambda one: "closed" if one.closed_at else "open"),
)


@dosing.get("/dosing/log/<day>")
@requires(Permission.VIEW_DOSING)
def log(day: str) -> ResponseReturnValue:
    with begin_reading() as work:
        on = read_day(day, otherwise=work.service_date)
        lines = queries.log(work, day=on)
        if request.args.get("format") == "csv":
            return csv_response(f"dispensing-log-{on}", LOG_COLUMNS, lines)
        return page("dosing/log", **_log(work, on, lines))


@dosing.get("/dosing/log/<service_date>/<uuid:dose_id>/void")
@requires(Permission.GIVE_DOSE)
def void(service_date: str, dose_id: UUID) -> ResponseReturnValue:
    with begin_reading() as work:
        line = _line(work, service_date, dose_id)
    return page("dosing/void", line=line, form=VoidForm(formdata=None))


@dosing.post("/dosing/log/<service_date>/<uuid:dose_id>/void")
@requires(Permission.GIVE_DOSE)
def void_dose(service_date: str, dose_id: UUID) -> ResponseReturnValue:
    form = VoidForm()
    is_complete = form.validate()
    witness_id = _witness(form) if is_complete else None
    with begin_work() as work:
        line = _line(work, service_date, dose_id)
        if witness_id is None:
            return page("dosing/void", line=line, form=form), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"dose_id": str(dose_id)} | form.request_values(),
            verb=lambda: _void(work, line, form, witness_id),
        )
    flash("Voided. The poured volume is recorded as waste.", "ok")
    return see_other(url_for("dosing.log", day=service_date))


@dosing.get("/dosing/bottles")
@requires(Permission.VIEW_DOSING)
def bottles() -> ResponseReturnValue:
    with begin_reading() as work:
        shown = _bottles(work, BottleForm(formdata=None, window=window_number()))
    if request.args.get("format") == "csv":
        return csv_response("bottles", BOTTLE_COLUMNS, shown["bottles"])
    return page("dosing/bottles", **shown)


@dosing.post("/dosing/bottles")
@requires(Permission.GIVE_DOSE)
def open_bottle() -> ResponseReturnValue:
    form = BottleForm()
    is_complete = form.validate()
    with begin_work() as work:
        if not is_complete:
            return page("dosing/bottles", **_bottles(work, form)), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request=form.request_values(),
            verb=lambda: _open(work, form),
        )
    flash(f"Open at window {form.window.data}: lot {form.lot.data}.", "ok")
    return see_other(url_for("dosing.bottles"))


def _log(work: Work, on: date, lines: list[LogLine]) -> dict[str, Any]:
    may_give = work.actor.may(Permission.GIVE_DOSE)
    return {
        "day": on,
        "today": work.service_date,
        "previous": on - timedelta(days=1),
        "following": on + timedelta(days=1),
        "lines": lines,
        "columns": LOG_COLUMNS,
        "site": sites.site(work),
        "consumed_mg": plain(sum((line.consumed_mg for line in lines), start=Decimal(0))),
        "may_give": may_give,
        "void_link": _void_link if may_give else None,
        "row_kind": lambda line: "attention" if line.void_reason else None,
    }


def _void_link(line: LogLine) -> str | None:
    if line.void_reason is not None:
        return None
    day = line.service_date.isoformat()
    return url_for("dosing.void", service_date=day, dose_id=line.dose_id)


def _line(work: Work, service_date: str, dose_id: UUID) -> LogLine:
    day = read_day(service_date, otherwise=work.service_date)
    line = queries.dose(work, dose_id=dose_id, service_date=day)
    if line is None:
        raise NotFound("dose")
    return line


def _witness(form: VoidForm) -> UUID | None:
    """Who signed as the second person; None, said at the field, when the signature is wrong."""
    known = staff.account(db.session(), username=given(form.witness.data))
    right = passwords.matches(
        known.password_hash if known else None, given(form.witness_password.data)
    )
    if known is None or not known.is_active or not _counts(known, right=right):
        form.witness_password.errors = [WRONG_WITNESS]
        return None
    return known.user_id


def _counts(known: staff.Account, *, right: bool) -> bool:
    """A right password of an account that is not locked; a wrong one is noted as at sign-in."""
    with begin_work() as work:
        if staff_services.is_locked(locked_until=known.locked_until, now=work.now):
            return False
        if not right:
            policy = LockoutPolicy(
                failures_max=current_app.config["SIGN_IN_FAILURES_MAX"],
                lockout=timedelta(minutes=current_app.config["LOCKOUT_MINUTES"]),
            )
            staff_services.note_failure(work, user_id=known.user_id, policy=policy)
    return right


def _void(work: Work, line: LogLine, form: VoidForm, witness_id: UUID) -> dict[str, Any]:
    void_id = services.void_dose(
        work,
        dose_id=line.dose_id,
        service_date=line.service_date,
        reason=VoidReason(form.reason.data),
        note=form.note.data or "",
        witness_id=witness_id,
    )
    return {"void_id": str(void_id)}


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
