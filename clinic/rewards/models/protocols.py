"""A site's own protocols: versions, what becomes of them, and the medical director's overrides."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.append_only import AppendOnly
from clinic.data.columns import Attributed, Id, Json, OfSite, ShortName, Text, Word
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.data.walls import says
from clinic.rewards.facts import ProtocolStatus, Target

ONE_VERSION = says(
    "uq_reward_protocol_version", "Somebody has saved this version a moment ago. Look again."
)
ONE_STEP = says(
    "uq_reward_protocol_step", "Somebody has changed this version a moment ago. Look again."
)
ONE_REVOCATION = says("uq_reward_target_revocation", "This override has been revoked already.")
OPIOIDS_NEED_OVERRIDE = says(
    "ck_reward_protocol_step_override",
    "Paying for opioid-negative samples needs the medical director's recorded override.",
)


class RewardProtocol(OfSite, Attributed, AppendOnly, Model):
    """One version of a site's protocol, as it was typed. A change is the next version."""

    __tablename__ = "reward_protocol"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "name", "number", name=ONE_VERSION),
        sa.UniqueConstraint("site_id", "id", "pays_for_opioid_negative"),
        sa.CheckConstraint("number > 0", "number"),
        sa.CheckConstraint(
            "target <> 'opioid_negative' OR pays_for_opioid_negative", "opioid_target"
        ),
    )

    id: Mapped[Id]
    name: Mapped[Word]
    number: Mapped[int]
    title: Mapped[ShortName]
    target: Mapped[Target] = mapped_column(EnumText(Target))
    pays_for_opioid_negative: Mapped[bool]
    parameters: Mapped[Json]
    why: Mapped[Text]


class RewardTargetOverride(OfSite, Attributed, AppendOnly, Model):
    """The medical director's decision that a version may pay for opioid-negative samples.

    ``safety_note`` is the note as it was shown and confirmed.
    """

    __tablename__ = "reward_target_override"
    __table_args__ = (
        sa.CheckConstraint("length(reason) > 0", "reason"),
        sa.CheckConstraint("length(safety_note) > 0", "safety_note"),
        sa.Index("ix_reward_target_override_of", "site_id", "protocol", "protocol_version"),
    )

    id: Mapped[Id]
    protocol: Mapped[Word]
    protocol_version: Mapped[int]
    decided_on: Mapped[date]
    reason: Mapped[Text]
    safety_note: Mapped[Text]


class RewardTargetRevocation(OfSite, Attributed, AppendOnly, Model):
    """An override taken back: nobody is enrolled under it from then on."""

    __tablename__ = "reward_target_revocation"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "override_id", name=ONE_REVOCATION),
        sa.CheckConstraint("length(reason) > 0", "reason"),
    )

    id: Mapped[Id]
    override_id: Mapped[UUID] = mapped_column(sa.ForeignKey("reward_target_override.id"))
    reason: Mapped[Text]


class RewardProtocolStep(OfSite, Attributed, AppendOnly, Model):
    """A version switched on or retired; the latest step says how it stands."""

    __tablename__ = "reward_protocol_step"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "reward_protocol_id", "number", name=ONE_STEP),
        sa.ForeignKeyConstraint(
            ["site_id", "reward_protocol_id", "pays_for_opioid_negative"],
            [
                "reward_protocol.site_id",
                "reward_protocol.id",
                "reward_protocol.pays_for_opioid_negative",
            ],
            name="fk_reward_protocol_step_of",
        ),
        sa.CheckConstraint("number > 0", "number"),
        sa.CheckConstraint("status IN ('active', 'retired')", "status"),
        sa.CheckConstraint(
            "status <> 'active' OR NOT pays_for_opioid_negative OR override_id IS NOT NULL",
            "override",
        ),
    )

    id: Mapped[Id]
    reward_protocol_id: Mapped[UUID] = mapped_column(sa.Uuid)
    number: Mapped[int]
    status: Mapped[ProtocolStatus] = mapped_column(EnumText(ProtocolStatus))
    pays_for_opioid_negative: Mapped[bool]
    override_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("reward_target_override.id"))
    reason: Mapped[Text]
