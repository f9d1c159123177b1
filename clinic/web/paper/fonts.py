"""The typeface of every printed page, embedded, and what is printed for signs it does not have."""

from __future__ import annotations

from functools import cache

from anyascii import anyascii
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

PLAIN, BOLD = "Vera", "Vera-Bold"
_FILES = {PLAIN: "Vera.ttf", BOLD: "VeraBd.ttf"}


@cache
def embed() -> frozenset[int]:
    """Make the typeface known to the printer; the code points it draws in both weights."""
    drawn: list[frozenset[int]] = []
    for name, file in _FILES.items():
        font = TTFont(name, file)
        pdfmetrics.registerFont(font)
        drawn.append(frozenset(font.face.charToGlyph))
    return frozenset.intersection(*drawn)


def printable(value: object) -> str:
    """The text as it can be printed: a sign the typeface lacks becomes its Latin spelling.

    Invariant: nothing vanishes; what has no spelling either prints as a question mark.
    """
    text = "" if value is None else str(value)
    drawn = embed()
    return "".join(
        sign if ord(sign) in drawn or sign == "\n" else anyascii(sign) or "?" for sign in text
    )


def width_of(text: str, *, bold: bool = False, size: float) -> float:
    """In points."""
    return pdfmetrics.stringWidth(text, BOLD if bold else PLAIN, size)


def wrapped(text: str, *, width: float, bold: bool = False, size: float) -> list[str]:
    """The lines of ``text`` in a column: broken at blanks, and within a word when it must be."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if width_of(longer, bold=bold, size=size) <= width:
                line = longer
                continue
            if line:
                lines.append(line)
            line = word
            while len(line) > 1 and width_of(line, bold=bold, size=size) > width:
                fits = _fitting(line, width=width, bold=bold, size=size)
                lines.append(line[:fits])
                line = line[fits:]
        lines.append(line)
    return lines


def _fitting(word: str, *, width: float, bold: bool, size: float) -> int:
    fits = len(word)
    while fits > 1 and width_of(word[:fits], bold=bold, size=size) > width:
        fits -= 1
    return fits
