"""What controlled stock reads."""

from __future__ import annotations

from clinic.stock.queries.bottles import at_spot, bottles, liquids_at, open_at, packs_at

__all__ = ["at_spot", "bottles", "liquids_at", "open_at", "packs_at"]
