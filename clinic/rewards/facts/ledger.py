"""Words of the ledger: accounts, transfers, statements, and the ledger held against itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class AccountKind(StrEnum):
    """Accounts of the ledger. A balance is what the program owes, so what it holds is negative.

    A patient's can never go below zero. Funding falls with each award; a stock of cards falls
    when cards come in and rises when they are handed over.
    """

    PATIENT = "patient"
    FUNDING = "funding"
    REDEEMED = "redeemed"
    """Goods and vouchers handed over that were never in stock."""
    STOCK = "stock"
    """The gift cards of one shop and face value, or one sort of prize."""
    BOUGHT = "bought"
    """What cards and prizes were bought for."""

    @property
    def label(self) -> str:
        return self.value.capitalize()


class TransferKind(StrEnum):
    EARN = "earn"
    REDEEM = "redeem"
    VOID = "void"
    """Takes an award or a redemption back: the same cents the other way."""
    RECEIVE = "receive"
    """Cards or prizes come into stock."""

    @property
    def label(self) -> str:
        return self.value.capitalize()


class ReversalCause(StrEnum):
    """Who took a transfer back: people, and then two of them, or a laboratory's result."""

    PEOPLE = "people"
    LABORATORY = "laboratory"


class FindingKind(StrEnum):
    """What the nightly reconciliation compares."""

    ACCOUNT = "account"
    """An account's kept balance beside the sum of its transfers."""
    TRIAL_BALANCE = "trial_balance"
    VISIT = "visit"
    """What a visit earned beside what was transferred for it."""
    CLOSED_PERIOD = "closed_period"
    """A closed month beside the transfers dated into it now."""
    STOCK = "stock"
    """What the cards on the shelf are worth beside their account."""

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


class RedeemedAs(StrEnum):
    """What is handed over for a balance. Cash is not among them.

    Source: SAMHSA contingency management conditions, January 2025.
    """

    GIFT_CARD = "gift_card"
    VOUCHER = "voucher"
    GOODS = "goods"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One transfer as the patient reads it. ``change_cents`` is signed; oldest line first."""

    transfer_id: UUID
    occurred_at: datetime
    service_date: date
    kind: TransferKind
    text: str
    change_cents: int
    balance_cents: int
    recorded_by: UUID | None
    recorded_by_name: str
    is_voided: bool


@dataclass(frozen=True, slots=True)
class Redemption:
    """A balance spent: the transfer, and what is left."""

    transfer_id: UUID
    balance_cents: int


@dataclass(frozen=True, slots=True)
class AccountCheck:
    """An account's kept balance beside the sum of its transfers."""

    account_id: UUID
    kind: AccountKind
    name: str
    balance_cents: int
    transfers_cents: int


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """The ledger of a site held against itself."""

    accounts: tuple[AccountCheck, ...]

    @property
    def total_cents(self) -> int:
        return sum(account.balance_cents for account in self.accounts)

    @property
    def mismatches(self) -> tuple[AccountCheck, ...]:
        return tuple(
            account for account in self.accounts if account.balance_cents != account.transfers_cents
        )

    @property
    def is_balanced(self) -> bool:
        return self.total_cents == 0 and not self.mismatches


@dataclass(frozen=True, slots=True)
class Period:
    """A month of the books, half-open."""

    first_on: date
    until_on: date

    @property
    def label(self) -> str:
        return f"{self.first_on:%B %Y}"


@dataclass(frozen=True, slots=True)
class PeriodTotals:
    """What happened in a period, what is owed at its end, and a digest of every transfer in it."""

    transfers: int
    earned_cents: int
    redeemed_cents: int
    voided_cents: int
    received_cents: int
    liability_cents: int
    trial_balance_cents: int
    digest: str


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    period: Period
    totals: PeriodTotals
    closed_at: datetime
    closed_by: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference the reconciliation found. Nothing mends it but a person."""

    kind: FindingKind
    subject: str
    expected_cents: int
    found_cents: int


@dataclass(frozen=True, slots=True)
class FoundOn:
    """A finding and the night that found it."""

    service_date: date
    finding: Finding


@dataclass(frozen=True, slots=True)
class LedgerFault:
    """A transfer that does not agree with its audit leaf."""

    transfer_id: UUID
    what: str


@dataclass(frozen=True, slots=True)
class LedgerProof:
    """Every transfer of a site held against the audit's leaves."""

    transfers: int
    faults: tuple[LedgerFault, ...]
