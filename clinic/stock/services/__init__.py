"""The verbs of controlled stock."""

from __future__ import annotations

from clinic.stock.services.bottles import open_bottle

__all__ = ["open_bottle"]
