"""Guest stays in both directions, and the doses programs told each other of."""

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
from clinic.data.walls import no_overlap, says
from clinic.dosing.facts.guests import GuestDirection, GuestReason
from clinic.stock.facts import Form, Medication

ONE_REPORT = says("uq_guest_dose_day", "A dose of this day has been reported already.")


class GuestStay(OfSite, Attributed, Versioned, Model):
    """A patient dosed at another program than the one that treats them, ``[starts_on, ends_on)``.

    Source: 42 CFR 8.12(g)(2): one program at a time, the reason written down at both.
    """

    __tablename__ = "guest_stay"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "patient_id", "number"),
        sa.CheckConstraint("ends_on >= starts_on", "order"),
        sa.CheckConstraint("length(justification) >= 10", "justified"),
        sa.CheckConstraint("dose_ug > 0", "dose_positive"),
        sa.CheckConstraint(
            "direction <> 'in' OR (last_dose_ug IS NOT NULL AND length(verified_with) > 0)",
            "guest_verified",
        ),
        no_overlap(
            "ex_guest_stay_patient",
            key="patient_id",
            start="starts_on",
            end="ends_on",
            where="ends_on > starts_on",
            kind="daterange",
            sentence="Another guest stay already covers some of these days.",
        ),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    number: Mapped[int]
    direction: Mapped[GuestDirection] = mapped_column(EnumText(GuestDirection))
    reason: Mapped[GuestReason] = mapped_column(EnumText(GuestReason))
    justification: Mapped[Text]
    other_name: Mapped[ShortName]
    other_address: Mapped[ShortName] = mapped_column(default="")
    other_telephone: Mapped[Word] = mapped_column(default="")
    other_contact: Mapped[ShortName] = mapped_column(default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    consent_on: Mapped[date]
    order_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("medication_order.id"))
    order_number: Mapped[int | None]
    medication: Mapped[Medication] = mapped_column(EnumText(Medication))
    form: Mapped[Form] = mapped_column(EnumText(Form))
    dose_ug: Mapped[int]
    last_dose_ug: Mapped[int | None]
    last_dose_on: Mapped[date | None]
    last_dose_time: Mapped[Word] = mapped_column(default="")
    last_dose_observed: Mapped[bool] = mapped_column(default=True)
    take_homes_in_hand: Mapped[int] = mapped_column(default=0)
    urine_summary: Mapped[ShortName] = mapped_column(default="")
    allergies: Mapped[ShortName] = mapped_column(default="")
    id_seen: Mapped[ShortName] = mapped_column(default="")
    verified_with: Mapped[ShortName] = mapped_column(default="")
    ended_at: Mapped[Instant | None]
    ended_because: Mapped[ShortName] = mapped_column(default="")


class GuestDose(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """A dose one program told the other of; our own patient's counts as a covered day."""

    __tablename__ = "guest_dose"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "stay_id", "given_on", name=ONE_REPORT),
        sa.Index("ix_guest_dose_patient", "patient_id", "given_on"),
        sa.CheckConstraint("dose_ug > 0", "dose_positive"),
    )

    id: Mapped[Id]
    stay_id: Mapped[UUID] = mapped_column(sa.ForeignKey("guest_stay.id"))
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    given_on: Mapped[date]
    dose_ug: Mapped[int]
    told_by: Mapped[ShortName]
