"""Printers and what became of the labels sent to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from clinic.hardware.facts.labels import LabelSize


class PrinterKind(StrEnum):
    """How a label reaches paper: a PDF through the browser, or ZPL straight to the printer."""

    PDF = "pdf"
    ZPL = "zpl"

    @property
    def label(self) -> str:
        return "Browser (PDF)" if self is PrinterKind.PDF else "Label printer (ZPL)"


class PrintStatus(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"

    @property
    def label(self) -> str:
        return self.value.capitalize()

    @property
    def kind(self) -> str:
        return {"sent": "ok", "failed": "stop"}.get(self.value, "info")


class PrintOutcome(StrEnum):
    """What is known after talking to a printer."""

    SENT = "sent"
    NOTHING_SENT = "nothing_sent"
    """Safe to try again by itself."""
    UNKNOWN = "unknown"
    """Part of it may be on paper: only a person prints it again."""


@dataclass(frozen=True, slots=True)
class PrintResult:
    outcome: PrintOutcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PrintPolicy:
    """How long a label waits for its printer before a person is asked. Units: seconds."""

    attempts_max: int = 20
    retry_seconds: int = 15
    sending_seconds_max: int = 60
    source: str = "site policy: a label that does not print in five minutes is somebody's task"


@dataclass(frozen=True, slots=True)
class PrinterFacts:
    id: UUID
    name: str
    kind: PrinterKind
    host: str
    port: int
    dpi: int
    size: LabelSize
    window: int | None
    is_active: bool
    version: int


@dataclass(frozen=True, slots=True)
class Sending:
    """A job taken for sending: where to, and the bytes to be."""

    job_id: UUID
    host: str
    port: int
    payload: str


@dataclass(frozen=True, slots=True)
class PrintJobFacts:
    id: UUID
    what: str
    printer: str
    status: PrintStatus
    reason: str
    attempts: int
    recorded_at: datetime
    recorded_by: str
    finished_at: datetime | None
