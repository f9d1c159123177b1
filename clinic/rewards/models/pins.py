"""A patient's own PIN, what was signed with it, and the override an enrolment stands on."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.append_only import AppendOnly
from clinic.data.columns import Attributed, Id, OfSite, ShortName, Versioned
from clinic.data.db import Model
from clinic.data.walls import says

ONE_PIN = says("uq_reward_pin_patient", "Somebody set this patient's PIN a moment ago.")


class RewardPin(OfSite, Attributed, Versioned, Model):
    """Six digits by which a patient signs for a reward. Too many wrong ones and it is of no use."""

    __tablename__ = "reward_pin"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "patient_id", name=ONE_PIN),
        sa.CheckConstraint("failures >= 0", "failures"),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    pin_hash: Mapped[ShortName]
    failures: Mapped[int]


class RewardPinSignature(OfSite, Attributed, AppendOnly, Model):
    """A hand-over the patient signed for with the PIN."""

    __tablename__ = "reward_pin_signature"
    __table_args__ = (sa.UniqueConstraint("site_id", "transfer_id"),)

    id: Mapped[Id]
    transfer_id: Mapped[UUID] = mapped_column(sa.Uuid)
    pin_id: Mapped[UUID] = mapped_column(sa.ForeignKey("reward_pin.id"))


class RewardEnrolmentOverride(OfSite, Attributed, AppendOnly, Model):
    """The medical director's override under which an enrolment began."""

    __tablename__ = "reward_enrolment_override"
    __table_args__ = (sa.UniqueConstraint("site_id", "enrolment_id"),)

    id: Mapped[Id]
    enrolment_id: Mapped[UUID] = mapped_column(sa.ForeignKey("reward_enrolment.id"))
    override_id: Mapped[UUID] = mapped_column(sa.ForeignKey("reward_target_override.id"))
