"""What protocols are made of: targets, terms of a slip, amounts, bowls, awards."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from clinic.toxicology.facts import OPIOIDS, STIMULANTS, Analyte

TARGET_ANALYTES = STIMULANTS
"""What a test must be negative for by default. Source: SAMHSA contingency management conditions,
January 2025.
"""

OPIOID_SAFETY_NOTE = (
    "Paying for opioid-negative samples rewards lost tolerance: a patient who returns to use may"
    " die of a dose once survived. Aim rewards at stimulants, attendance or medication adherence."
    " Nobody's methadone or buprenorphine may be lowered to earn a reward, and everybody who is"
    " paid for opioid abstinence has naloxone at hand."
)
"""Source: SAMHSA contingency management conditions, January 2025; site policy for naloxone."""


class Target(StrEnum):
    """The behavior a protocol pays for."""

    STIMULANT_NEGATIVE = "stimulant_negative"
    ATTENDANCE = "attendance"
    MEDICATION_ADHERENCE = "medication_adherence"
    GOAL = "goal"
    OPIOID_NEGATIVE = "opioid_negative"
    """Only with the medical director's override."""

    @property
    def label(self) -> str:
        return {
            Target.STIMULANT_NEGATIVE: "Test negative for stimulants",
            Target.ATTENDANCE: "Attendance",
            Target.MEDICATION_ADHERENCE: "Medication taken",
            Target.GOAL: "Treatment-plan goal",
            Target.OPIOID_NEGATIVE: "Test negative for opioids",
        }[self]

    @property
    def met_word(self) -> str:
        """A visit that met the target, in the middle of a sentence."""
        return {
            Target.ATTENDANCE: "kept visit",
            Target.MEDICATION_ADHERENCE: "visit with medication taken",
            Target.GOAL: "goal reached",
        }.get(self, "negative")

    @property
    def slip_word(self) -> str:
        """A visit that did not, at the start of one."""
        return {
            Target.ATTENDANCE: "Not kept",
            Target.MEDICATION_ADHERENCE: "Not taken",
            Target.GOAL: "Not reached",
        }.get(self, "Positive")

    @property
    def analytes(self) -> Collection[Analyte]:
        """What a test is read for: negative for the drugs, positive for the medication."""
        return {
            Target.STIMULANT_NEGATIVE: STIMULANTS,
            Target.MEDICATION_ADHERENCE: MEDICATION_MARKERS,
            Target.OPIOID_NEGATIVE: OPIOIDS,
        }.get(self, frozenset())


MEDICATION_MARKERS = frozenset({Analyte.EDDP, Analyte.BUPRENORPHINE})
"""What shows that the medication was taken. Methadone itself does not: it can be dropped into the
cup, its metabolite EDDP cannot. Source: site policy.
"""

BONUS_ANALYTES = OPIOIDS | {Analyte.CANNABINOIDS}
"""What a test must be negative for beside the target to earn a protocol's bonus draws.
Source: CTN-0006/0007 (MIEDAR).
"""


class VisitOutcome(StrEnum):
    """How a scheduled visit came out, by the letter the protocols are written in."""

    NEGATIVE = "N"
    """The target was met, whatever it is."""
    POSITIVE = "P"
    MISSED = "M"
    """Missed without excuse: counts as positive unless the protocol says otherwise."""
    EXCUSED = "X"
    """Excused: pays nothing and changes nothing unless the protocol says otherwise."""

    @property
    def label(self) -> str:
        return self.name.capitalize()


class SecondSlip(StrEnum):
    """What a slip does to a level that an earlier slip cost and nobody has regained yet."""

    KEEPS_HIGHEST = "keeps_highest"
    KEEPS_LATEST = "keeps_latest"

    @property
    def label(self) -> str:
        return {
            SecondSlip.KEEPS_HIGHEST: "The highest level before any of them can be regained",
            SecondSlip.KEEPS_LATEST: "Only the level before the last of them can be regained",
        }[self]


@dataclass(frozen=True, slots=True)
class SlipTerms:
    """Which visits set the level back to the start, and what stays to be regained.

    A visit that sets nothing back pays nothing and changes nothing.
    """

    positive_resets: bool = True
    missed_resets: bool = True
    excused_resets: bool = False
    second_slip: SecondSlip = SecondSlip.KEEPS_HIGHEST


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
    """The slips a patient draws from. Every visit begins with the whole bowl.

    ``puts_back``: a drawn slip goes back before the next; otherwise it stays out until the visit's
    last draw.
    """

    name: str
    version: int
    slips: tuple[SlipKind, ...]
    source: str
    puts_back: bool = True

    @property
    def size(self) -> int:
        return sum(kind.count for kind in self.slips)


@dataclass(frozen=True, slots=True)
class EscalatingProtocol:
    """Each negative in a row pays more; a slip sets the pay back until enough negatives follow.

    ``recovers_on_negative`` is the negative after a slip that brings the earlier level back; 0:
    none does. ``final_visits_cents`` are flat amounts for the last visits, each by itself.
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
    target: Target = Target.STIMULANT_NEGATIVE
    slips: SlipTerms = SlipTerms()

    @property
    def escalating_visits(self) -> int:
        return self.scheduled_visits - len(self.final_visits_cents)

    @property
    def pays_for_opioid_negative(self) -> bool:
        return self.target is Target.OPIOID_NEGATIVE


@dataclass(frozen=True, slots=True)
class PrizeProtocol:
    """Negatives in a row earn more and more draws, up to a cap; a slip starts again at the first.

    ``bonus_draws`` come on top of a negative visit that is negative for ``BONUS_ANALYTES`` too.
    """

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
    first_draws: int = 1
    negatives_per_step: int = 1
    """So many negatives in a row before a visit earns one draw more."""
    recovers_on_negative: int = 0
    bonus_draws: int = 0
    target: Target = Target.STIMULANT_NEGATIVE
    slips: SlipTerms = SlipTerms()

    @property
    def escalating_visits(self) -> int:
        return self.scheduled_visits

    @property
    def pays_for_opioid_negative(self) -> bool:
        return self.target is Target.OPIOID_NEGATIVE or self.bonus_draws > 0


Protocol = EscalatingProtocol | PrizeProtocol


@dataclass(frozen=True, slots=True)
class Award:
    """What one visit earned, and the sentence the patient hears.

    ``amount_cents`` is the voucher without the bonus; ``draws`` are bonus draws included.
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
