"""Medication orders, plans and their ends, holds, findings, orders other systems hold."""

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
from clinic.data.walls import no_overlap, says
from clinic.dosing.facts import (
    HoldReason,
    LongActingProduct,
    NaloxoneChallenge,
    OpioidClass,
    OrderStatus,
    PlanKind,
    QtcMethod,
)
from clinic.stock.facts import Form, Medication

ONE_HOLD = says("uq_dosing_hold_open", "This patient is already on hold.")


class MedicationOrder(OfSite, Attributed, Versioned, Model):
    """A prescriber's order for the days ``[starts_on, ends_on)``. Source: FHIR MedicationRequest.

    Never edited: a change is a new order, which ends this one. ``number`` counts a patient's
    orders and is copied onto each dose.
    """

    __tablename__ = "medication_order"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "patient_id", "number"),
        sa.Index("ix_medication_order_days", "site_id", "starts_on", "ends_on"),
        sa.CheckConstraint("dose_ug > 0", "dose_positive"),
        sa.CheckConstraint("portions between 1 and 4", "portions"),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", "order"),
        no_overlap(
            "ex_medication_order_patient",
            key="patient_id",
            start="starts_on",
            end="ends_on",
            where="(ends_on IS NULL OR ends_on > starts_on)",
            kind="daterange",
            sentence="Another order already covers some of these days.",
        ),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    episode_id: Mapped[UUID] = mapped_column(sa.ForeignKey("episode.id"))
    number: Mapped[int]
    medication: Mapped[Medication] = mapped_column(EnumText(Medication))
    form: Mapped[Form] = mapped_column(EnumText(Form))
    dose_ug: Mapped[int]
    portions: Mapped[int] = mapped_column(default=1)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    status: Mapped[OrderStatus] = mapped_column(EnumText(OrderStatus))
    supersedes_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("medication_order.id"))
    rationale: Mapped[Text] = mapped_column(default="")
    decision: Mapped[Json]


class DosingHold(OfSite, Attributed, Versioned, Model):
    """No dose until a prescriber writes an order after this moment."""

    __tablename__ = "dosing_hold"
    __table_args__ = (
        sa.Index(
            ONE_HOLD,
            "site_id",
            "patient_id",
            unique=True,
            sqlite_where=sa.text("cleared_at IS NULL"),
            postgresql_where=sa.text("cleared_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    reason: Mapped[HoldReason] = mapped_column(EnumText(HoldReason))
    note: Mapped[ShortName] = mapped_column(default="")
    cleared_at: Mapped[Instant | None]
    cleared_by_order_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("medication_order.id"))


class ReportedMedication(OfSite, Attributed, Versioned, Model):
    """An order another system holds. It never starts a dose: a prescriber confirms one.

    Source: FHIR MedicationRequest as imported. ``dose_ug`` is None when it can't be computed from
    a known strength; ``why_no_dose`` then says why.
    """

    __tablename__ = "reported_medication"
    __table_args__ = (sa.UniqueConstraint("site_id", "source_system", "source_id"),)

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    medication: Mapped[Medication] = mapped_column(EnumText(Medication))
    text: Mapped[ShortName]
    code: Mapped[Word]
    status: Mapped[Word]
    authored_at: Mapped[Instant | None]
    dose_ug: Mapped[int | None]
    why_no_dose: Mapped[ShortName] = mapped_column(default="")
    confirmed_by_order_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("medication_order.id"))
    source_system: Mapped[ShortName]
    source_id: Mapped[ShortName]


class OrderProduct(OfSite, Attributed, AppendOnly, Model):
    """Which long-acting product an injection order is for: it says when the next one is due."""

    __tablename__ = "order_product"
    __table_args__ = (sa.UniqueConstraint("site_id", "order_id"),)

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("medication_order.id"))
    product: Mapped[LongActingProduct] = mapped_column(EnumText(LongActingProduct))


class OrderEnd(OfSite, Attributed, AppendOnly, Model):
    """An order cut short or never begun, and why: by a newer one, or by stopping it."""

    __tablename__ = "order_end"
    __table_args__ = (
        sa.CheckConstraint("length(reason) > 0 OR replaced_by_id IS NOT NULL", "says_why"),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("medication_order.id"), index=True)
    ends_on: Mapped[date]
    reason: Mapped[ShortName] = mapped_column(default="")
    replaced_by_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("medication_order.id"))


class OrderPlan(OfSite, Attributed, AppendOnly, Model):
    """Steps up or a taper, decided as a whole: every step is an order, or none is."""

    __tablename__ = "order_plan"

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    kind: Mapped[PlanKind] = mapped_column(EnumText(PlanKind))
    reason: Mapped[Text] = mapped_column(default="")
    decision: Mapped[Json]


class OrderPlanStep(OfSite, AppendOnly, Model):
    __tablename__ = "order_plan_step"
    __table_args__ = (
        sa.UniqueConstraint("site_id", "plan_id", "number"),
        sa.UniqueConstraint("site_id", "order_id"),
        sa.CheckConstraint("number >= 1", "number"),
    )

    id: Mapped[Id]
    plan_id: Mapped[UUID] = mapped_column(sa.ForeignKey("order_plan.id"))
    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("medication_order.id"))
    number: Mapped[int]


class Ecg(OfSite, Attributed, AppendOnly, Model):
    """A QTc as measured. Source: FHIR Observation, LOINC 8636-3 (QTc interval)."""

    __tablename__ = "ecg"
    __table_args__ = (
        sa.CheckConstraint("qtc_ms between 200 and 800", "qtc"),
        sa.Index("ix_ecg_patient", "patient_id", "measured_on"),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    measured_on: Mapped[date]
    qtc_ms: Mapped[int]
    method: Mapped[QtcMethod] = mapped_column(EnumText(QtcMethod))
    read_by: Mapped[ShortName]


class StartFinding(OfSite, OnServiceDay, Attributed, AppendOnly, Model):
    """What was asked and seen before a first dose of buprenorphine or naltrexone.

    The COWS and the urine test stand in their own tables.
    """

    __tablename__ = "start_finding"
    __table_args__ = (
        sa.CheckConstraint("last_opioid_at <= occurred_at", "opioid_before_finding"),
        sa.CheckConstraint(
            "naloxone_challenge <> 'negative' OR NOT withdrawal_signs", "no_challenge_in_withdrawal"
        ),
        sa.Index("ix_start_finding_patient", "site_id", "patient_id", "occurred_at"),
    )

    id: Mapped[Id]
    patient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("patient.id"))
    opioid_class: Mapped[OpioidClass] = mapped_column(EnumText(OpioidClass))
    last_opioid_at: Mapped[Instant]
    naloxone_challenge: Mapped[NaloxoneChallenge] = mapped_column(EnumText(NaloxoneChallenge))
    withdrawal_signs: Mapped[bool]
    on_opioid_analgesic: Mapped[bool]
    acute_hepatitis_or_liver_failure: Mapped[bool]
    note: Mapped[ShortName] = mapped_column(default="")
