"""The laboratory's words: histories that were, and what a protocol would have made of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from clinic.rewards.facts.protocols import Protocol, VisitOutcome


@dataclass(frozen=True, slots=True)
class PastVisit:
    """One visit of a history. ``happened_on`` is None where only the order is known."""

    outcome: VisitOutcome
    happened_on: date | None = None
    earns_bonus_draws: bool = False
    """Negative for what the bonus of a prize bowl asks, too."""


@dataclass(frozen=True, slots=True)
class History:
    """One patient's visits, oldest first, under a code that is nobody's name."""

    code: str
    visits: tuple[PastVisit, ...]


@dataclass(frozen=True, slots=True)
class SimulatedPatient:
    """What one history would have come to.

    ``losses`` holds, for each level lost to a slip, the visits from the slip to the one that paid
    that level again; None where none did.
    """

    code: str
    visits: int
    met: int
    earned_cents: int
    """Before caps."""
    paid_cents: int
    draws: int
    losses: tuple[int | None, ...]
    binding_cap: str | None
    """The first cap that cut a payment."""


@dataclass(frozen=True, slots=True)
class Bar:
    """How many patients would have been paid in ``[from_cents, to_cents)``."""

    from_cents: int
    to_cents: int
    patients: int


@dataclass(frozen=True, slots=True)
class Simulation:
    """A protocol run on histories, once and repeatably: the same seed draws the same slips.

    Percentiles are of what patients were paid: the nearest rank, nothing is interpolated.
    """

    protocol: Protocol
    seed: int
    patients: tuple[SimulatedPatient, ...]
    total_cents: int
    mean_cents: int
    median_cents: int
    p90_cents: int
    most_cents: int
    cap_hits: int
    losses: int
    """Levels lost to slips."""
    regained: int
    median_visits_back: int | None
    draws: int
    bars: tuple[Bar, ...]

    @property
    def visits(self) -> int:
        return sum(one.visits for one in self.patients)

    @property
    def met(self) -> int:
        return sum(one.met for one in self.patients)

    def to_json(self) -> dict[str, object]:
        return {
            "protocol": self.protocol.name,
            "protocol_version": self.protocol.version,
            "seed": self.seed,
            "patients": len(self.patients),
            "visits": self.visits,
            "met": self.met,
            "total_cents": self.total_cents,
            "mean_cents": self.mean_cents,
            "median_cents": self.median_cents,
            "p90_cents": self.p90_cents,
            "most_cents": self.most_cents,
            "cap_hits": self.cap_hits,
            "levels_lost": self.losses,
            "levels_regained": self.regained,
            "median_visits_to_reinstatement": self.median_visits_back,
            "draws": self.draws,
            "histogram": [
                {"from_cents": bar.from_cents, "to_cents": bar.to_cents, "patients": bar.patients}
                for bar in self.bars
            ],
        }
