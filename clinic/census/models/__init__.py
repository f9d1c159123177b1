"""Tables of the counts written down, of who gets which report, and of the letters on their way."""

from __future__ import annotations

from clinic.census.models.deliveries import OutboxLetter, ReportSubscription
from clinic.census.models.snapshots import CensusSnapshot

__all__ = ["CensusSnapshot", "OutboxLetter", "ReportSubscription"]
