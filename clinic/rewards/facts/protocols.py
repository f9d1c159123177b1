"""Protocols as data: what each visit pays, in which words, and what a test must be negative for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from clinic.toxicology.facts import STIMULANTS

TARGET_ANALYTES = STIMULANTS
"""What a test must be negative for. An opioid-free target is not offered: paying for it costs
tolerance and with it lives. Source: SAMHSA contingency management conditions, January 2025.
"""


class VisitOutcome(StrEnum):
    """How a scheduled visit came out, by the letter the protocols are written in."""

    NEGATIVE = "N"
    POSITIVE = "P"
    MISSED = "M"
    """Missed without excuse: counts as positive."""
    EXCUSED = "X"
    """Excused: pays nothing and changes nothing."""

    @property
    def label(self) -> str:
        return self.name.capitalize()


class PrizeSlip(StrEnum):
    GOOD_JOB = "good_job"
    SMALL = "small"
    LARGE = "large"
    JUMBO = "jumbo"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class SlipKind:
    slip: PrizeSlip
    count: int
    value_cents: int


@dataclass(frozen=True, slots=True)
class PrizeBowl:
    """The slips a patient draws from; a drawn slip goes back."""

    name: str
    version: int
    slips: tuple[SlipKind, ...]
    source: str

    @property
    def size(self) -> int:
        return sum(kind.count for kind in self.slips)


@dataclass(frozen=True, slots=True)
class EscalatingProtocol:
    """Each negative in a row pays more; a slip sets the pay back until enough negatives follow.

    ``recovers_on_negative`` is the negative after a slip that brings the earlier level back.
    ``final_visits_cents`` are flat amounts for the last visits, each by itself.
    """

    name: str
    version: int
    title: str
    scheduled_visits: int
    first_cents: int
    step_cents: int
    negatives_per_step: int
    recovers_on_negative: int
    source: str
    bonus_cents: int = 0
    bonus_every: int = 0
    final_visits_cents: tuple[int, ...] = ()
    yearly_cap_cents: int | None = None
    """What the protocol itself pays one patient in a calendar year at most."""
    outpatient_only: bool = False

    @property
    def escalating_visits(self) -> int:
        return self.scheduled_visits - len(self.final_visits_cents)


@dataclass(frozen=True, slots=True)
class PrizeProtocol:
    """Each negative in a row earns one draw more, up to a cap; a slip starts again at one."""

    name: str
    version: int
    title: str
    scheduled_visits: int
    draw_cap: int
    bowl: PrizeBowl
    source: str
    yearly_cap_cents: int | None = None
    """What the protocol itself pays one patient in a calendar year at most."""
    outpatient_only: bool = False


Protocol = EscalatingProtocol | PrizeProtocol


HIGGINS = EscalatingProtocol(
    name="higgins",
    version=1,
    title="Voucher reinforcement, 12 weeks, three visits a week",
    scheduled_visits=36,
    first_cents=250,
    step_cents=125,
    negatives_per_step=1,
    recovers_on_negative=6,
    bonus_cents=1000,
    bonus_every=3,
    source=(
        "Higgins voucher schedule (NIDA CRA manual, chapter 6); how the earlier amount is regained"
        " in detail is site policy"
    ),
)


CALAIM_RECOVERY_INCENTIVES = EscalatingProtocol(
    name="calaim_recovery_incentives",
    version=1,
    title="California Recovery Incentives, 24 weeks, stimulants",
    scheduled_visits=36,
    first_cents=1000,
    step_cents=150,
    negatives_per_step=2,
    recovers_on_negative=3,
    final_visits_cents=(1500,) * 6 + (1000,) * 5 + (2100,),
    yearly_cap_cents=59900,
    outpatient_only=True,
    source=(
        "CalAIM Recovery Incentives Program ($599 over 24 weeks); the visit of recovery is site"
        " policy"
    ),
)


VA_BOWL = PrizeBowl(
    name="petry_500",
    version=1,
    slips=(
        SlipKind(PrizeSlip.GOOD_JOB, 250, 0),
        SlipKind(PrizeSlip.SMALL, 209, 100),
        SlipKind(PrizeSlip.LARGE, 40, 2000),
        SlipKind(PrizeSlip.JUMBO, 1, 10000),
    ),
    source="Petry's prize bowl of 500 slips, as the VA uses it",
)


PRIZE_VA = PrizeProtocol(
    name="prize_va",
    version=1,
    title="VA prize bowl, 12 weeks, two visits a week",
    scheduled_visits=24,
    draw_cap=8,
    bowl=VA_BOWL,
    source="Petry's prize bowl; draw cap of the VA program",
)


BOWLS: Mapping[tuple[str, int], PrizeBowl] = MappingProxyType(
    {(bowl.name, bowl.version): bowl for bowl in (VA_BOWL,)}
)
"""Every bowl slips were ever drawn from, by name and version."""

PROTOCOLS: Mapping[str, Protocol] = MappingProxyType(
    {protocol.name: protocol for protocol in (HIGGINS, CALAIM_RECOVERY_INCENTIVES, PRIZE_VA)}
)
"""What a patient may be enrolled in now."""

PROTOCOL_VERSIONS: Mapping[tuple[str, int], Protocol] = MappingProxyType(
    {(protocol.name, protocol.version): protocol for protocol in PROTOCOLS.values()}
)
"""Every version a patient was ever enrolled in: they stay on the one they started with."""


@dataclass(frozen=True, slots=True)
class Award:
    """What one visit earned, and the sentence the patient hears.

    ``amount_cents`` is the voucher without the bonus.
    """

    visit_number: int
    outcome: VisitOutcome
    amount_cents: int
    bonus_cents: int
    draws: int
    sentence: str

    @property
    def total_cents(self) -> int:
        return self.amount_cents + self.bonus_cents
