"""A draw from the prize bowl: what waits, what was drawn, and the receipt that proves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from clinic.rewards.facts.protocols import PrizeBowl, PrizeSlip

CHOICE_LENGTH_MAX = 80
RECEIPT_FORM = "clinic prize draw, form 1"


@dataclass(frozen=True, slots=True)
class OpenDraw:
    """Draws a visit earned and nobody has drawn yet, under a commitment that is already public."""

    visit_id: UUID
    visit_number: int
    draws: int
    bowl: PrizeBowl
    commitment: str
    committed_at: datetime


@dataclass(frozen=True, slots=True)
class DrawnSlip:
    """One draw. ``digest`` is the hash it came from, ``index`` the slip's place from 0 on."""

    draw: int
    digest: str
    index: int
    slip: PrizeSlip
    value_cents: int

    def to_json(self) -> dict[str, Any]:
        return {
            "draw": self.draw,
            "digest": self.digest,
            "index": self.index,
            "slip": self.slip.value,
            "value_cents": self.value_cents,
        }


@dataclass(frozen=True, slots=True)
class DrawReceipt:
    """Everything needed to draw again, and what was drawn. The bowl's slips stand in its order.

    Units: ``seed`` and ``commitment`` are hexadecimal.
    """

    visit_id: UUID
    commitment: str
    seed: str
    choice: str
    bowl_name: str
    bowl_version: int
    bowl_slips: tuple[tuple[str, int, int], ...]
    draws: int
    slips: tuple[DrawnSlip, ...]
    total_cents: int
    puts_back: bool = True

    def to_json(self) -> dict[str, Any]:
        """The receipt as printed. Only a bowl that keeps its drawn slips says so."""
        return {
            "form": RECEIPT_FORM,
            "visit": str(self.visit_id),
            "commitment": self.commitment,
            "seed": self.seed,
            "choice": self.choice,
            "bowl": {
                "name": self.bowl_name,
                "version": self.bowl_version,
                "slips": [
                    {"slip": slip, "count": count, "value_cents": cents}
                    for slip, count, cents in self.bowl_slips
                ],
                **({} if self.puts_back else {"puts_back": False}),
            },
            "draws": self.draws,
            "slips": [slip.to_json() for slip in self.slips],
            "total_cents": self.total_cents,
        }


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A part of a receipt, what it says, and what drawing again gives; None where it gives none."""

    part: str
    found: object
    again: object

    def to_json(self) -> dict[str, object]:
        return {"part": self.part, "found": self.found, "again": self.again}


@dataclass(frozen=True, slots=True)
class DrawnPrizes:
    """What the draw came to: in ``sentence``, with the cap that cut it, if one did."""

    total_cents: int
    paid_cents: int
    balance_cents: int
    sentence: str


@dataclass(frozen=True, slots=True)
class RecordedDraw:
    """A draw as recorded, and its receipt."""

    visit_number: int
    committed_at: datetime
    drawn_at: datetime
    drawn_by: str
    paid_cents: int
    sentence: str
    receipt: DrawReceipt
