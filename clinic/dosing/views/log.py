"""The dispensing log: read, signed, corrected by a second entry, printed; doses taken back."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import queries as audit
from clinic.core.errors import NotFound
from clinic.core.permissions import Permission
from clinic.core.units import plain
from clinic.data.idempotency import once
from clinic.data.work import Work
from clinic.dosing import queries, services
from clinic.dosing.facts import LogLine, LogSigned, VoidReason
from clinic.dosing.forms import CorrectionForm, SignLogForm, VoidForm
from clinic.dosing.views.blueprint import dosing
from clinic.dosing.views.columns import LOG_COLUMNS
from clinic.sites import queries as sites
from clinic.staff.views.second_person import signed_by
from clinic.stock import queries as stock
from clinic.web import paper
from clinic.web.days import read_day
from clinic.web.edge import begin_reading, begin_work
from clinic.web.filters import long_day
from clinic.web.forms import given
from clinic.web.pages import page, see_other
from clinic.web.permission import requires
from clinic.web.tables import csv_response

PAPER_COLUMNS = ("Time", "Patient", "Identification", "Substance", "Strength", "Dosage form")
PAPER_AMOUNTS = ("Consumed mg", "Taken home mg", "Take on", "Lot or bottle", "Initials")


@dosing.get("/dosing/log/<day>")
@requires(Permission.VIEW_DOSING)
def log(day: str) -> ResponseReturnValue:
    with begin_reading() as work:
        on = read_day(day, otherwise=work.service_date)
        lines = queries.log(work, day=on)
        if request.args.get("format") == "csv":
            return csv_response(f"dispensing-log-{on}", LOG_COLUMNS, lines)
        return page("dosing/log", **_log(work, on, lines))


@dosing.get("/dosing/log/<day>/paper")
@requires(Permission.VIEW_DOSING)
def log_paper(day: str) -> ResponseReturnValue:
    """The day's log as the law wants it kept: every field, every initials, the audit's seal."""
    with begin_reading() as work:
        on = read_day(day, otherwise=work.service_date)
        sheet = paper.paper(
            title="Dispensing log",
            subtitle=long_day(on),
            site=_site_line(work),
            printed=paper.printed_by(work),
            blocks=_blocks(work, on),
            size=paper.Size.LETTER_WIDE,
        )
    return paper.pdf_response(f"dispensing-log-{on}", sheet)


@dosing.post("/dosing/log/<day>/sign")
@requires(Permission.GIVE_DOSE)
def sign_log(day: str) -> ResponseReturnValue:
    form = SignLogForm()
    is_complete = form.validate()
    with begin_work() as work:
        on = read_day(day, otherwise=work.service_date, until=work.service_date)
        if not is_complete:
            return page("dosing/log", **_log(work, on, queries.log(work, day=on))), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"day": on.isoformat(), "person": str(work.actor.id)},
            verb=lambda: {"signature_id": str(services.sign_log(work, day=on))},
        )
    flash("Signed. Your initials stand under your lines.", "ok")
    return see_other(url_for("dosing.log", day=on.isoformat()))


@dosing.get("/dosing/log/<service_date>/<uuid:line_id>/correct")
@requires(Permission.GIVE_DOSE)
def correct(service_date: str, line_id: UUID) -> ResponseReturnValue:
    with begin_reading() as work:
        line = _line(work, service_date, line_id)
    return page("dosing/correct", line=line, form=CorrectionForm(formdata=None))


@dosing.post("/dosing/log/<service_date>/<uuid:line_id>/correct")
@requires(Permission.GIVE_DOSE)
def correct_line(service_date: str, line_id: UUID) -> ResponseReturnValue:
    form = CorrectionForm()
    is_complete = form.validate()
    with begin_work() as work:
        line = _line(work, service_date, line_id)
        if not is_complete:
            return page("dosing/correct", line=line, form=form), 422
        once(
            work,
            key=given(form.idempotency_key.data),
            request={"line_id": str(line_id)} | form.request_values(),
            verb=lambda: _correct(work, line, form),
        )
    flash("Corrected by a second entry. The first one stays.", "ok")
    return see_other(url_for("dosing.log", day=line.service_date.isoformat()))


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
    witness_id = signed_by(form) if is_complete else None
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


def _log(work: Work, on: date, lines: list[LogLine]) -> dict[str, Any]:
    may_give = work.actor.may(Permission.GIVE_DOSE)
    signatures = queries.signatures(work, day=on)
    return {
        "day": on,
        "today": work.service_date,
        "previous": on - timedelta(days=1),
        "following": on + timedelta(days=1),
        "lines": lines,
        "columns": LOG_COLUMNS,
        "site": sites.site(work),
        "consumed_mg": plain(sum((line.consumed_mg for line in lines), start=Decimal(0))),
        "taken_home_mg": plain(sum((line.taken_home_mg for line in lines), start=Decimal(0))),
        "signatures": signatures,
        "may_sign": any(one.person_id == work.actor.id and not one.is_signed for one in signatures),
        "form": SignLogForm(formdata=None),
        "closed": stock.closed_day(work, day=on),
        "may_give": may_give,
        "line_link": _line_link if may_give else None,
        "row_kind": lambda line: "attention" if line.void_reason or line.corrections else None,
    }


def _line_link(line: LogLine) -> str:
    day = line.service_date.isoformat()
    return url_for("dosing.correct", service_date=day, line_id=line.dose_id)


def _site_line(work: Work) -> str:
    here = sites.site(work)
    return ", ".join(part for part in (here.organization, here.name, here.address) if part)


def _blocks(work: Work, on: date) -> list[paper.Block]:
    names = {column.label: column for column in LOG_COLUMNS}
    shown = [names[label] for label in (*PAPER_COLUMNS, *PAPER_AMOUNTS)]
    lines = queries.log(work, day=on)
    rows = [[_printed(column.cell(line)) for column in shown] for line in lines]
    corrected = [
        [f"{line.dispensed_at:%H:%M}", line.patient.code, names["Correction"].cell(line)]
        for line in lines
        if line.void_reason or line.corrections
    ]
    signed = [
        [one.name, one.initials or "not signed", one.lines, _signed_at(one)]
        for one in queries.signatures(work, day=on)
    ]
    blocks: list[paper.Block] = [
        paper.Table([column.label for column in shown], rows, empty="Nothing was dispensed."),
        paper.Heading("Voids and corrections", 2),
        paper.Table(["Time", "Patient", "Second entry"], corrected, empty="None."),
        paper.Heading("Dispensers", 2),
        paper.Table(["Name", "Initials", "Lines", "Signed"], signed, empty="Nobody."),
        paper.Blank(2, "Initialled by hand"),
        paper.Facts(_seal(work, on)),
    ]
    return blocks


def _printed(cell: object) -> object:
    return "" if cell is None else cell


def _signed_at(one: LogSigned) -> str:
    if one.signed_at is None:
        return ""
    return f"{one.signed_at:%d %b %Y %H:%M}, {one.signed_lines} lines"


def _seal(work: Work, on: date) -> list[tuple[str, object]]:
    """The seal the day was closed under; of a day still open, the last one before now."""
    closed = stock.closed_day(work, day=on)
    if closed is not None:
        return [
            ("Day closed", f"{closed.closed_at:%d %b %Y %H:%M}"),
            ("By", f"{closed.closed_by} and {closed.witness}"),
            ("Audit seal", closed.seal_sequence),
            ("Root of the seal", closed.seal_chain),
        ]
    seal = audit.last_seal(work)
    return [
        ("Day closed", "not yet"),
        ("Audit seal", seal[0] if seal else "none yet"),
        ("Root of the seal", seal[1] if seal else "none yet"),
    ]


def _line(work: Work, service_date: str, dose_id: UUID) -> LogLine:
    day = read_day(service_date, otherwise=work.service_date)
    line = queries.dose(work, dose_id=dose_id, service_date=day)
    if line is None:
        raise NotFound("dose")
    return line


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


def _correct(work: Work, line: LogLine, form: CorrectionForm) -> dict[str, Any]:
    correction_id = services.correct_line(
        work,
        day=line.service_date,
        line_id=line.dose_id,
        field=given(form.field.data),
        reads=given(form.reads.data),
        reason=given(form.reason.data),
    )
    return {"correction_id": str(correction_id)}
