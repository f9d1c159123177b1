"""Words of the ledger: accounts, transfers, statements, and the ledger held against itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


class AccountKind(StrEnum):
    """Accounts of the ledger. A patient's can never go below zero."""

    PATIENT = "patient"
    FUNDING = "funding"
    REDEEMED = "redeemed"


class TransferKind(StrEnum):
    EARN = "earn"
    REDEEM = "redeem"
    VOID = "void"


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
