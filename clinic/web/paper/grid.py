"""The table as it is drawn: measured once, then cut at any row, however long it is."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from reportlab.lib.colors import Color
from reportlab.platypus import Flowable

from clinic.web.paper.blocks import Table
from clinic.web.paper.fonts import BOLD, PLAIN, printable, width_of, wrapped

SIZE = 8.0
LEADING = 10.0
PAD = 3.0
RULE = Color(0.7, 0.7, 0.7)
SHADE = Color(0.93, 0.93, 0.93)
COLUMN_MIN = 24.0
MEASURED_ROWS = 200
"""How many rows decide the width of the columns."""

Lines = list[list[str]]


class Grid(Flowable):
    """A table, or what is left of it after a page. Pieces share the measured rows."""

    def __init__(self, table: Table, *, measured: Measured | None = None, first: int = 0) -> None:
        super().__init__()
        self.table = table
        self.measured = measured
        self.first = first
        self.until: int | None = None

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        if self.measured is None or self.measured.width != available_width:
            self.measured = Measured(self.table, available_width)
        return available_width, self.measured.head_height + sum(self._heights)

    @property
    def _heights(self) -> Sequence[float]:
        if self.measured is None:
            return ()
        return self.measured.heights[self.first : self.until]

    def split(self, _available_width: float, available_height: float) -> list[Flowable]:
        if self.measured is None:
            return []
        room = available_height - self.measured.head_height
        count = 0
        for height in self._heights:
            if height > room:
                break
            room -= height
            count += 1
        if count == 0:
            return []
        here = Grid(self.table, measured=self.measured, first=self.first)
        here.until = self.first + count
        rest = Grid(self.table, measured=self.measured, first=self.first + count)
        rest.until = self.until
        return [here, rest]

    def draw(self) -> None:
        if self.measured is None:
            return
        top = self.measured.head_height + sum(self._heights)
        self.canv.setFillColor(SHADE)
        self.canv.rect(
            0,
            top - self.measured.head_height,
            self.measured.width,
            self.measured.head_height,
            stroke=0,
            fill=1,
        )
        top = self._row(self.measured.head, top, self.measured.head_height, font=BOLD)
        rows = self.measured.rows[self.first : self.until]
        for row, height in zip(rows, self._heights, strict=True):
            top = self._row(row, top, height, font=PLAIN)

    def _row(self, row: Lines, top: float, height: float, *, font: str) -> float:
        measured = self.measured
        if measured is None:
            return top
        canvas, left = self.canv, 0.0
        canvas.setFillGray(0)
        canvas.setFont(font, SIZE)
        for index, (lines, width) in enumerate(zip(row, measured.widths, strict=True)):
            line_top = top - PAD - SIZE
            for line in lines:
                if index in measured.numeric:
                    canvas.drawRightString(left + width - PAD, line_top, line)
                else:
                    canvas.drawString(left + PAD, line_top, line)
                line_top -= LEADING
            left += width
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.5)
        canvas.line(0, top - height, measured.width, top - height)
        return top - height


class Measured:
    """The table's texts broken into lines for one width of page."""

    def __init__(self, table: Table, width: float) -> None:
        self.width = width
        headers = [printable(header) for header in table.headers]
        rows = [[printable(cell) for cell in row] for row in table.rows]
        self.numeric = table.numeric | _numbers(table)
        self.widths = _widths(table, headers, rows, width)
        self.head = [
            wrapped(text, width=one - 2 * PAD, bold=True, size=SIZE)
            for text, one in zip(headers, self.widths, strict=True)
        ]
        self.rows = [
            [
                wrapped(text, width=one - 2 * PAD, size=SIZE)
                for text, one in zip(row, self.widths, strict=True)
            ]
            for row in rows
        ]
        self.head_height = _height(self.head)
        self.heights = [max(_height(row), table.row_height) for row in self.rows]


def _height(row: Lines) -> float:
    return max((len(lines) for lines in row), default=1) * LEADING + 2 * PAD


def _numbers(table: Table) -> frozenset[int]:
    """Columns that hold numbers and nothing else but gaps."""
    found = set()
    for index in range(len(table.headers)):
        cells = [row[index] for row in table.rows if row[index] not in {None, ""}]
        if cells and all(isinstance(cell, int | Decimal | float) for cell in cells):
            found.add(index)
    return frozenset(found)


def _widths(
    table: Table, headers: Sequence[str], rows: Sequence[Sequence[str]], width: float
) -> list[float]:
    shares = list(table.widths or ())
    if not shares:
        for index, header in enumerate(headers):
            words = [width_of(word, bold=True, size=SIZE) for word in header.split(" ")]
            cells = [width_of(row[index], size=SIZE) for row in rows[:MEASURED_ROWS]]
            wanted = max([*words, *cells, COLUMN_MIN])
            shares.append(min(wanted, width / 2) + 2 * PAD)
    total = sum(shares)
    return [share * width / total for share in shares]
