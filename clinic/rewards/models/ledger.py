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
    Versioned,
)
from clinic.data.db import Model
from clinic.data.types import EnumText, new_id
from clinic.data.walls import says
from clinic.rewards.facts import AccountKind, TransferKind

ONE_AWARD = says("uq_ledger_transfer_visit", "This visit has already been rewarded.")
ONE_VOID = says("uq_ledger_transfer_site_id_reverses_id", "Somebody has voided this award already.")
NO_OVERDRAFT = says(
    "ck_ledger_account_no_overdraft", "The patient's balance does not cover this amount."
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
