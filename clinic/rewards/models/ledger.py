"""The accounts, and the transfers between them.

A transfer names the account it takes from and the one it gives to, so the ledger is balanced by
construction. An account's balance is kept beside it with a wall at zero for patients.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.append_only import AppendOnly
from clinic.data.columns import (
    Attributed,
    Id,
    OfSite,
    OnServiceDay,
    ShortName,
    Text,
    Versioned,
)
from clinic.data.db import Model
from clinic.data.types import EnumText, new_id
from clinic.data.walls import says
from clinic.rewards.facts import AccountKind, FindingKind, ReversalCause, TransferKind

ONE_AWARD = says("uq_ledger_transfer_visit", "This visit has already been rewarded.")
ONE_VOID = says("uq_ledger_transfer_site_id_reverses_id", "Somebody has voided this award already.")
NO_OVERDRAFT = says(
    "ck_ledger_account_no_overdraft", "The patient's balance does not cover this amount."
)

TWO_PEOPLE = says(
    "ck_ledger_reversal_two_people", "Nobody both asks for a reversal and approves it."
)
APPROVED = says("ck_ledger_reversal_approved", "A second person has to approve this.")
REVERSED_ONCE = says(
    "uq_ledger_reversal_reverses", "Somebody has taken this back already. Look again."
)
CLOSED_ONCE = says("uq_ledger_close_first_on", "This month is closed already.")
MONTH_IS_OVER = says("ck_ledger_close_is_over", "A month is closed when it is over.")
CLOSES_AT_ZERO = says(
    "ck_ledger_close_trial_balance", "The books do not balance, so the month cannot be closed."
)


class LedgerAccount(OfSite, Versioned, Model):
    """Whose money it is. ``balance_cents`` equals the sum of its transfers, always."""

    __tablename__ = "ledger_account"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "kind", "name"),
        sa.Index(
            "uq_ledger_account_patient",
            "site_id",
            "patient_id",
            unique=True,
            sqlite_where=sa.text("patient_id IS NOT NULL"),
            postgresql_where=sa.text("patient_id IS NOT NULL"),
        ),
        sa.CheckConstraint("kind <> 'patient' OR balance_cents >= 0", "no_overdraft"),
        sa.CheckConstraint("(kind = 'patient') = (patient_id IS NOT NULL)", "patient_of"),
    )

    id: Mapped[Id]
    kind: Mapped[AccountKind] = mapped_column(EnumText(AccountKind))
    name: Mapped[ShortName]
    patient_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("patient.id"))
    balance_cents: Mapped[int] = mapped_column(sa.BigInteger, default=0)


class LedgerTransfer(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """Cents moved from one account to another, once, for a reason."""

    __tablename__ = "ledger_transfer"
    __table_args__ = (
        sa.CheckConstraint("amount_cents > 0", "amount_positive"),
        sa.CheckConstraint("from_account_id <> to_account_id", "two_accounts"),
        sa.CheckConstraint("(kind = 'earn') = (reward_visit_id IS NOT NULL)", "earned_by_visit"),
        sa.CheckConstraint("(kind = 'void') = (reverses_id IS NOT NULL)", "void_names_transfer"),
        sa.UniqueConstraint("site_id", "reward_visit_id", name=ONE_AWARD),
        sa.UniqueConstraint("site_id", "reverses_id", name=ONE_VOID),
        sa.Index("ix_ledger_transfer_from", "from_account_id", "service_date"),
        sa.Index("ix_ledger_transfer_to", "to_account_id", "service_date"),
    )

    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    service_date: Mapped[date] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True, default=new_id)
    kind: Mapped[TransferKind] = mapped_column(EnumText(TransferKind))
    from_account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("ledger_account.id"))
    to_account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("ledger_account.id"))
    amount_cents: Mapped[int] = mapped_column(sa.BigInteger)
    reward_visit_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("reward_visit.id"))
    reverses_id: Mapped[UUID | None] = mapped_column(sa.Uuid)
    memo: Mapped[ShortName]


class LedgerReversal(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """Why a transfer was taken back: who asked (who records it) and who approved."""

    __tablename__ = "ledger_reversal"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "reverses_id", name=REVERSED_ONCE),
        sa.UniqueConstraint("site_id", "transfer_id"),
        sa.CheckConstraint("approved_by <> recorded_by", "two_people"),
        sa.CheckConstraint("cause = 'laboratory' OR approved_by IS NOT NULL", "approved"),
        sa.CheckConstraint("length(reason) > 0", "reason"),
    )

    id: Mapped[Id]
    transfer_id: Mapped[UUID] = mapped_column(sa.Uuid)
    reverses_id: Mapped[UUID] = mapped_column(sa.Uuid)
    cause: Mapped[ReversalCause] = mapped_column(EnumText(ReversalCause))
    reason: Mapped[Text]
    approved_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    approved_by_name: Mapped[ShortName | None]


class LedgerBook(OfSite, Versioned, Model):
    """How far a site's books are closed. Every transfer reads it under a lock a close waits for.

    Invariant: ``closed_until`` only grows.
    """

    __tablename__ = "ledger_book"
    __table_args__ = (sa.UniqueConstraint("site_id"),)

    id: Mapped[Id]
    closed_until: Mapped[date | None]


class LedgerClose(OfSite, Attributed, AppendOnly, Model):
    """A month of the books, closed for good: its totals, and a digest of every transfer in it."""

    __tablename__ = "ledger_close"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "first_on", name=CLOSED_ONCE),
        sa.CheckConstraint("trial_balance_cents = 0", "trial_balance"),
        sa.CheckConstraint("first_on < until_on", "period"),
        sa.CheckConstraint("until_on <= closed_on", "is_over"),
        sa.CheckConstraint("liability_cents >= 0", "liability"),
    )

    id: Mapped[Id]
    first_on: Mapped[date]
    until_on: Mapped[date]
    closed_on: Mapped[date]
    transfers: Mapped[int]
    earned_cents: Mapped[int] = mapped_column(sa.BigInteger)
    redeemed_cents: Mapped[int] = mapped_column(sa.BigInteger)
    voided_cents: Mapped[int] = mapped_column(sa.BigInteger)
    received_cents: Mapped[int] = mapped_column(sa.BigInteger)
    liability_cents: Mapped[int] = mapped_column(sa.BigInteger)
    trial_balance_cents: Mapped[int] = mapped_column(sa.BigInteger)
    digest: Mapped[str] = mapped_column(sa.String(64))


class LedgerFinding(OfSite, Attributed, AppendOnly, Model):
    """A difference a night's reconciliation found. It is shown until a night finds it gone."""

    __tablename__ = "ledger_finding"
    __table_args__ = (sa.UniqueConstraint("site_id", "service_date", "kind", "subject"),)

    id: Mapped[Id]
    service_date: Mapped[date]
    kind: Mapped[FindingKind] = mapped_column(EnumText(FindingKind))
    subject: Mapped[ShortName]
    expected_cents: Mapped[int] = mapped_column(sa.BigInteger)
    found_cents: Mapped[int] = mapped_column(sa.BigInteger)
