"""A table as a file: CSV, a workbook, or paper; each with the notice, none with a live formula."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, TypeVar

from flask import Response

from clinic.core.errors import NotFound
from clinic.web.paper import Size, Table, Text, paper, pdf_response
from clinic.web.tables import REDISCLOSURE_NOTICE, Column, csv_response

Row = TypeVar("Row")
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET_NAME_MAX = 31
COLUMN_WIDTH_MAX = 60
WIDE_FROM = 7
"""So many columns want the sheet of paper on its side."""
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")


class FileKind(StrEnum):
    """What somebody wants a table as."""

    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"

    @classmethod
    def read(cls, text: str) -> FileKind:
        """Raises: NotFound when nobody makes such a file."""
        try:
            return cls(text)
        except ValueError:
            raise NotFound("file") from None


@dataclass(frozen=True, slots=True)
class Export(Generic[Row]):
    """A table on its way out. ``printed`` is the line of who and when; ``note`` what to mind."""

    name: str
    title: str
    subtitle: str
    columns: Sequence[Column[Row]]
    rows: Sequence[Row]
    site: str
    printed: str
    note: str = ""

    @property
    def headers(self) -> list[str]:
        return [column.label for column in self.columns]

    def cells(self) -> list[list[object]]:
        return [[(column.text or column.cell)(row) for column in self.columns] for row in self.rows]


def export_response(export: Export[Any], *, kind: FileKind) -> Response:
    """The table as a file of the kind asked for."""
    if kind is FileKind.CSV:
        return csv_response(export.name, export.columns, export.rows)
    if kind is FileKind.PDF:
        return pdf_response(export.name, export_pdf(export))
    return Response(
        workbook(export),
        mimetype=WORKBOOK_TYPE,
        headers={
            "Content-Disposition": f'attachment; filename="{export.name}.xlsx"',
            "Cache-Control": "no-store",
        },
    )


def export_pdf(export: Export[Any]) -> bytes:
    """The table on paper; the frame of every page carries the notice."""
    wide = len(export.columns) >= WIDE_FROM
    blocks: list[Text | Table] = [Text(export.note)] if export.note else []
    return paper(
        title=export.title,
        subtitle=export.subtitle,
        site=export.site,
        printed=export.printed,
        blocks=[*blocks, Table(export.headers, export.cells())],
        size=Size.LETTER_WIDE if wide else Size.LETTER,
    )


def workbook(export: Export[Any]) -> bytes:
    """One sheet: headers, rows, the notice. Numbers and days stay such; text is only ever text."""
    from openpyxl import Workbook  # noqa: PLC0415  # a third of a second that few requests need
    from openpyxl.styles import Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101  # a new workbook has one
    sheet.title = _NOT_IN_SHEET_NAME.sub(" ", export.title)[:SHEET_NAME_MAX] or "Sheet"
    lines: list[list[object]] = [list(export.headers), *export.cells()]
    if export.note:
        lines.append([export.note])
    lines.append([REDISCLOSURE_NOTICE])
    for number, line in enumerate(lines, start=1):
        for place, value in enumerate(line, start=1):
            _write(sheet.cell(row=number, column=place), value)
    for place, header in enumerate(export.headers, start=1):
        sheet.cell(row=1, column=place).font = Font(bold=True)
        longest = max(len(str(line[place - 1])) for line in lines[: 1 + len(export.rows)])
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = min(max(longest, len(header)) + 2, COLUMN_WIDTH_MAX)
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(cell: Any, value: object) -> None:
    """A text that begins like a formula is stored as text, and marked so that editing keeps it."""
    if value is None:
        return
    if isinstance(value, bool | int | float | Decimal | date) and not isinstance(value, datetime):
        cell.value = value
        return
    cell.value = _NOT_IN_XML.sub("", str(value))
    cell.data_type = "s"
    cell.quotePrefix = True
