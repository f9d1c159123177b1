"""A table is data: columns that know their label and how to read a cell, for page and export."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import Response

Row = TypeVar("Row")
REDISCLOSURE_NOTICE = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
"""Source: 42 CFR 2.32(a)(2), the short form, word for word."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column. ``cell`` gives text or safe markup; ``text``, if given, is what exports show."""

    label: str
    cell: Callable[[Row], Any]
    align: str = "start"
    text: Callable[[Row], Any] | None = None


def csv_response(name: str, columns: Sequence[Column[Row]], rows: Iterable[Row]) -> Response:
    """The table as a CSV file that carries the redisclosure notice as its last line."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.label for column in columns])
    for row in rows:
        writer.writerow([csv_cell((column.text or column.cell)(row)) for column in columns])
    writer.writerow([REDISCLOSURE_NOTICE])
    return Response(
        out.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def csv_cell(value: object) -> str:
    """Text a spreadsheet will not run: a leading formula sign is quoted; numbers stay numbers."""
    text = "" if value is None else str(value)
    if isinstance(value, str) and text.startswith(_FORMULA_STARTS):
        return "'" + text
    return text
