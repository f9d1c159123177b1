"""Blocks into ink: reportlab's pieces for each block, and the frame of every page."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import singledispatch
from typing import Any, Literal
from xml.sax.saxutils import escape

from PIL import Image as Photo
from PIL import UnidentifiedImageError
from reportlab.graphics.barcode import code128, qr
from reportlab.graphics.shapes import Drawing
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Image, KeepInFrame, PageBreak, Paragraph, Spacer
from reportlab.platypus import Table as Frame

from clinic.web.paper.blocks import (
    Blank,
    Block,
    Code,
    Columns,
    Facts,
    Fit,
    Heading,
    NewPage,
    Picture,
    Size,
    Table,
    Text,
)
from clinic.web.paper.fonts import BOLD, PLAIN, printable, width_of, wrapped
from clinic.web.paper.grid import Grid

LINE_HEIGHT = 22
_ALIGN: dict[str, Literal[0, 1, 2]] = {"start": 0, "center": 1, "end": 2}
_GAP = 6


def drawn(blocks: Sequence[Block], *, width: float) -> list[Flowable]:
    """Reportlab's pieces for the blocks, in order, for a line of this many points."""
    pieces: list[Flowable] = []
    for block in blocks:
        pieces += _drawn(block, width)
    return pieces


@singledispatch
def _drawn(block: object, _width: float) -> list[Flowable]:
    raise TypeError(f"nobody knows how to print {block!r}")


@_drawn.register
def _heading(block: Heading, _width: float) -> list[Flowable]:
    size = 13 if block.level == 1 else 10.5
    return [Spacer(0, _GAP), _paragraph(block.text, bold=True, size=size, keep=True)]


@_drawn.register
def _text(block: Text, _width: float) -> list[Flowable]:
    return [_paragraph(block.text, bold=block.bold, size=block.size, align=block.align)]


@_drawn.register
def _blank(block: Blank, _width: float) -> list[Flowable]:
    return [_Line(printable(block.label)) for _ in range(block.lines)]


@_drawn.register
def _new_page(_block: NewPage, _width: float) -> list[Flowable]:
    return [PageBreak()]


@_drawn.register
def _fit(block: Fit, width: float) -> list[Flowable]:
    inside = drawn(block.blocks, width=width)
    return [KeepInFrame(width, block.height or 0, inside, mode="shrink")]


def _paragraph(
    text: str, *, bold: bool = False, size: float = 9, align: str = "start", keep: bool = False
) -> Paragraph:
    style = ParagraphStyle(
        "text",
        fontName=BOLD if bold else PLAIN,
        fontSize=size,
        leading=size * 1.25,
        alignment=_ALIGN[align],
        spaceAfter=size / 3,
        keepWithNext=keep,
        splitLongWords=True,
    )
    return Paragraph(escape(printable(text)).replace("\n", "<br/>"), style)


@_drawn.register
def _facts(block: Facts, width: float) -> list[Flowable]:
    if not block.pairs:
        return []
    label_width = width * 0.32
    rows = [
        [_paragraph(f"{label}", size=8.5), _paragraph(printable(value) or "-", bold=True)]
        for label, value in block.pairs
    ]
    frame = Frame(rows, colWidths=[label_width, width - label_width], hAlign="LEFT")
    frame.setStyle(_tight())
    return [frame, Spacer(0, _GAP)]


@_drawn.register
def _table(block: Table, _width: float) -> list[Flowable]:
    if not block.rows:
        return [_paragraph(block.empty), Spacer(0, _GAP)]
    return [Grid(block), Spacer(0, _GAP)]


@_drawn.register
def _code(block: Code, width: float) -> list[Flowable]:
    text = printable(block.text)
    pieces: list[Flowable] = []
    if block.kind == "qr":
        drawing = Drawing(block.size, block.size)
        drawing.add(
            qr.QrCodeWidget(
                text, barWidth=block.size, barHeight=block.size, barLevel="M", barBorder=2
            )
        )
        pieces.append(drawing)
    else:
        bar = 1.0
        code = code128.Code128(text, barHeight=block.size / 2, barWidth=bar, quiet=True)
        if code.width > width:
            bar *= width / code.width
            code = code128.Code128(text, barHeight=block.size / 2, barWidth=bar, quiet=True)
        pieces.append(code)
    if block.caption:
        pieces.append(_paragraph(block.caption, size=7))
    return pieces


