"""Take-homes: the practitioner's decisions, the schedule, each bottle and what happened to it.

Decisions, schedules and events are appended; a bottle's row says where it is now, its events
how it came there.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.units import mg
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
from clinic.data.types import EnumText
from clinic.data.walls import says
from clinic.dosing.facts import (
    BottleEventKind,
    BottleKind,
    BottleState,
    CallbackChoice,
    CallbackOutcome,
    CeilingProfile,
    CriteriaOutcome,
    ExceptionKind,
)
from clinic.stock.facts import Form, Medication

ONE_BOTTLE_A_DATE = says(
    "uq_take_home_bottle_date", "A bottle for this patient and this date is already there."
)
ONE_EVENT = says("uq_take_home_event_once", "This was recorded for this bottle a moment ago.")
ONE_CALLBACK = says("uq_take_home_callback_open", "This patient is already called back.")
NEXT_DECISION = says(
    "uq_take_home_decision_number", "Somebody decided about these take-homes a moment ago."
)
NEXT_SCHEDULE = says(
    "uq_take_home_schedule_number", "Somebody changed this schedule a moment ago. Look again."
)
ONE_EMERGENCY = says("uq_emergency_day", "An emergency closure of this day is already declared.")


class TakeHomeDecision(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """All six criteria, weighed by a practitioner. The highest number that is valid counts.

    Source: 42 CFR 8.12(i)(2): criteria considered, decision and basis documented.
    """

    __tablename__ = "take_home_decision"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "patient_id", "number", name=NEXT_DECISION),
        sa.CheckConstraint(
            "outcome <> 'granted' OR (no_condition_raising_risk AND regular_attendance"
            " AND no_serious_behavior_problem AND no_recent_diversion"
            " AND safe_transport_and_storage AND other_practitioner_criterion)",
            "granted_when_all_met",
        ),
        sa.CheckConstraint("(outcome = 'granted') = (ceiling_doses > 0)", "ceiling"),
        sa.CheckConstraint("length(rationale) >= 10", "reasoned"),
        sa.CheckConstraint("review_by >= valid_from", "order"),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    number: Mapped[int]
    outcome: Mapped[CriteriaOutcome] = mapped_column(EnumText(CriteriaOutcome))
    no_condition_raising_risk: Mapped[bool]
    regular_attendance: Mapped[bool]
    no_serious_behavior_problem: Mapped[bool]
    no_recent_diversion: Mapped[bool]
    safe_transport_and_storage: Mapped[bool]
    other_practitioner_criterion: Mapped[bool]
    findings: Mapped[Json]
    rationale: Mapped[Text]
    ceiling_doses: Mapped[int]
    profile: Mapped[CeilingProfile] = mapped_column(EnumText(CeilingProfile))
    profile_doses: Mapped[int | None]
    treatment_day: Mapped[int]
    valid_from: Mapped[date]
    review_by: Mapped[date]


class TakeHomeException(OfSite, Attributed, Versioned, Model):
    """More than the ceiling for the days ``[starts_on, ends_on)``, on somebody's approval."""

    __tablename__ = "take_home_exception"
    __table_args__ = (
        sa.Index("ix_take_home_exception_patient", "patient_id", "starts_on"),
        sa.CheckConstraint("ends_on > starts_on", "order"),
        sa.CheckConstraint("doses >= 1", "doses"),
        sa.CheckConstraint("length(source) > 0", "source"),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    kind: Mapped[ExceptionKind] = mapped_column(EnumText(ExceptionKind))
    doses: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    source: Mapped[ShortName]
    reason: Mapped[ShortName]
    withdrawn_at: Mapped[Instant | None]
    withdrawn_by_name: Mapped[ShortName] = mapped_column(default="")
    withdrawn_because: Mapped[ShortName] = mapped_column(default="")


class TakeHomeSchedule(OfSite, Attributed, AppendOnly, Model):
    """The weekdays a patient comes; bit 0 is Monday. The highest number that is valid counts."""

    __tablename__ = "take_home_schedule"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "patient_id", "number", name=NEXT_SCHEDULE),
        sa.CheckConstraint("weekdays between 1 and 127", "weekdays"),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    number: Mapped[int]
    weekdays: Mapped[int]
    valid_from: Mapped[date]
    storage_taught: Mapped[bool] = mapped_column(default=False)
    lockbox_seen: Mapped[bool] = mapped_column(default=False)
    later_portions_home: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    note: Mapped[ShortName] = mapped_column(default="")


