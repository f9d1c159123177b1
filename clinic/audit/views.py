"""Who did or saw what: the record an inspector reads."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from clinic.audit import queries
from clinic.audit.queries import PAGE_ROWS, Entry
from clinic.core.permissions import Permission
from clinic.web.edge import begin_reading
from clinic.web.filters import local_day_time
from clinic.web.pages import page
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

audit = Blueprint("audit", __name__)


def _detail(entry: Entry) -> str:
    return ", ".join(f"{name}: {value}" for name, value in entry.detail.items())


COLUMNS: tuple[Column[Entry], ...] = (
    Column("When", lambda entry: local_day_time(entry.occurred_at)),
    Column("Who", lambda entry: entry.actor_name),
    Column("Did", lambda entry: entry.action),
    Column("To", lambda entry: entry.subject),
    Column("Detail", _detail),
)


@audit.get("/audit")
@requires(Permission.VIEW_AUDIT)
def log() -> ResponseReturnValue:
    """The latest entries, newest first; ``before`` pages back."""
    with begin_reading() as work:
        entries = queries.recent(work, before=_instant(request.args.get("before")))
        seal = queries.last_seal(work)
    if request.args.get("format") == "csv":
        return csv_response("audit", COLUMNS, entries)
    older = (
        url_for("audit.log", before=entries[-1].occurred_at.isoformat())
        if len(entries) == PAGE_ROWS
        else None
    )
    return page("audit/log", entries=entries, columns=COLUMNS, seal=seal, older=older)


@audit.get("/audit/verify")
@requires(Permission.VIEW_AUDIT)
def verify() -> ResponseReturnValue:
    """Recompute the whole record now."""
    with begin_reading() as work:
        found = queries.verify(work)
        seal = queries.last_seal(work)
    return page("audit/verify", found=found, seal=seal)


def _instant(text: str | None) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return instant if instant and instant.tzinfo else None
