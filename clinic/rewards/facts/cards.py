"""Rewards as people read them: one patient's card, and the program's overview."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from clinic.core.money import dollars
from clinic.rewards.facts.caps import CapStanding
from clinic.rewards.facts.draws import OpenDraw
from clinic.rewards.facts.ledger import StatementLine
from clinic.rewards.facts.protocols import Protocol, VisitOutcome
from clinic.rewards.facts.visits import CONTRADICTED, AwardState, brings


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A patient on one version of a protocol; ``ended_on`` None while it still earns."""

    id: UUID
    patient_id: UUID
    protocol: Protocol
    starts_on: date
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class RewardedVisit:
    """A visit as judged: ``amount_cents`` is what was paid, after caps, slips drawn included.

    ``outcome`` is the laboratory's where it contradicted the cup. While an award is held,
    ``amount_cents`` is what it will pay.
    """

    id: UUID
    specimen_id: UUID | None
    number: int
    service_date: date
    outcome: VisitOutcome
    amount_cents: int
    sentence: str
    is_drawn: bool = False
    """Its slips have been drawn: there is a receipt."""
    state: AwardState = AwardState.POSTED
    recorded_by_name: str = ""
    occurred_at: datetime | None = None
    verdict_sentence: str = ""
    confirmed_at: datetime | None = None
    in_good_faith_of: tuple[int, ...] = ()
    """Earlier visits whose cups counted when this one was judged, and that the laboratory later
    contradicted. What was paid stays paid."""


@dataclass(frozen=True, slots=True)
class PathPoint:
    """A visit's level on the reward path, without bonus; ``outcome`` None while it lies ahead.

    A prize bowl's level is counted in ``draws``, any other's in cents.
    """

    number: int
    level_cents: int
    draws: int
    outcome: VisitOutcome | None


@dataclass(frozen=True, slots=True)
class NextVisit:
    """What the next visit brings if it is negative: money within the caps, or draws."""

    number: int
    amount_cents: int
    draws: int = 0

    @property
    def brings(self) -> str:
        return brings(self.amount_cents, self.draws)


@dataclass(frozen=True, slots=True)
class RewardCard:
    """One patient's rewards on one page.

    ``enrolment`` is the open one, else the latest that ended; ``next_visit`` is None without an
    open one and after its last visit.
    """

    enrolment: Enrolment | None
    visits: tuple[RewardedVisit, ...]
    in_a_row: int
    longest_in_a_row: int
    balance_cents: int
    next_visit: NextVisit | None
    caps: tuple[CapStanding, ...]
    path: tuple[PathPoint, ...]
    lines: tuple[StatementLine, ...]
    budget_warning: str = ""
    """What is to be said of the budget of whoever pays, when it is nearly or wholly spent."""
    open_draws: tuple[OpenDraw, ...] = ()
    """Earned and not yet drawn, oldest first; an enrolment that ended takes none away."""

    @property
    def draws_waiting(self) -> int:
        return sum(one.draws for one in self.open_draws)

    @property
    def is_open(self) -> bool:
        return self.enrolment is not None and self.enrolment.ended_on is None

    @property
    def last_sentence(self) -> str | None:
        """Why the last visit earned what it did, or the laboratory's word against it."""
        if not self.visits:
            return None
        last = self.visits[-1]
        return last.verdict_sentence if last.state in CONTRADICTED else last.sentence


@dataclass(frozen=True, slots=True)
class RewardedPatient:
    """One line of the program's overview. ``protocol`` is None when only a balance is left."""

    patient_id: UUID
    name: str
    protocol: str | None
    visits_done: int
    visits_scheduled: int
    in_a_row: int
    balance_cents: int
    paid_this_month_cents: int
    paid_this_year_cents: int
    tightest: CapStanding | None
    """Of all caps that may bind the next award, the one that leaves least."""

    @property
    def is_near_cap(self) -> bool:
        return self.tightest is not None and self.tightest.is_near

    @property
    def cap_name(self) -> str:
        name = self.tightest.cap.name if self.tightest else ""
        return name[:1].upper() + name[1:]

    @property
    def cap_used(self) -> str:
        if self.tightest is None:
            return ""
        cap = self.tightest.cap
        return f"{dollars(cap.paid_to_date_cents)} of {dollars(cap.limit_cents)}"


@dataclass(frozen=True, slots=True)
class KeptBooks:
    """The kept balances of a site added up. The nightly check holds them against the transfers."""

    accounts: int
    total_cents: int

    @property
    def is_balanced(self) -> bool:
        return self.total_cents == 0


@dataclass(frozen=True, slots=True)
class Overview:
    """The program's rewards today. The liability is what patients earned and have not redeemed."""

    patients: tuple[RewardedPatient, ...]
    paid_this_month_cents: int
    books: KeptBooks

    @property
    def enrolled(self) -> int:
        return sum(patient.protocol is not None for patient in self.patients)

    @property
    def liability_cents(self) -> int:
        return sum(patient.balance_cents for patient in self.patients)

    @property
    def near_caps(self) -> int:
        return sum(patient.is_near_cap for patient in self.patients)
