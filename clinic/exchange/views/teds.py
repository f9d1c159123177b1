"""Records for the national treatment data set: looked over first, then taken along as a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from flask import request, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import services as audit
from clinic.core.errors import NotFound, Refused
from clinic.core.permissions import Permission
from clinic.core.service_dates import ONE_DAY
from clinic.data.work import Work
from clinic.exchange.facts.teds import (
    MISSING,
    TedsBatch,
    TedsFault,
    TedsField,
    TedsRecord,
    Transaction,
)
from clinic.exchange.queries.teds import teds_batch
from clinic.exchange.views.blueprint import exchange
from clinic.patients.facts import chart_path
from clinic.sites import queries as sites
from clinic.web import filters
from clinic.web.days import read_day
from clinic.web.edge import begin_work
from clinic.web.exports import Export, FileKind, export_response
from clinic.web.pages import page
from clinic.web.paper import printed_by
from clinic.web.permission import requires
from clinic.web.tables import Column

DAYS_MAX = 366
RECORDS_SHOWN = 200

FAULTS: tuple[Column[TedsFault], ...] = (
    Column("Client", lambda fault: fault.client),
    Column("Day", lambda fault: filters.day(fault.event_on), text=lambda fault: fault.event_on),
    Column("Field", lambda fault: fault.field_name),
    Column("Value", lambda fault: fault.value or "—"),
    Column("Problem", lambda fault: fault.problem),
    Column("Record", lambda fault: "held back" if fault.holds_back else "leaves with -9"),
)
MISSING_COLUMNS: tuple[Column[tuple[TedsField, int]], ...] = (
    Column("Field", lambda line: line[0].name),
    Column("What it is", lambda line: line[0].meaning),
    Column("Records with -9", lambda line: line[1], align="end"),
    Column(
        "Why",
        lambda line: "not recorded for these" if line[0].is_kept else "no such field in the charts",
    ),
)


def record_columns(batch: TedsBatch) -> tuple[Column[TedsRecord], ...]:
    """The file's columns in their fixed order."""
    return tuple(
        Column(one.name, _value_of(one), text=_typed_value_of(one)) for one in batch.fields
    )


@exchange.get("/reports/teds")
@requires(Permission.MANAGE_SITE)
def teds() -> ResponseReturnValue:
    transaction = _transaction(request.args.get("of"))
    with begin_work() as work:
        first, last = _range(work)
        batch = teds_batch(work, transaction=transaction, first=first, until=last + ONE_DAY)
        _audit(work, batch, "report.preview", first=first, last=last)
    return page(
        "exchange/teds",
        batch=batch,
        shown=batch.records[:RECORDS_SHOWN],
        columns=record_columns(batch),
        fault_columns=FAULTS,
        missing_columns=MISSING_COLUMNS,
        chart_of=lambda one: chart_path(one.patient_id),
        kinds=Transaction,
        first=first,
        last=last,
        file_of=lambda what, kind: url_for(
            "exchange.teds_file", what=what, kind=kind, of=transaction.value, first=first, last=last
        ),
    )


@exchange.get("/reports/teds/<what>.<kind>")
@requires(Permission.MANAGE_SITE)
def teds_file(what: str, kind: str) -> ResponseReturnValue:
    """The records that may leave, or what is wrong with them."""
    wanted, transaction = FileKind.read(kind), _transaction(request.args.get("of"))
    if what not in {"records", "faults"} or (what == "records" and wanted is FileKind.PDF):
        raise NotFound("file")
    with begin_work() as work:
        first, last = _range(work)
        batch = teds_batch(work, transaction=transaction, first=first, until=last + ONE_DAY)
        export = _export(work, batch, what=what, days=f"{first} to {last}")
        _audit(work, batch, "report.export", first=first, last=last)
    return export_response(export, kind=wanted)


def _export(
    work: Work, batch: TedsBatch, *, what: str, days: str
) -> Export[TedsRecord] | Export[TedsFault]:
    name = f"teds-{batch.transaction.label.lower()}-{what}-{days.replace(' ', '-')}"
    title = f"TEDS {batch.transaction.label.lower()}: {what}"
    here, printed = sites.site(work).name, printed_by(work)
    if what == "faults":
        return Export(name, title, days, FAULTS, batch.faults, here, printed)
    return Export(name, title, days, record_columns(batch), batch.leaving, here, printed)


def _audit(work: Work, batch: TedsBatch, action: str, *, first: date, last: date) -> None:
    audit.record(
        work,
        action=action,
        subject=f"TEDS {batch.transaction.label.lower()} {first} to {last}",
        detail={
            "records": len(batch.records),
            "leaving": len(batch.leaving),
            "faults": len(batch.faults),
        },
    )


def _value_of(one: TedsField) -> Callable[[TedsRecord], str]:
    return lambda record: record.values[one.name]


def _typed_value_of(one: TedsField) -> Callable[[TedsRecord], str | int]:
    """A code is a number in a file, so that -9 stays -9 and is no text with a sign to guard."""

    def read(record: TedsRecord) -> str | int:
        value = record.values[one.name]
        is_code = value == MISSING or (value in one.legal and value.isdecimal())
        return int(value) if is_code else value

    return read


def _transaction(text: str | None) -> Transaction:
    try:
        return Transaction(text or Transaction.ADMISSION)
    except ValueError:
        raise NotFound("record type") from None


def _range(work: Work) -> tuple[date, date]:
    """The days asked for, both included; the month before this one unless told."""
    end_of_month = work.service_date.replace(day=1) - timedelta(days=1)
    last: date = read_day(request.args.get("last"), otherwise=end_of_month, until=work.service_date)
    first = read_day(request.args.get("first"), otherwise=last.replace(day=1))
    if not 0 < (last - first).days + 1 <= DAYS_MAX:
        raise Refused(f"Ask for at least one day and at most {DAYS_MAX} days at a time.")
    return first, last
