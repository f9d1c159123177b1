"""What the program treats with: every entry, how well it is proven, and all that is behind it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from flask import request
from flask.typing import ResponseReturnValue

from clinic.core.permissions import Permission
from clinic.scheduling.facts import spoken_code
from clinic.therapies.catalogue import CATALOGUE
from clinic.therapies.catalogue import modality as entry_of
from clinic.therapies.facts import Modality, StageGroup
from clinic.therapies.queries.courses import STANDING_KINDS
from clinic.therapies.views.blueprint import therapies
from clinic.web.pages import page
from clinic.web.permission import requires
from clinic.web.tables import Column, csv_response

COLUMNS: tuple[Column[Modality], ...] = (
    Column("Treatment", lambda entry: entry.name),
    Column("Group", lambda entry: words(entry.group)),
    Column("Standing", lambda entry: words(entry.evidence.standing)),
    Column("Sessions", lambda entry: entry.total_sessions or ""),
    Column("Group size", lambda entry: entry.group_size),
    Column("Why", lambda entry: entry.evidence.why),
    Column("Source", lambda entry: entry.evidence.source),
)


def words(code: str) -> str:
    """A code as people read it."""
    said = spoken_code(code)
    return said[:1].upper() + said[1:]


def by_group(entries: Iterable[Modality]) -> list[tuple[StageGroup, list[Modality]]]:
    """Entries of the catalogue under their groups, in the order of the care pathway."""
    return [(group, list(of)) for group, of in groupby(entries, key=lambda entry: entry.group)]


@therapies.get("/treatments")
@requires(Permission.VIEW_CATALOGUE)
def catalogue() -> ResponseReturnValue:
    entries = list(CATALOGUE.values())
    if request.args.get("format") == "csv":
        return csv_response("treatments", COLUMNS, entries)
    return page(
        "therapies/catalogue",
        groups=by_group(entries),
        total=len(entries),
        kinds=STANDING_KINDS,
        words=words,
    )


@therapies.get("/treatments/<code>")
@requires(Permission.VIEW_CATALOGUE)
def modality(code: str) -> ResponseReturnValue:
    return page(
        "therapies/modality",
        entry=entry_of(code),
        kinds=STANDING_KINDS,
        words=words,
        spoken=spoken_code,
    )
