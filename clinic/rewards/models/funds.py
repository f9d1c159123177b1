"""Funding sources, the stock of cards and prizes, and what was handed over to whom."""

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
    OfSite,
    OnServiceDay,
    ShortName,
    Versioned,
    Word,
)
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.data.walls import says
from clinic.rewards.facts import FunderKind, GoodsCategory, RedeemedAs

ONE_SOURCE = says("uq_funding_source_name", "There is a funding source of this name already.")
ONE_FUNDING = says("uq_funded_enrolment", "This enrolment has its funding source already.")
ONE_INSTRUMENT = says("uq_reward_instrument_sort", "This card or prize is listed already.")
ONE_SERIAL = says("uq_reward_item_serial", "This serial number of this issuer is here already.")
HANDED_OVER_ONCE = says("ck_reward_item_remaining", "This has been handed over already.")
NOT_CASH = says("ck_reward_instrument_kind", "Rewards are never cash.")
ALLOWED_GOODS = says(
    "ck_reward_instrument_category",
    "No alcohol, tobacco, cannabis, weapons or gambling: rewards do not buy these.",
)
TWO_HAND_OVER = says("ck_reward_handover_two_people", "The second person has to be somebody else.")
SECOND_WHERE_ASKED = says(
    "ck_reward_handover_second_person", "An amount like this takes two people to hand over."
)
SIGNED = says("ck_reward_handover_signed", "The patient has to sign for it.")


def _one_of(column: str, words: type[RedeemedAs | GoodsCategory]) -> str:
    listed = ", ".join(f"'{word.value}'" for word in words)
    return f"{column} IN ({listed})"


class FundingSource(OfSite, Attributed, Versioned, Model):
    """A grant, a payer or own means, with an account and a yearly cap for each patient."""

    __tablename__ = "funding_source"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "name", name=ONE_SOURCE),
        sa.CheckConstraint("year_cap_cents > 0", "year_cap"),
        sa.CheckConstraint("starts_on < ends_on", "period"),
    )

    id: Mapped[Id]
    name: Mapped[Word]
    kind: Mapped[FunderKind] = mapped_column(EnumText(FunderKind))
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("ledger_account.id"))
    pays_for: Mapped[Word | None]
    year_cap_cents: Mapped[int | None]
    terms: Mapped[ShortName]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class FundingBudget(OfSite, Attributed, AppendOnly, Model):
    """What a source may spend in a calendar year. The latest row of a year stands."""

    __tablename__ = "funding_budget"
    __table_args__ = (
        sa.Index("ix_funding_budget_year", "site_id", "funding_source_id", "calendar_year"),
        sa.CheckConstraint("amount_cents >= 0", "amount"),
    )

    id: Mapped[Id]
    funding_source_id: Mapped[UUID] = mapped_column(sa.ForeignKey("funding_source.id"))
    calendar_year: Mapped[int]
    amount_cents: Mapped[int] = mapped_column(sa.BigInteger)


class FundedEnrolment(OfSite, Attributed, AppendOnly, Model):
    """Which source pays for an enrolment, fixed with its first award."""

    __tablename__ = "funded_enrolment"
    __table_args__ = (sa.UniqueConstraint("site_id", "enrolment_id", name=ONE_FUNDING),)

    id: Mapped[Id]
    enrolment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("reward_enrolment.id"))
    funding_source_id: Mapped[UUID] = mapped_column(sa.ForeignKey("funding_source.id"))


class RewardInstrument(OfSite, Attributed, Versioned, Model):
    """One sort of card or prize: who issues it, what it buys, what it is worth."""

    __tablename__ = "reward_instrument"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "kind", "issuer", "name", "face_cents", name=ONE_INSTRUMENT),
        sa.CheckConstraint(_one_of("kind", RedeemedAs), "kind"),
        sa.CheckConstraint(_one_of("category", GoodsCategory), "category"),
        sa.CheckConstraint("face_cents > 0", "face"),
    )

    id: Mapped[Id]
    kind: Mapped[RedeemedAs] = mapped_column(EnumText(RedeemedAs))
    issuer: Mapped[Word]
    name: Mapped[Word]
    category: Mapped[GoodsCategory] = mapped_column(EnumText(GoodsCategory))
    face_cents: Mapped[int]
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("ledger_account.id"))


class RewardItem(OfSite, Attributed, Versioned, Model):
    """One card or prize. What is left of it falls with each hand-over, never below nothing."""

    __tablename__ = "reward_item"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "issuer", "serial", name=ONE_SERIAL),
        sa.Index("ix_reward_item_serial", "site_id", "serial"),
        sa.Index("ix_reward_item_instrument", "instrument_id", "remaining_cents"),
        sa.CheckConstraint("remaining_cents >= 0 AND remaining_cents <= face_cents", "remaining"),
        sa.CheckConstraint("length(serial) > 0", "serial"),
    )

    id: Mapped[Id]
    instrument_id: Mapped[UUID] = mapped_column(sa.ForeignKey("reward_instrument.id"))
    issuer: Mapped[Word]
    serial: Mapped[Word]
    face_cents: Mapped[int]
    remaining_cents: Mapped[int]


class RewardHandover(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """What a patient took for a part of the balance, and the signatures under it.

    ``second_person_from_cents`` is the policy of that day: from this amount on, two people.
    """

    __tablename__ = "reward_handover"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "transfer_id"),
        sa.Index("ix_reward_handover_patient", "patient_id", "service_date"),
        sa.CheckConstraint("amount_cents > 0", "amount"),
        sa.CheckConstraint("length(signed_name) > 0", "signed"),
        sa.CheckConstraint("second_person_id <> recorded_by", "two_people"),
        sa.CheckConstraint(
            "amount_cents < second_person_from_cents OR second_person_id IS NOT NULL",
            "second_person",
        ),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    transfer_id: Mapped[UUID] = mapped_column(sa.Uuid)
    item_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("reward_item.id"))
    what: Mapped[ShortName]
    amount_cents: Mapped[int]
    signed_name: Mapped[ShortName]
    strokes: Mapped[list[Any]] = mapped_column(sa.JSON)
    second_person_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    second_person_name: Mapped[ShortName | None]
    second_person_from_cents: Mapped[int]
