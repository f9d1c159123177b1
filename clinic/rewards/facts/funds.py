"""Who pays for rewards, and what is handed over for a balance: gift cards and prizes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from clinic.rewards.facts.ledger import RedeemedAs

NOT_OFFERED = ("alcohol", "tobacco", "cannabis", "weapons", "gambling", "cash")
"""What no reward may buy or be. ``GoodsCategory`` has no word for any of them.

Source: SAMHSA contingency management conditions, January 2025 (no cash); site policy.
"""


class FunderKind(StrEnum):
    GRANT = "grant"
    PAYER = "payer"
    DONATION = "donation"
    OWN_MEANS = "own_means"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


class GoodsCategory(StrEnum):
    """What a card or prize is good for. The list is the whole of what may be bought."""

    GROCERIES = "groceries"
    PHARMACY = "pharmacy"
    CLOTHING = "clothing"
    TRANSPORT = "transport"
    HOUSEHOLD = "household"
    MEALS = "meals"
    CHILDREN = "children"
    BOOKS_AND_LEISURE = "books_and_leisure"
    TOOLS_AND_WORK = "tools_and_work"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class FundingSource:
    """A grant or payer with an account of its own.

    ``pays_for`` is the protocol whose new enrolments it takes; None takes every one no other
    source names. ``year_cap_cents`` is the most it pays one patient in a calendar year.
    """

    id: UUID
    name: str
    kind: FunderKind
    account_id: UUID
    pays_for: str | None
    year_cap_cents: int | None
    terms: str
    starts_on: date
    ends_on: date | None

    def is_open(self, on: date) -> bool:
        return self.starts_on <= on and (self.ends_on is None or on < self.ends_on)


@dataclass(frozen=True, slots=True)
class BudgetYear:
    """A source's calendar year: what it may spend, what it has, and where that leads.

    ``by_month_cents`` has a sum for each month that has begun. ``forecast_cents`` is the spending
    by 31 December if the rest of the year goes like the part of it that is over. The source is
    None for what was earned before any source was named.
    """

    source: FundingSource | None
    calendar_year: int
    budget_cents: int | None
    by_month_cents: tuple[int, ...]
    forecast_cents: int

    @property
    def name(self) -> str:
        return self.source.name if self.source else "No source named"

    @property
    def spent_cents(self) -> int:
        return sum(self.by_month_cents)

    @property
    def spent_percent(self) -> Decimal | None:
        if not self.budget_cents:
            return None
        return (Decimal(self.spent_cents) * 100 / self.budget_cents).quantize(Decimal("0.1"))

    @property
    def is_short(self) -> bool:
        """The forecast is more than the budget holds."""
        return self.budget_cents is not None and self.forecast_cents > self.budget_cents


@dataclass(frozen=True, slots=True)
class Instrument:
    """One sort of card or prize: a shop and a face value. ``shelf_cents`` is what is left of it."""

    id: UUID
    kind: RedeemedAs
    issuer: str
    name: str
    category: GoodsCategory
    face_cents: int
    account_id: UUID
    in_stock: int = 0
    shelf_cents: int = 0


@dataclass(frozen=True, slots=True)
class StockedItem:
    """One card or prize, known by its serial number."""

    id: UUID
    instrument: Instrument
    serial: str
    remaining_cents: int
    received_at: datetime
    received_by: str


@dataclass(frozen=True, slots=True)
class Signature:
    """How the patient signed for what was handed over: the name typed, with the strokes if drawn,
    or the patient's own PIN.

    Shape: a stroke is a list of ``(x, y)`` in pixels of the pad. ``pin_id`` is the PIN that was
    right; the name may then be empty.
    """

    name: str
    strokes: tuple[tuple[tuple[int, int], ...], ...] = ()
    pin_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A reward in the patient's hands: the transfer, and what is left of balance and card."""

    transfer_id: UUID
    amount_cents: int
    balance_cents: int
    left_on_item_cents: int


@dataclass(frozen=True, slots=True)
class Handover:
    """A hand-over as recorded. ``returned_at`` says when the item came back into stock."""

    transfer_id: UUID
    patient_id: UUID
    occurred_at: datetime
    service_date: date
    what: str
    serial: str | None
    amount_cents: int
    signed_name: str
    is_signed_by_pin: bool
    recorded_by: UUID | None
    recorded_by_name: str
    second_person_name: str | None
    returned_at: datetime | None


@dataclass(frozen=True, slots=True)
class RedemptionTerms:
    """From which amount two people hand a reward over."""

    second_person_from_cents: int = 5000
    source: str = "site policy: two people from $50.00 on"


@dataclass(frozen=True, slots=True)
class BudgetPolicy:
    """What an exhausted budget does: warn, or stop the pay of whoever the source pays for.

    Warning is the default: two patients who do the same must be offered the same.
    """

    stops_when_budget_is_spent: bool = False
    source: str = "site policy: an exhausted budget warns; SAMHSA grant terms: equal opportunity"