class TakeHomeBottle(OfSite, Attributed, Versioned, Model):
    """One bottle for one date. ``covers`` is false once the date may be covered by another.

    Source: 42 CFR 8.12(i); 21 CFR 1304.24 (taken home).
    """

    __tablename__ = "take_home_bottle"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "code"),
        sa.Index(
            ONE_BOTTLE_A_DATE,
            "site_id",
            "patient_id",
            "take_on",
            "portion",
            unique=True,
            sqlite_where=sa.text("covers"),
            postgresql_where=sa.text("covers"),
        ),
        sa.Index("ix_take_home_bottle_patient", "patient_id", "take_on"),
        sa.Index("ix_take_home_bottle_prepared", "site_id", "prepared_for"),
        sa.CheckConstraint("dose_ug > 0", "dose_positive"),
        sa.CheckConstraint("portion >= 1", "portion"),
        sa.CheckConstraint("number >= 1 AND number <= bottles", "numbered"),
        sa.CheckConstraint("take_on >= prepared_for", "not_for_the_past"),
        sa.CheckConstraint("covers OR state <> 'handed_out'", "out_covers"),
    )

    id: Mapped[Id]
    code: Mapped[Word]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("medication_order.id"))
    order_number: Mapped[int]
    ordered_by_name: Mapped[ShortName]
    medication: Mapped[Medication] = mapped_column(EnumText(Medication))
    form: Mapped[Form] = mapped_column(EnumText(Form))
    dose_ug: Mapped[int]
    volume_ul: Mapped[int | None]
    units: Mapped[int | None]
    concentration_ug_per_ml: Mapped[int | None]
    prepared_for: Mapped[date]
    take_on: Mapped[date]
    portion: Mapped[int] = mapped_column(default=1)
    number: Mapped[int]
    bottles: Mapped[int]
    kind: Mapped[BottleKind] = mapped_column(EnumText(BottleKind))
    state: Mapped[BottleState] = mapped_column(EnumText(BottleState))
    covers: Mapped[bool] = mapped_column(default=True)
    handed_out_on: Mapped[date | None]
    emergency_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("emergency_closure.id"))
    decision: Mapped[Json]

    @property
    def dose_mg(self) -> Decimal:
        return mg(self.dose_ug)


class TakeHomeEvent(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """Something that happened to a bottle. Each kind once, only a count may happen again."""

    __tablename__ = "take_home_event"
    __table_args__ = (
        sa.Index(
            ONE_EVENT,
            "site_id",
            "bottle_id",
            "kind",
            unique=True,
            sqlite_where=sa.text("kind <> 'counted'"),
            postgresql_where=sa.text("kind <> 'counted'"),
        ),
        sa.Index("ix_take_home_event_day", "site_id", "service_date", "kind"),
        sa.CheckConstraint("witnessed_by IS NULL OR witnessed_by <> recorded_by", "two_people"),
        sa.CheckConstraint("kind <> 'destroyed' OR witnessed_by IS NOT NULL", "witnessed"),
    )

    id: Mapped[Id]
    bottle_id: Mapped[UUID] = mapped_column(sa.ForeignKey("take_home_bottle.id"))
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    kind: Mapped[BottleEventKind] = mapped_column(EnumText(BottleEventKind))
    window: Mapped[int | None]
    note: Mapped[ShortName] = mapped_column(default="")
    witnessed_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    decision: Mapped[Any] = mapped_column(sa.JSON(none_as_null=True), nullable=True)


class TakeHomeCallback(OfSite, Attributed, Versioned, Model):
    """A patient asked to bring every bottle in; one at a time. What was found closes it."""

    __tablename__ = "take_home_callback"
    __table_args__ = (
        sa.Index(
            ONE_CALLBACK,
            "site_id",
            "patient_id",
            unique=True,
            sqlite_where=sa.text("outcome IS NULL"),
            postgresql_where=sa.text("outcome IS NULL"),
        ),
        sa.CheckConstraint("due_by >= called_on", "order"),
        sa.CheckConstraint("(outcome IS NULL) = (closed_at IS NULL)", "closed"),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome <> 'passed' OR (sealed_found = sealed_expected"
            " AND empties_found = empties_expected AND seals_whole AND labels_right)",
            "passed_when_all_there",
        ),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    choice: Mapped[CallbackChoice] = mapped_column(EnumText(CallbackChoice))
    reason: Mapped[ShortName] = mapped_column(default="")
    called_on: Mapped[date]
    due_by: Mapped[date]
    told_how: Mapped[ShortName] = mapped_column(default="")
    issued: Mapped[int]
    outcome: Mapped[CallbackOutcome | None] = mapped_column(EnumText(CallbackOutcome))
    closed_at: Mapped[Instant | None]
    closed_by_name: Mapped[ShortName] = mapped_column(default="")
    sealed_expected: Mapped[int | None]
    empties_expected: Mapped[int | None]
    sealed_found: Mapped[int | None]
    empties_found: Mapped[int | None]
    seals_whole: Mapped[bool] = mapped_column(default=False)
    labels_right: Mapped[bool] = mapped_column(default=False)
    note: Mapped[ShortName] = mapped_column(default="")


class EmergencyClosure(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """Days closed at short notice, who got bottles, and who did not and why. Two people signed."""

    __tablename__ = "emergency_closure"
    __table_args__ = (
        sa.CheckConstraint("witnessed_by <> recorded_by", "two_people"),
        sa.CheckConstraint("length(reason) >= 10", "reasoned"),
    )

    id: Mapped[Id]
    reason: Mapped[Text]
    witnessed_by: Mapped[UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    witnessed_by_name: Mapped[ShortName]
    patients_covered: Mapped[int]
    bottles_prepared: Mapped[int]
    left_out: Mapped[Any] = mapped_column(sa.JSON)


class EmergencyDay(OfSite, AppendOnly, Model):
    """A day of an emergency closure; a day is declared once."""

    __tablename__ = "emergency_day"
    __table_args__ = (sa.UniqueConstraint("site_id", "closed_on", name=ONE_EMERGENCY),)

    id: Mapped[Id]
    closure_id: Mapped[UUID] = mapped_column(sa.ForeignKey("emergency_closure.id"))
    closed_on: Mapped[date]
