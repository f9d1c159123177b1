"""The inspector's desk: where everything is, and all of it in one action."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.errors import Refused
from clinic.core.permissions import Permission
from clinic.core.service_dates import ONE_DAY
from clinic.data.work import Work
from clinic.inspection import papers, queries
from clinic.inspection.facts import InspectionPack, Period
from clinic.web.days import read_day
from clinic.web.edge import begin_reading, begin_work
from clinic.web.pages import page
from clinic.web.paper import pdf_response, printed_by
from clinic.web.permission import requires

inspection = Blueprint("inspection", __name__)


@inspection.get("/inspection")
@requires(Permission.VIEW_INSPECTION)
def desk() -> ResponseReturnValue:
    with begin_reading() as work:
        period = _period(work)
        return page(
            "inspection/desk",
            period=period,
            last=period.until - ONE_DAY,
            today=work.service_date,
            policy=queries.policy_of(work),
            may_audit=work.actor.may(Permission.VIEW_AUDIT),
            may_dosing=work.actor.may(Permission.VIEW_DOSING),
        )


@inspection.get("/inspection/pack.pdf")
@requires(Permission.VIEW_INSPECTION)
def pack_pdf() -> ResponseReturnValue:
    pack, printed = _pack()
    data = papers.pack_pdf(pack, printed=printed)
    _note(pack, "pdf")
    return pdf_response(_name(pack), data)


@inspection.get("/inspection/pack.zip")
@requires(Permission.VIEW_INSPECTION)
def pack_zip() -> ResponseReturnValue:
    pack, printed = _pack()
    data = papers.pack_zip(pack, pdf=papers.pack_pdf(pack, printed=printed))
    _note(pack, "zip")
    return Response(
        data,
        mimetype="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{_name(pack)}.zip"',
            "Cache-Control": "no-store",
        },
    )


def _pack() -> tuple[InspectionPack, str]:
    """Read without ever making a writer wait; printed outside of any transaction."""
    with begin_reading() as work:
        return queries.pack(work, period=_period(work)), printed_by(work)


def _note(pack: InspectionPack, kind: str) -> None:
    with begin_work() as work:
        audit.record(
            work,
            action="inspection.pack",
            subject=f"{pack.period.first} to {pack.period.until} as {kind}",
            detail={section.name: len(section.rows) for section in pack.sections},
        )


def _period(work: Work) -> Period:
    """The days asked for, the last one included; the last week unless told."""
    policy = queries.policy_of(work)
    last: date = read_day(request.args.get("last"), otherwise=work.service_date)
    first = read_day(
        request.args.get("first"), otherwise=last - timedelta(days=policy.days_default - 1)
    )
    period = Period(first, last + ONE_DAY)
    if not 0 < period.days <= policy.days_max:
        raise Refused(f"Ask for at least one day and at most {policy.days_max} days at a time.")
    return period


def _name(pack: InspectionPack) -> str:
    return f"inspection-{pack.period.first}-{pack.period.until - ONE_DAY}"
