"""What controlled stock reads."""

from __future__ import annotations

from clinic.stock.queries.bottles import bottles

__all__ = ["bottles"]
