"""Write the day's census down, and send what leaves the house."""

from __future__ import annotations

from clinic.census.services.deliveries import (
    retry,
    send_waiting,
    subscribe,
    unsubscribe,
    write_morning_letters,
)
from clinic.census.services.snapshots import rebuild_snapshots, take_snapshot, verify_snapshots

__all__ = [
    "rebuild_snapshots",
    "retry",
    "send_waiting",
    "subscribe",
    "take_snapshot",
    "unsubscribe",
    "verify_snapshots",
    "write_morning_letters",
]
