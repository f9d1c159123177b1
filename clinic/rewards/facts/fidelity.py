"""Whether the program does what it says: how fast, how fairly, by whom, and with what left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from clinic.rewards.facts.cards import RewardedPatient
from clinic.rewards.facts.funds import BudgetYear


@dataclass(frozen=True, slots=True)
class FidelityTerms:
    """How fast a reward has to follow its sample, and from how many visits a rate is compared."""

    reward_minutes_max: int = 10
    visits_min: int = 20
    source: str = "clinical-rules 6.5: same visit, ideally within 10 minutes; site policy"


@dataclass(frozen=True, slots=True)
class DelayBin:
    """Rewards that came within ``[from_minutes, below_minutes)``; None has no upper end."""

    from_minutes: int
    below_minutes: int | None
    rewards: int

    @property
    def label(self) -> str:
        if self.below_minutes is None:
            return f"{self.from_minutes} and more"
        return f"{self.from_minutes} to {self.below_minutes}"


@dataclass(frozen=True, slots=True)
class Delays:
    """Minutes from sample to reward. The median and the tenth slowest are None without rewards."""

    bins: tuple[DelayBin, ...]
    rewards: int
    in_time: int
    median_minutes: int | None
    ninetieth_minutes: int | None
    terms: FidelityTerms

    @property
    def in_time_percent(self) -> Decimal | None:
        if not self.rewards:
            return None
        return (Decimal(self.in_time) * 100 / self.rewards).quantize(Decimal("0.1"))


@dataclass(frozen=True, slots=True)
class MissedReward:
    """A negative test of an enrolled patient that no visit was judged for."""

    patient_id: UUID
    name: str
    service_date: date
    protocol: str
    recorded_by: str


@dataclass(frozen=True, slots=True)
class GoodFaith:
    """A visit judged while a cup still counted that the laboratory has contradicted since."""

    patient_id: UUID
    name: str
    service_date: date
    number: int
    trusted: int
    """The number of the contradicted visit."""
    paid_cents: int


@dataclass(frozen=True, slots=True)
class SlipCount:
    slip: str
    observed: int
    expected: Decimal


@dataclass(frozen=True, slots=True)
class DrawCheck:
    """The slips drawn from a bowl beside those its contents promise.

    ``p_value`` is how often a fair bowl strays at least this far; None when too few were drawn.
    """

    bowl: str
    slips: tuple[SlipCount, ...]
    chi_square: Decimal | None
    degrees_of_freedom: int
    p_value: Decimal | None

    @property
    def draws(self) -> int:
        return sum(one.observed for one in self.slips)

    @property
    def sentence(self) -> str:
        if self.p_value is None:
            return f"{self.draws} draws are too few to hold against the bowl."
        fair = "That is nothing unusual." if self.p_value >= Decimal("0.01") else "Look into it."
        return (
            f"{self.draws} draws: a fair bowl strays this far or farther in"
            f" {(self.p_value * 100).quantize(Decimal('0.1'))} of 100 such counts. {fair}"
        )


@dataclass(frozen=True, slots=True)
class Interval:
    """A share in percent with the bounds between which it may truly lie."""

    percent: Decimal
    low: Decimal
    high: Decimal

    @property
    def text(self) -> str:
        return f"{self.percent} % ({self.low} to {self.high})"


@dataclass(frozen=True, slots=True)
class StaffPattern:
    """What one person recorded, beside all others. A flag asks for a look and accuses nobody.

    ``own_redeemed`` counts redemptions for patients whose latest result the same person recorded.
    """

    user_id: UUID | None
    name: str
    tests: int
    negatives: int
    negative_rate: Interval | None
    others_percent: Decimal | None
    awarded_cents: int
    voided: int
    redemptions: int
    own_redeemed: int
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fidelity:
    """The program between two dates, half-open, and its money as it stands now."""

    first_on: date
    until_on: date
    delays: Delays
    missed: tuple[MissedReward, ...]
    in_good_faith: tuple[GoodFaith, ...]
    draws: tuple[DrawCheck, ...]
    staff: tuple[StaffPattern, ...]
    awards: int
    voids: int
    liability_cents: int
    near_caps: tuple[RewardedPatient, ...]
    budgets: tuple[BudgetYear, ...]

    @property
    def void_percent(self) -> Decimal | None:
        if not self.awards:
            return None
        return (Decimal(self.voids) * 100 / self.awards).quantize(Decimal("0.1"))
