"""A site's own protocols: versions, what becomes of them, overrides, and what a schedule costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from clinic.rewards.facts.protocols import Protocol


class ProtocolStatus(StrEnum):
    """A version is drafted, may be switched on, and may be retired; patients on it stay on it."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"

    @property
    def label(self) -> str:
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class TargetOverride:
    """The medical director's word that one version may pay for opioid-negative samples."""

    id: UUID
    decided_on: date
    decided_by_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class SiteProtocol:
    """A version of a protocol as a site's editor lists it. ``id`` is None for a published one."""

    id: UUID | None
    protocol: Protocol
    status: ProtocolStatus
    why: str
    recorded_by_name: str
    override: TargetOverride | None = None
    """The override that stands, if one does."""
    enrolled: int = 0
    """Patients who earn under this version now."""


@dataclass(frozen=True, slots=True)
class EditorTerms:
    """How far a protocol of a site's own may go."""

    visits_max: int = 104
    """Two a week for a year."""
    amount_max_cents: int = 20000
    draws_max: int = 50
    slips_max: int = 10000
    source: str = "site policy: limits of the protocol editor"


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """One visit of a schedule when every visit before it met the target."""

    visit_number: int
    amount_cents: int
    bonus_cents: int
    draws: int
    mean_cents: int
    """Amount, bonus, and what the draws bring on average."""
    total_cents: int
    """``mean_cents`` of this visit and all before it."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one patient is expected to earn, and how far single patients lie from it."""

    mean_cents: int
    deviation_cents: int
    """The standard deviation: the root of the variance."""
    variance_square_cents: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """A whole protocol laid out before anybody starts on it.

    ``if_all_met`` varies only by the luck of the draws. ``expected`` is for a patient who meets
    the target at each visit with a chance of ``met_percent``, one visit not leaning on another.
    ``worst_cents`` is the most it can ever pay, the luckiest draws included.
    """

    rows: tuple[ScheduleRow, ...]
    draws: int
    if_all_met: Cost
    expected: Cost
    met_percent: int
    worst_cents: int
