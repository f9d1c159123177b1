"""Enrolments in a reward protocol, the visits it judged, prize draws, and the ledger of it all.

A transfer names the account it takes from and the one it gives to, so the ledger is balanced by
construction. An account's balance is kept beside it with a wall at zero for patients.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.append_only import AppendOnly
from clinic.data.columns import (
    Attributed,
    Id,
    Instant,
    Json,
    OfSite,
    OnServiceDay,
    ShortName,
    Text,
    Versioned,
    Word,
)
from clinic.data.db import Model
from clinic.data.types import EnumText, new_id
from clinic.data.walls import says
from clinic.rewards.facts import AccountKind, TransferKind

ONE_AWARD = says("uq_ledger_transfer_visit", "This visit has already been rewarded.")
ONE_VISIT = says("uq_reward_visit_number", "Somebody recorded this visit a moment ago. Look again.")
ONE_VOID = says("uq_ledger_transfer_site_id_reverses_id", "Somebody has voided this award already.")
NO_OVERDRAFT = says(
    "ck_ledger_account_no_overdraft", "The patient's balance does not cover this amount."
)
ONE_COMMITMENT = says("uq_prize_commitment_visit", "The draw of this visit is prepared already.")
ONE_DRAW = says("uq_prize_draw_visit", "The slips of this visit have been drawn already.")
ONE_ENROLMENT = says("uq_reward_enrolment_open", "The patient is already enrolled in a protocol.")


class RewardEnrolment(OfSite, Attributed, Versioned, Model):
    """A patient on one version of a protocol, from a date on. The version never changes."""

    __tablename__ = "reward_enrolment"
    __table_args__ = (
        sa.Index(
            ONE_ENROLMENT,
            "site_id",
            "patient_id",
            unique=True,
            sqlite_where=sa.text("ended_on IS NULL"),
            postgresql_where=sa.text("ended_on IS NULL"),
        ),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    episode_id: Mapped[UUID] = mapped_column(sa.ForeignKey("episode.id"))
    protocol: Mapped[Word]
    protocol_version: Mapped[int]
    starts_on: Mapped[date]
    ended_on: Mapped[date | None]


class RewardVisit(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """One scheduled visit as the protocol saw it, what it earned, and the sentence why."""

    __tablename__ = "reward_visit"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "enrolment_id", "number", name=ONE_VISIT),
        sa.UniqueConstraint("site_id", "specimen_id", "enrolment_id"),
        sa.CheckConstraint("amount_cents >= 0", "amount"),
        sa.CheckConstraint("outcome IN ('N', 'P', 'M', 'X')", "outcome"),
    )

    id: Mapped[Id]
    enrolment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("reward_enrolment.id"))
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    specimen_id: Mapped[UUID] = mapped_column(sa.ForeignKey("specimen.id"))
    number: Mapped[int]
    outcome: Mapped[str] = mapped_column(sa.String(1))
    amount_cents: Mapped[int]
    sentence: Mapped[Text]
    terms: Mapped[Json]


class PrizeCommitment(OfSite, Attributed, AppendOnly, Model):
    """How many draws a visit earned, from which bowl, and the seed's hash, shown before it."""

    __tablename__ = "prize_commitment"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "reward_visit_id", name=ONE_COMMITMENT),
        sa.CheckConstraint("draws > 0", "draws"),
        sa.CheckConstraint("length(commitment) = 64", "commitment"),
    )

    id: Mapped[Id]
    reward_visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("reward_visit.id"))
    commitment: Mapped[str] = mapped_column(sa.String(64))
    bowl_name: Mapped[Word]
    bowl_version: Mapped[int]
    draws: Mapped[int]
    committed_at: Mapped[Instant]


class PrizeSeed(OfSite, AppendOnly, Model):
    """The secret behind a commitment. Nothing reads it but the draw, which then reveals it."""

    __tablename__ = "prize_seed"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "reward_visit_id"),
        sa.ForeignKeyConstraint(
            ["site_id", "reward_visit_id"],
            ["prize_commitment.site_id", "prize_commitment.reward_visit_id"],
        ),
        sa.CheckConstraint("length(seed) = 64", "seed"),
    )

    id: Mapped[Id]
    reward_visit_id: Mapped[UUID] = mapped_column(sa.Uuid)
    seed: Mapped[str] = mapped_column(sa.String(64))


class PrizeDraw(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """The slips of a visit, drawn once, with everything anybody needs to draw them again.

    ``total_cents`` is what the slips say, ``paid_cents`` what the caps let be paid of it.
    """

    __tablename__ = "prize_draw"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "reward_visit_id", name=ONE_DRAW),
        sa.ForeignKeyConstraint(
            ["site_id", "reward_visit_id"],
            ["prize_commitment.site_id", "prize_commitment.reward_visit_id"],
        ),
        sa.CheckConstraint("length(seed) = 64", "seed"),
        sa.CheckConstraint("length(choice) > 0", "choice"),
        sa.CheckConstraint("paid_cents >= 0 AND paid_cents <= total_cents", "paid"),
    )

    id: Mapped[Id]
    reward_visit_id: Mapped[UUID] = mapped_column(sa.Uuid)
    choice: Mapped[Word]
    seed: Mapped[str] = mapped_column(sa.String(64))
    slips: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON)
    total_cents: Mapped[int]
    paid_cents: Mapped[int]
    sentence: Mapped[Text]


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
