"""Words of a long report: where it stands, and when nobody works on it any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from clinic.census.facts.questions import Answer

KEPT_FOR = timedelta(days=1)
"""A finished report is shown for so long, then forgotten."""
LOST_AFTER = timedelta(seconds=60)
"""Longer than the longest part may take. Silent for longer, its process has died."""


class ReportStatus(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    LOST = "lost"
    """Never stored: what a reader sees of a report whose process has died."""

    @property
    def is_under_way(self) -> bool:
        return self in {ReportStatus.WAITING, ReportStatus.RUNNING}

    @property
    def label(self) -> str:
        return self.value.capitalize()

    @property
    def kind(self) -> str:
        """How the kit draws it."""
        return {
            ReportStatus.DONE: "ok",
            ReportStatus.FAILED: "stop",
            ReportStatus.LOST: "stop",
            ReportStatus.CANCELLED: "attention",
        }.get(self, "info")


@dataclass(frozen=True, slots=True)
class Report:
    """A long report as its owner sees it. ``address`` is the question it answers."""

    id: UUID
    title: str
    address: str
    status: ReportStatus
    asked_at: datetime
    percent: int
    rows_done: int
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class SavedViewLine:
    """An address of the census kept under a name, as a list shows it."""

    id: UUID
    name: str
    address: str
    is_shared: bool
    is_own: bool
    owner_name: str
    version: int
