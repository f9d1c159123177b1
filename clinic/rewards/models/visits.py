"""Enrolments in a reward protocol, and the visits it judged."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.append_only import AppendOnly
from clinic.data.columns import (
    Attributed,
    Id,
    Json,
    OfSite,
    OnServiceDay,
    Text,
    Versioned,
    Word,
)
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.data.walls import says
from clinic.rewards.facts.visits import Verdict

ONE_VISIT = says("uq_reward_visit_number", "Somebody recorded this visit a moment ago. Look again.")
ONE_WITHOUT_SPECIMEN = says(
    "uq_reward_visit_without_specimen", "Today's visit is recorded already. Look again."
)
ONE_CONFIRMATION = says(
    "uq_reward_confirmation_visit", "The laboratory's word on this visit is recorded already."
)
ONE_HOLD = says("uq_reward_hold_visit", "This award waits for the laboratory already.")
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
    """One scheduled visit as the protocol saw it, what it earned, and the sentence why.

    Without a specimen where the protocol rewards something else than a test: one such a day.
    """

    __tablename__ = "reward_visit"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "enrolment_id", "number", name=ONE_VISIT),
        sa.UniqueConstraint("site_id", "specimen_id", "enrolment_id"),
        sa.Index(
            ONE_WITHOUT_SPECIMEN,
            "site_id",
            "enrolment_id",
            "service_date",
            unique=True,
            sqlite_where=sa.text("specimen_id IS NULL"),
            postgresql_where=sa.text("specimen_id IS NULL"),
        ),
        sa.CheckConstraint("amount_cents >= 0", "amount"),
        sa.CheckConstraint("outcome IN ('N', 'P', 'M', 'X')", "outcome"),
    )

    id: Mapped[Id]
    enrolment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("reward_enrolment.id"))
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    specimen_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("specimen.id"))
    number: Mapped[int]
    outcome: Mapped[str] = mapped_column(sa.String(1))
    amount_cents: Mapped[int]
    sentence: Mapped[Text]
    terms: Mapped[Json]


class RewardHold(OfSite, Attributed, AppendOnly, Model):
    """An award that is paid only once a laboratory has confirmed the test."""

    __tablename__ = "reward_hold"
    __table_args__ = (sa.UniqueConstraint("site_id", "reward_visit_id", name=ONE_HOLD),)

    id: Mapped[Id]
    reward_visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("reward_visit.id"))


class RewardConfirmation(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """What the laboratory's result made of a judged visit. The judgement itself stays written.

    ``outcome`` replaces the visit's from now on, ``amount_cents`` what it was paid.
    """

    __tablename__ = "reward_confirmation"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "reward_visit_id", name=ONE_CONFIRMATION),
        sa.CheckConstraint("amount_cents >= 0", "amount"),
        sa.CheckConstraint("outcome IN ('N', 'P', 'X')", "outcome"),
        sa.CheckConstraint("verdict <> 'reversed' OR amount_cents = 0", "reversed_pays_nothing"),
    )

    id: Mapped[Id]
    reward_visit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("reward_visit.id"))
    verdict: Mapped[Verdict] = mapped_column(EnumText(Verdict))
    outcome: Mapped[str] = mapped_column(sa.String(1))
    amount_cents: Mapped[int]
    sentence: Mapped[Text]
