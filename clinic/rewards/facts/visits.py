"""A visit in one card: what is keyed, what it would bring, and what the laboratory says later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from clinic.core.money import dollars
from clinic.toxicology.facts import Analyte, CollectionOutcome, Reading


class Mark(StrEnum):
    """One key of a row of the card. The last three say why there is nothing to read."""

    NEGATIVE = "negative"
    POSITIVE = "positive"
    INVALID = "invalid"
    REFUSED = "refused"
    EXCUSED = "excused"
    MISSED = "missed"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class Verdict(StrEnum):
    """What the laboratory's result made of a visit."""

    CONFIRMED = "confirmed"
    REVERSED = "reversed"
    """The reward went back."""
    KEPT = "kept"
    """It should have gone back and was spent: nothing is claimed from the patient."""
    RESTORED = "restored"
    """The cup was wrong to the patient's cost: the visit is paid now."""


class AwardState(StrEnum):
    """How sure an award is. Held ones are not paid yet."""

    POSTED = "posted"
    PENDING = "pending"
    HELD = "held"
    CONFIRMED = "confirmed"
    REVERSED = "reversed"
    KEPT = "kept"
    RESTORED = "restored"

    @property
    def label(self) -> str:
        return {
            "pending": "Laboratory pending",
            "held": "Waits for the laboratory",
            "kept": "Contradicted, already spent",
        }.get(self.value, self.value.capitalize())

    @property
    def kind(self) -> str:
        return {
            "pending": "attention",
            "held": "attention",
            "confirmed": "ok",
            "reversed": "stop",
            "kept": "stop",
            "restored": "ok",
        }.get(self.value, "neutral")


CONTRADICTED = frozenset({AwardState.REVERSED, AwardState.KEPT, AwardState.RESTORED})
"""The laboratory said otherwise than the cup."""


@dataclass(frozen=True, slots=True)
class ConfirmationPolicy:
    """Whether the cup's result is rewarded at once, or only after the laboratory confirmed it."""

    pays_at_once: bool = True
    source: str = "site policy: a reward in the patient's hand within minutes works best"


@dataclass(frozen=True, slots=True)
class Collected:
    """What a card's keys come to: an outcome, and the readings of a collected specimen."""

    outcome: CollectionOutcome
    readings: Mapping[Analyte, Reading]


def brings(amount_cents: int, draws: int) -> str:
    """What a visit brings, as people say it: draws, else money."""
    if draws:
        return "1 draw" if draws == 1 else f"{draws} draws"
    return dollars(amount_cents)


@dataclass(frozen=True, slots=True)
class Preview:
    """What posting a visit would bring: ``sentence`` why, and what is left under the caps."""

    sentence: str
    paid_cents: int
    draws: int
    left_cents: int | None
    left_under: str
    waits: bool = False

    @property
    def brings(self) -> str:
        return brings(self.paid_cents, self.draws)


@dataclass(frozen=True, slots=True)
class PostedVisit:
    """A visit as posted. ``visit_id`` is None when nothing of the target was read."""

    visit_id: UUID | None
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DueVisit:
    """A patient on the day's list: who is booked for contingency management, or came without.

    ``booked_at`` is None for a visit without a booking.
    """

    patient_id: UUID
    name: str
    protocol: str
    visit_number: int
    booked_at: datetime | None
    status: str
    brings: str
    recorded: str
    draws_waiting: int
    is_due: bool = True
    """False for somebody who only has draws left from an earlier day."""

    @property
    def is_to_do(self) -> bool:
        return self.is_due and not self.recorded


@dataclass(frozen=True, slots=True)
class NextDay:
    """When the next visit is booked."""

    service_date: date
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class VisitSlip:
    """A visit as posted, with what a receipt says beside it."""

    visit_id: UUID
    number: int
    outcome: str
    state: AwardState
    service_date: date
    occurred_at: datetime
    recorded_by_name: str
    sentence: str
    verdict_sentence: str
    amount_cents: int
    draws_waiting: int
    is_drawn: bool
    balance_cents: int
    brings_next: str
    next_day: NextDay | None
