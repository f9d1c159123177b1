"""Write the day's census down, and send what leaves the house."""

from __future__ import annotations

from clinic.census.services.snapshots import rebuild_snapshots, take_snapshot, verify_snapshots

__all__ = ["rebuild_snapshots", "take_snapshot", "verify_snapshots"]
