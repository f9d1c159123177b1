"""Many rows at once: written in batches, compared with what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from clinic.data.work import Work
from clinic.exchange.facts.outcome import Tally
from clinic.exchange.queries import batches

ROWS_PER_STATEMENT = 5000
WORD_LENGTH = 80
SHORT_LENGTH = 200


@dataclass(slots=True)
class Difference:
    """Rows of one table that are new, told differently than before, or as they were."""

    added: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    unchanged: int = 0

    @property
    def tally(self) -> Tally:
        return Tally(len(self.added), len(self.changed), self.unchanged)


def insert_rows(work: Work, model: type[Any], *, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append rows without an object for each; column defaults apply."""
    for batch in batches(rows, size=ROWS_PER_STATEMENT):
        work.session.execute(sa.insert(model.__table__), batch)


def update_rows(work: Work, model: type[Any], *, rows: Sequence[Mapping[str, Any]]) -> None:
    """Change rows by id, and their version where they have one.

    Shape: every row has ``row_id`` and the same columns besides.
    """
    if not rows:
        return
    table = model.__table__
    values: dict[str, Any] = {name: sa.bindparam(name) for name in rows[0] if name != "row_id"}
    if "version" in table.c:
        values["version"] = table.c.version + 1
    statement = sa.update(table).where(table.c.id == sa.bindparam("row_id")).values(values)
    for batch in batches(rows, size=ROWS_PER_STATEMENT):
        work.session.execute(statement, batch)


def clipped(text: str, *, length: int = SHORT_LENGTH) -> str:
    """Text that fits its column; what is cut off is marked."""
    return text if len(text) <= length else f"{text[: length - 1]}…"
