"""Caps of funders and protocols, and the yearly total that asks for a tax review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


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


@dataclass(frozen=True, slots=True)
class FunderTerms:
    """What the site's funder pays one patient in a calendar year at most."""

    yearly_cap_cents: int = 75000
    source: str = "SAMHSA grant terms: $750 per patient per year"


@dataclass(frozen=True, slots=True)
class SiteTerms:
    """What the site itself lets one patient earn in a calendar year; None sets no cap."""

    site_yearly_cap_cents: int | None = None
    source: str = "site policy: no cap beside the funder's"


@dataclass(frozen=True, slots=True)
class TaxLine:
    """A patient whose year's total is at or near the tax threshold."""

    patient_id: UUID
    name: str
    paid_cents: int
    threshold_cents: int

    @property
    def is_over(self) -> bool:
        return self.paid_cents >= self.threshold_cents


@dataclass(frozen=True, slots=True)
class CapStanding:
    """A cap and what is left of it. ``is_near`` from the policy's share on."""

    cap: Cap
    is_near: bool

    @property
    def left_cents(self) -> int:
        return max(0, self.cap.limit_cents - self.cap.paid_to_date_cents)