@_drawn.register
def _picture(block: Picture, width: float) -> list[Flowable]:
    try:
        photo = Photo.open(io.BytesIO(block.data)).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Photo.DecompressionBombError):
        return [_NoPicture(block.height)]
    photo.thumbnail((int(block.height * 4), int(block.height * 4)))
    small = io.BytesIO()
    photo.save(small, format="JPEG", quality=80)
    small.seek(0)
    scale = min(block.height / photo.height, width / photo.width)
    return [Image(small, width=photo.width * scale, height=photo.height * scale, hAlign="LEFT")]


@_drawn.register
def _columns(block: Columns, width: float) -> list[Flowable]:
    shares = list(block.widths or [1.0] * len(block.columns))
    widths = [share * width / sum(shares) for share in shares]
    cells = [
        drawn(blocks, width=one - 2 * _GAP)
        for blocks, one in zip(block.columns, widths, strict=True)
    ]
    frame = Frame([cells], colWidths=widths, hAlign="LEFT")
    frame.setStyle(_tight(left=0, right=2 * _GAP))
    return [frame]


def _tight(*, left: int = 0, right: int = 3) -> Any:
    whole = ((0, 0), (-1, -1))
    return [
        ("VALIGN", *whole, "TOP"),
        ("LEFTPADDING", *whole, left),
        ("RIGHTPADDING", *whole, right),
        ("TOPPADDING", *whole, 1),
        ("BOTTOMPADDING", *whole, 0),
    ]


class _Line(Flowable):
    """A line to write on."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self.label = label

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        self.width = available_width
        return available_width, LINE_HEIGHT

    def draw(self) -> None:
        self.canv.setFont(PLAIN, 8)
        self.canv.drawString(0, 5, self.label)
        self.canv.setLineWidth(0.5)
        left = width_of(self.label, size=8) + 6 if self.label else 0
        self.canv.line(left, 3, self.width, 3)


class _NoPicture(Flowable):
    """A frame where a photo should be."""

    def __init__(self, height: float) -> None:
        super().__init__()
        self.width, self.height = height * 0.8, height

    def draw(self) -> None:
        self.canv.rect(0, 0, self.width, self.height)
        self.canv.setFont(PLAIN, 7)
        self.canv.drawCentredString(self.width / 2, self.height / 2, "no photo")


class PageFrame:
    """Head and foot of every page of one paper."""

    def __init__(
        self, *, size: Size, title: str, subtitle: str, site: str, printed: str, notice: str
    ) -> None:
        self.size = size
        self.title, self.subtitle = printable(title), printable(subtitle)
        self.site, self.printed, self.notice = printable(site), printable(printed), notice

    def draw(self, canvas: Canvas, number: int, pages: int, *, margin: float) -> None:
        left, right, top = margin, self.size.width - margin, self.size.height - margin
        canvas.setFillGray(0)
        canvas.setFont(BOLD, 12)
        room = (right - left) * 0.62
        canvas.drawString(left, top - 12, wrapped(self.title, width=room, bold=True, size=12)[0])
        canvas.setFont(PLAIN, 8)
        canvas.drawRightString(
            right, top - 11, wrapped(self.site, width=right - left - room, size=8)[0]
        )
        canvas.drawString(left, top - 23, wrapped(self.subtitle, width=right - left, size=8)[0])
        canvas.setLineWidth(0.7)
        canvas.line(left, top - 28, right, top - 28)
        canvas.line(left, margin + 16, right, margin + 16)
        canvas.setFont(PLAIN, 7)
        canvas.drawString(left, margin + 7, self.notice)
        canvas.drawString(left, margin - 2, self.printed)
        canvas.drawRightString(right, margin - 2, f"Page {number} of {pages}")
