"""Paper: what must survive without a screen, from plain blocks, with the house's head and foot."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from flask import Response
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Spacer

from clinic.data.work import Work
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
from clinic.web.paper.drawing import PageFrame, drawn
from clinic.web.paper.fonts import embed
from clinic.web.tables import REDISCLOSURE_NOTICE

__all__ = [
    "Blank",
    "Block",
    "Code",
    "Columns",
    "Facts",
    "Fit",
    "Heading",
    "NewPage",
    "Picture",
    "Size",
    "Table",
    "Text",
    "paper",
    "pdf_response",
    "printed_by",
]

MARGIN = 36.0
HEAD = 34.0
FOOT = 22.0
LABEL_MARGIN = 7.0
FRAME_PADDING = 0


def paper(
    *,
    title: str,
    subtitle: str = "",
    site: str,
    printed: str,
    blocks: Sequence[Block],
    size: Size = Size.LETTER,
) -> bytes:
    """The blocks as a PDF. Every page says what it is, whose, when printed, and n of m.

    ``printed`` is one line, as ``printed_by`` makes it. The same blocks give the same bytes.
    """
    embed()
    out = io.BytesIO()
    frame = PageFrame(
        size=size,
        title=title,
        subtitle=subtitle,
        site=site,
        printed=printed,
        notice=REDISCLOSURE_NOTICE,
    )
    margin = LABEL_MARGIN if size.is_label else MARGIN
    head, foot = (0.0, 0.0) if size.is_label else (HEAD, FOOT)
    width = size.width - 2 * margin
    area = Frame(
        margin,
        margin + foot,
        width,
        size.height - 2 * margin - head - foot,
        *(FRAME_PADDING,) * 4,
    )
    document = BaseDocTemplate(out, pagesize=size.value, title=title, author=site, invariant=1)
    document.addPageTemplates(PageTemplate(frames=[area]))
    document.build(
        drawn(blocks, width=width) or [Spacer(0, 1)],
        canvasmaker=_canvas_with(None if size.is_label else frame),
    )
    return out.getvalue()


def printed_by(work: Work) -> str:
    """When and by whom, in the site's wall time."""
    return f"Printed {work.site.local(work.now):%d %b %Y %H:%M} by {work.actor.name}"


def pdf_response(name: str, data: bytes) -> Response:
    """The PDF, shown in the browser and kept nowhere on the way."""
    return Response(
        data,
        mimetype="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{name}.pdf"',
            "Cache-Control": "no-store",
        },
    )


def _canvas_with(frame: PageFrame | None) -> type[Canvas]:
    """A canvas that holds its pages back until it knows how many there are."""

    class Counted(Canvas):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802  # reportlab's name
            self.pages.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]  # reportlab's own recipe

        def save(self) -> None:
            for number, page in enumerate(self.pages, start=1):
                self.__dict__.update(page)
                if frame is not None:
                    frame.draw(self, number, len(self.pages), margin=MARGIN)
                super().showPage()
            super().save()

    return Counted
