"""The line and the window: who goes first, who is where, what is checked, how fast it goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


class LinePriority(StrEnum):
    """Why somebody goes before others. Source: clinical-rules section 9, item 2."""

    NONE = "none"
    PREGNANT = "pregnant"
    MEDICAL = "medical"
    WORK = "work"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class ClaimEnd(StrEnum):
    """How a patient left the window."""

    DOSED = "dosed"
    LEFT = "left"
    TAKEN_OVER = "taken_over"
    EXPIRED = "expired"


class CheckKind(StrEnum):
    IMPAIRMENT = "impairment"
    WEIGHT = "weight"
    COWS = "cows"

    @property
    def label(self) -> str:
        return {
            CheckKind.IMPAIRMENT: "Impairment screen",
            CheckKind.WEIGHT: "Weight",
            CheckKind.COWS: "COWS",
        }[self]


class ImpairmentSign(StrEnum):
    """Source: clinical-rules section 9, item 4: speech, gait, smell, pupils, sedation."""

    SPEECH = "speech"
    GAIT = "gait"
    SMELL = "smell"
    PUPILS = "pupils"
    SEDATION = "sedation"

    @property
    def label(self) -> str:
        return {
            ImpairmentSign.SPEECH: "Slurred speech",
            ImpairmentSign.GAIT: "Unsteady gait",
            ImpairmentSign.SMELL: "Smell of alcohol",
            ImpairmentSign.PUPILS: "Pinpoint or blown pupils",
            ImpairmentSign.SEDATION: "Drowsy, nodding",
        }[self]


class SecondIdentifier(StrEnum):
    """What confirmed that the face at the window is the patient on the page."""

    BIRTH_DATE = "birth_date"
    CARD = "card"

    @property
    def label(self) -> str:
        return {
            SecondIdentifier.BIRTH_DATE: "Date of birth said",
            SecondIdentifier.CARD: "Code or card shown",
        }[self]


@dataclass(frozen=True, slots=True)
class WindowPolicy:
    """Numbers of the window. Source: site policy, unless said; clinical-rules section 9."""

    waiting_amber_minutes: int = 10
    waiting_red_minutes: int = 15
    """Source: clinical-rules section 9, item 2: target wait under 15 minutes."""
    claim_minutes: int = 10
    """A patient left open at a window is free for another one after this long."""
    clock_behind_max_minutes: int = 2
    """A clock further behind the site's last record than this was set back: nothing is given."""
    planned_seconds_per_patient: int = 66
    """Source: 330 minutes for 300 patients at one window, drinking included."""
    forecast_weeks: int = 6
    source: str = "site policy: the dosing window"


@dataclass(frozen=True, slots=True)
class CheckPolicy:
    """When a check is due. Source: site policy; methadone accumulates for days after a change."""

    screen_induction_days: int = 14
    screen_days_after_increase: int = 3
    screen_days_after_sign: int = 7
    cows_induction_days: int = 7
    cows_after_missed: int = 2
    weight_every_days: int = 90
    source: str = "site policy: checks at the window"


@dataclass(frozen=True, slots=True)
class Claim:
    """A patient at a window. ``since`` and ``expires_at`` are the site's wall time."""

    id: UUID
    window: int
    by: str
    since: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """The last check of a kind. ``found`` says it in words."""

    kind: CheckKind
    on: date
    at: datetime
    is_positive: bool
    found: str
    by: str


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """What decides which checks are due."""

    day: date
    treatment_day: int
    missed_days: int
    increased_on: date | None = None
    last: tuple[CheckRecord, ...] = ()

    def latest(self, kind: CheckKind) -> CheckRecord | None:
        return next((one for one in self.last if one.kind is kind), None)


@dataclass(frozen=True, slots=True)
class CheckDue:
    kind: CheckKind
    because: str


@dataclass(frozen=True, slots=True)
class Attestation:
    """How the patient was known, and how the nurse last signed: stored with the dose."""

    identity: SecondIdentifier
    looks_well: bool = False
    """The nurse looked for signs of impairment and saw none."""
    signed_at: datetime | None = None

    def to_json(self) -> dict[str, str | bool | None]:
        """As it is stored with the dose."""
        return {
            "identity": self.identity.value,
            "looks_well": self.looks_well,
            "signed_at": self.signed_at.isoformat() if self.signed_at else None,
        }


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of an hour of the dosing day. ``expected`` is the mean of the past days."""

    starts_at: datetime
    dosed: int
    expected: Decimal


@dataclass(frozen=True, slots=True)
class Headline:
    """How the day goes. Times are the site's wall time; None when nothing can be said yet."""

    done: int
    left: int
    in_line: int
    held: int
    longest_wait_minutes: int | None
    mean_seconds: int | None
    finish_at: datetime | None


@dataclass(frozen=True, slots=True)
class BottleLevel:
    """What was left in a bottle after a movement."""

    window: int
    lot: str
    at: datetime
    balance_ml: Decimal


@dataclass(frozen=True, slots=True)
class Pace:
    """The measured window of a day."""

    day: date
    headline: Headline
    quarters: tuple[Quarter, ...]
    drawn_mg: Decimal
    ordered_mg: Decimal
    levels: tuple[BottleLevel, ...]
    past_days: tuple[date, ...]
