"""Read everything the pack holds."""

from __future__ import annotations

from clinic.inspection.queries.pack import pack, policy_of

__all__ = ["pack", "policy_of"]
