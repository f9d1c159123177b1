"""Words of what leaves the house: letters, their fates, and how small a count may be shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

MORNING_REPORT = "morning"


class LetterStatus(StrEnum):
    """Where a letter stands between being written and being in somebody's mailbox."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    """Refused for good, or tried too often."""
    UNKNOWN = "unknown"
    """The line broke after the whole letter was handed over, before the server answered."""

    @property
    def label(self) -> str:
        return self.value.capitalize()

    @property
    def kind(self) -> str:
        """The kit's word for it."""
        return {
            LetterStatus.QUEUED: "neutral",
            LetterStatus.SENDING: "info",
            LetterStatus.SENT: "ok",
            LetterStatus.FAILED: "stop",
            LetterStatus.UNKNOWN: "attention",
        }[self]


class PostOutcome(StrEnum):
    """What a mail server made of one letter."""

    ACCEPTED = "accepted"
    NOT_NOW = "not_now"
    """It has nothing of the letter and may take it later."""
    REFUSED = "refused"
    """It has said that it never will."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PostResult:
    outcome: PostOutcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter taken for sending. Its id is its Message-ID, the same at every try."""

    id: UUID
    recipient: str
    subject: str
    body: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """A line of the outbox."""

    id: UUID
    service_date: date
    recipient: str
    subject: str
    status: LetterStatus
    attempts: int
    next_try_at: datetime
    finished_at: datetime | None
    reason: str

    @property
    def may_retry(self) -> bool:
        return self.status in {LetterStatus.FAILED, LetterStatus.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Subscription:
    """The address at which somebody gets the morning report of a site."""

    email: str
    since: datetime


@dataclass(frozen=True, slots=True)
class DeliveryTerms:
    """How often and how patiently a letter is tried.

    The waits double from the first to the longest; greylisting servers take a letter after some
    minutes (RFC 6647 section 5). A report of the morning is no use the day after.
    """

    first_wait_minutes: int = 5
    wait_minutes_max: int = 120
    attempts_max: int = 10
    sending_minutes_max: int = 15
    """Taken longer ago than this, whoever took it has died."""
    source: str = "site policy: deliveries of reports"


@dataclass(frozen=True, slots=True)
class SmallCellTerms:
    """The smallest count of patients that an aggregate shows outside the house.

    Source: CMS cell size suppression policy: no cell of 1 to 10, nor any from which one follows.
    """

    smallest_shown: int = 11
    source: str = "CMS cell size suppression policy"


@dataclass(frozen=True, slots=True)
class Released:
    """Counts of one total as they may leave; a text stands where a number may not.

    ``withheld`` says whether any number does.
    """

    parts: dict[str, int | str]
    total: int | str

    @property
    def withheld(self) -> bool:
        return any(isinstance(cell, str) for cell in (*self.parts.values(), self.total))
