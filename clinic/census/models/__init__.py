"""Tables of the counts written down, of views and long reports, of who gets which letter."""

from __future__ import annotations

from clinic.census.models.deliveries import OutboxLetter, ReportSubscription
from clinic.census.models.snapshots import CensusSnapshot
from clinic.census.models.views import ReportRun, SavedView

__all__ = ["CensusSnapshot", "OutboxLetter", "ReportRun", "ReportSubscription", "SavedView"]
