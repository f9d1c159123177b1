"""Words of contingency management: outcomes of a visit, accounts, kinds of transfer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType


class AccountKind(StrEnum):
    """Accounts of the ledger. A patient's can never go below zero."""

    PATIENT = "patient"
    FUNDING = "funding"
    REDEEMED = "redeemed"


class TransferKind(StrEnum):
    EARN = "earn"
    REDEEM = "redeem"
    VOID = "void"


class VisitOutcome(StrEnum):
    """How a scheduled visit came out, by the letter the protocols are written in."""

    NEGATIVE = "N"
    POSITIVE = "P"
    MISSED = "M"
    """Missed without excuse: counts as positive."""
    EXCUSED = "X"
    """Excused: pays nothing and changes nothing."""


class PrizeSlip(StrEnum):
    GOOD_JOB = "good_job"
    SMALL = "small"
    LARGE = "large"
    JUMBO = "jumbo"


@dataclass(frozen=True, slots=True)
class SlipKind:
    slip: PrizeSlip
    count: int
    value_cents: int


@dataclass(frozen=True, slots=True)
class PrizeBowl:
    """The slips a patient draws from; a drawn slip goes back."""

    version: int
    slips: tuple[SlipKind, ...]
    source: str


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
    source=(
        "CalAIM Recovery Incentives Program ($599 over 24 weeks); the visit of recovery is site"
        " policy"
    ),
)

VA_BOWL = PrizeBowl(
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

PROTOCOLS: Mapping[str, Protocol] = MappingProxyType(
    {protocol.name: protocol for protocol in (HIGGINS, CALAIM_RECOVERY_INCENTIVES, PRIZE_VA)}
)


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


class CapPeriod(StrEnum):
    CALENDAR_YEAR = "calendar_year"
    """Restarts at 0 on 1 January."""
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Cap:
    """The most a funder or a protocol pays one patient."""

    name: str
    limit_cents: int
    period: CapPeriod
    paid_to_date_cents: int


@dataclass(frozen=True, slots=True)
class Incentive:
    earned_on: date
    amount_cents: int


@dataclass(frozen=True, slots=True)
class CapPolicy:
    """From which share of a cap on the staff are warned."""

    alert_percent: int = 80
    source: str = "site policy: warn at 80 % of a cap"


@dataclass(frozen=True, slots=True)
class CappedPayment:
    """``binding_cap`` is None when the incentive was paid in full."""

    paid_cents: int
    binding_cap: str | None


@dataclass(frozen=True, slots=True)
class CappedPayments:
    """One payment per incentive; both flags tell how the caps stand after the last."""

    payments: tuple[CappedPayment, ...]
    cap_reached: bool
    cap_alert: bool

    @property
    def total_paid_cents(self) -> int:
        return sum(payment.paid_cents for payment in self.payments)


@dataclass(frozen=True, slots=True)
class TaxThresholds:
    """Yearly totals from which a 1099-MISC is to be looked at: ``(until year, cents)``, rising.

    Later years are indexed and must be set. ``set_cents`` replaces the table.
    """

    until_year_cents: tuple[tuple[int, int], ...] = ((2025, 60000), (2026, 200000))
    set_cents: int | None = None
    source: str = "26 U.S.C. 6041; Pub. L. 119-21 sec. 70433"

    def in_year(self, calendar_year: int) -> int | None:
        """None for a year that is neither in the table nor set."""
        if self.set_cents is not None:
            return self.set_cents
        return next(
            (cents for until, cents in self.until_year_cents if calendar_year <= until), None
        )


@dataclass(frozen=True, slots=True)
class TaxFlag:
    threshold_cents: int
    review_1099: bool
