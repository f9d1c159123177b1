"""Pages of the exchange: records that come in, and records that go to the state."""

from __future__ import annotations

from clinic.exchange.views import imports, teds
from clinic.exchange.views.blueprint import exchange

__all__ = ["exchange", "imports", "teds"]
