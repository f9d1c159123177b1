"""Episodes of care and the immutable moves within them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.data.append_only import AppendOnly
from clinic.data.columns import (
    Attributed,
    Id,
    Instant,
    OfSite,
    OnServiceDay,
    ShortName,
    Text,
    Versioned,
    Word,
)
from clinic.data.db import Model
from clinic.data.types import EnumText
from clinic.data.walls import says
from clinic.programs.facts import CareState, DischargeReason, MedicationState, ReferralSource

ALREADY_OPEN = "This patient already has an open episode at this site."
ONE_OPEN_EPISODE = says("uq_episode_open", ALREADY_OPEN)
MOVED_ALREADY = "Somebody moved this patient a moment ago. Look again."
TRANSITION_IN_TURN = says("uq_care_transition_sequence", MOVED_ALREADY)
PARTICULARS_IN_TURN = says("uq_episode_particulars_sequence", MOVED_ALREADY)
MEDICATION_IN_TURN = says("uq_medication_transition_sequence", MOVED_ALREADY)


class Episode(OfSite, Attributed, Versioned, Model):
    """From the request for treatment to discharge. A readmission is a new episode.

    Source: FHIR EpisodeOfCare. ``closed_on`` repeats the last transition for the wall that
    allows one open episode; the transitions are the truth.
    """

    __tablename__ = "episode"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "patient_id", "number"),
        sa.Index(
            ONE_OPEN_EPISODE,
            "site_id",
            "patient_id",
            unique=True,
            sqlite_where=sa.text("closed_on IS NULL"),
            postgresql_where=sa.text("closed_on IS NULL"),
        ),
        sa.Index("ix_episode_closed_on", "site_id", "closed_on"),
        sa.CheckConstraint("number >= 1", "number"),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    number: Mapped[int]
    requested_at: Mapped[Instant]
    referral_source: Mapped[ReferralSource] = mapped_column(EnumText(ReferralSource))
    injects: Mapped[bool] = mapped_column(default=False)
    pregnant: Mapped[bool] = mapped_column(default=False)
    counselor_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    closed_on: Mapped[date | None]


class CareTransition(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """One move of an episode between care states. The last one is where the patient is."""

    __tablename__ = "care_transition"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "episode_id", "sequence", name=TRANSITION_IN_TURN),
        sa.Index("ix_care_transition_service_date", "site_id", "service_date"),
        sa.Index("ix_care_transition_patient", "site_id", "patient_id"),
        sa.Index("ix_care_transition_recorded_at", "site_id", "recorded_at"),
        sa.CheckConstraint(
            "(to_state = 'discharged') = (discharge_reason IS NOT NULL)", "reason_on_discharge"
        ),
        sa.CheckConstraint("to_state <> from_state", "moves"),
    )

    id: Mapped[Id]
    episode_id: Mapped[UUID] = mapped_column(sa.ForeignKey("episode.id"))
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    sequence: Mapped[int]
    from_state: Mapped[CareState | None] = mapped_column(EnumText(CareState))
    to_state: Mapped[CareState] = mapped_column(EnumText(CareState))
    planned_days: Mapped[int | None]
    discharge_reason: Mapped[DischargeReason | None] = mapped_column(EnumText(DischargeReason))
    note: Mapped[Text] = mapped_column(default="")


class MedicationTransition(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """The second axis: which primary medication from this date on. The last one holds."""

    __tablename__ = "medication_transition"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "episode_id", "sequence", name=MEDICATION_IN_TURN),
        sa.CheckConstraint("to_medication <> from_medication", "moves"),
    )

    id: Mapped[Id]
    episode_id: Mapped[UUID] = mapped_column(sa.ForeignKey("episode.id"))
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    sequence: Mapped[int]
    from_medication: Mapped[MedicationState] = mapped_column(EnumText(MedicationState))
    to_medication: Mapped[MedicationState] = mapped_column(EnumText(MedicationState))


class EpisodeParticulars(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """Who counsels, where the patient stays, what gives priority: whole, from this instant on.

    The last one holds. An episode of which nothing was ever changed has none; the columns of
    ``Episode`` then say it. The first one says what held before the first change.
    """

    __tablename__ = "episode_particulars"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "episode_id", "sequence", name=PARTICULARS_IN_TURN),
        sa.Index("ix_episode_particulars_service_date", "site_id", "service_date"),
    )

    id: Mapped[Id]
    episode_id: Mapped[UUID] = mapped_column(sa.ForeignKey("episode.id"))
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    sequence: Mapped[int]
    counselor_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    unit: Mapped[Word] = mapped_column(default="")
    injects: Mapped[bool]
    pregnant: Mapped[bool]


class Encounter(OfSite, Attributed, Model):
    """A visit another system recorded. Source: FHIR Encounter; ``encounter_class`` is its class."""

    __tablename__ = "encounter"
    __table_args__ = (sa.UniqueConstraint("site_id", "source_system", "source_id"),)

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    encounter_class: Mapped[Word]
    text: Mapped[ShortName]
    started_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]
    source_system: Mapped[ShortName]
    source_id: Mapped[ShortName]
