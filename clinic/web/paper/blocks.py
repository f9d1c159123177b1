"""What a printed page is made of: plain blocks, without a word about how they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

MM = 72 / 25.4
INCH = 72.0


class Size(Enum):
    """A sheet or a label, in points (72 to the inch). On a label there is no head and no foot."""

    LETTER = (8.5 * INCH, 11 * INCH)
    LETTER_WIDE = (11 * INCH, 8.5 * INCH)
    A4 = (210 * MM, 297 * MM)
    A4_WIDE = (297 * MM, 210 * MM)
    LABEL_4X2 = (4 * INCH, 2 * INCH)
    LABEL_4X3 = (4 * INCH, 3 * INCH)
    CARD = (3.375 * INCH, 2.125 * INCH)

    @property
    def width(self) -> float:
        return self.value[0]

    @property
    def height(self) -> float:
        return self.value[1]

    @property
    def is_label(self) -> bool:
        return self in {Size.LABEL_4X2, Size.LABEL_4X3, Size.CARD}


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: Literal[1, 2] = 1


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; a line feed in it stays one. ``size`` in points, 9 unless told."""

    text: str
    bold: bool = False
    size: float = 9
    align: Literal["start", "center", "end"] = "start"


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels and their values, one pair a line."""

    pairs: Sequence[tuple[str, object]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headers that repeat on every page.

    Shape: ``widths`` are shares of the line, not points; without them the contents decide.
    Columns of numbers, and those whose index is in ``numeric``, stand on the right.
    """

    headers: Sequence[str]
    rows: Sequence[Sequence[object]]
    widths: Sequence[float] | None = None
    numeric: frozenset[int] = frozenset()
    empty: str = "Nothing here."
    row_height: float = 0
    """At least this many points a row, for writing by hand."""


@dataclass(frozen=True, slots=True)
class Blank:
    """Lines to write on, each with its label in front."""

    lines: int = 1
    label: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """A code for a scanner: ``text`` in it, ``caption`` under it. ``size`` in points."""

    text: str
    kind: Literal["qr", "code128"] = "qr"
    caption: str = ""
    size: float = 72


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG or PNG, at most ``height`` points high. Bytes nobody can read print as a frame."""

    data: bytes
    height: float = 72


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows begins on a new page or label."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Blocks side by side. ``widths`` are shares of the line."""

    columns: Sequence[Sequence[Any]]
    widths: Sequence[float] | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """Blocks that share one field, made smaller together when they would not fit: a label.

    ``height`` in points; without it the rest of a page.
    """

    blocks: Sequence[Any]
    height: float | None = None


Block = Heading | Text | Facts | Table | Blank | Code | Picture | NewPage | Columns | Fit
