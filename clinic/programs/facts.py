"""Stages of care: the states a patient's episode can be in and the moves between them.

Three axes, not one stage: exactly one level of care, at most one primary medication, and any
number of modality courses (those live in ``therapies``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from clinic.core.decision import Decision
from clinic.core.events import Fact


class CareState(StrEnum):
    """Where an episode stands: before admission, in one level of care, or discharged.

    Source: ASAM Criteria 3rd edition levels; 45 CFR 96.126 for waitlist and interim services.
    """

    INQUIRY = "inquiry"
    WAITLIST = "waitlist"
    INTERIM = "interim"
    WITHDRAWAL_MANAGEMENT = "withdrawal_management"
    AMBULATORY_WITHDRAWAL_MANAGEMENT = "ambulatory_withdrawal_management"
    MEDICALLY_MANAGED_INPATIENT = "medically_managed_inpatient"
    RESIDENTIAL_HIGH = "residential_high"
    RESIDENTIAL_LOW = "residential_low"
    PARTIAL_HOSPITALIZATION = "partial_hospitalization"
    INTENSIVE_OUTPATIENT = "intensive_outpatient"
    OUTPATIENT = "outpatient"
    OPIOID_TREATMENT = "opioid_treatment"
    AFTERCARE = "aftercare"
    DISCHARGED = "discharged"

    @property
    def label(self) -> str:
        return CARE_STATE_LABELS[self]

    @property
    def is_care(self) -> bool:
        """In a level of care: counted by the census."""
        return self not in {
            CareState.INQUIRY,
            CareState.WAITLIST,
            CareState.DISCHARGED,
        }


CARE_STATE_LABELS: dict[CareState, str] = {
    CareState.INQUIRY: "Inquiry",
    CareState.WAITLIST: "Waitlist",
    CareState.INTERIM: "Interim services",
    CareState.WITHDRAWAL_MANAGEMENT: "Withdrawal management (3.7-WM)",
    CareState.AMBULATORY_WITHDRAWAL_MANAGEMENT: "Ambulatory withdrawal management (2-WM)",
    CareState.MEDICALLY_MANAGED_INPATIENT: "Medically managed inpatient (4)",
    CareState.RESIDENTIAL_HIGH: "Inpatient rehabilitation (3.5)",
    CareState.RESIDENTIAL_LOW: "Low-intensity residential (3.1)",
    CareState.PARTIAL_HOSPITALIZATION: "Partial hospitalization (2.5)",
    CareState.INTENSIVE_OUTPATIENT: "Intensive outpatient (2.1)",
    CareState.OUTPATIENT: "Outpatient (1)",
    CareState.OPIOID_TREATMENT: "Opioid treatment program",
    CareState.AFTERCARE: "Aftercare",
    CareState.DISCHARGED: "Discharged",
}


class DischargeReason(StrEnum):
    """TEDS-D REASON, by word; ``TEDS_REASON`` has the code."""

    COMPLETED = "completed"
    LEFT_AGAINST_ADVICE = "left_against_advice"
    TERMINATED_BY_FACILITY = "terminated_by_facility"
    TRANSFERRED = "transferred"
    INCARCERATED = "incarcerated"
    DIED = "died"
    OTHER = "other"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


TEDS_REASON: dict[DischargeReason, int] = {
    DischargeReason.COMPLETED: 1,
    DischargeReason.LEFT_AGAINST_ADVICE: 2,
    DischargeReason.TERMINATED_BY_FACILITY: 3,
    DischargeReason.TRANSFERRED: 4,
    DischargeReason.INCARCERATED: 5,
    DischargeReason.DIED: 6,
    DischargeReason.OTHER: 7,
}
"""Source: TEDS-D codebook, variable REASON."""


class MedicationState(StrEnum):
    """The primary-medication axis: which medication for OUD, or none."""

    NONE = "none"
    METHADONE = "methadone"
    BUPRENORPHINE = "buprenorphine"
    NALTREXONE = "naltrexone"

    @property
    def label(self) -> str:
        return "No medication" if self is MedicationState.NONE else self.value.capitalize()


class ReferralSource(StrEnum):
    """TEDS PSOURCE, by word."""

    SELF = "self"
    SUD_PROVIDER = "sud_provider"
    HEALTH_PROVIDER = "health_provider"
    SCHOOL = "school"
    EMPLOYER = "employer"
    COMMUNITY = "community"
    COURT = "court"


@dataclass(frozen=True, slots=True)
class Admitted(Fact):
    episode_id: UUID
    patient_id: UUID
    service_date: date


@dataclass(frozen=True, slots=True)
class Discharged(Fact):
    """Care has ended: bookings, orders, courses and new earnings end with it."""

    episode_id: UUID
    patient_id: UUID
    service_date: date
    reason: DischargeReason


class ClinicalClock(StrEnum):
    """Deadlines that start with one date and end on another."""

    FULL_PHYSICAL_EXAM = "full_physical_exam"
    PSYCHOSOCIAL_ASSESSMENT = "psychosocial_assessment"
    PHARMACY_DELIVERED_BUPRENORPHINE = "pharmacy_delivered_buprenorphine"
    TELEMEDICINE_OUD_PRESCRIBING = "telemedicine_oud_prescribing"


@dataclass(frozen=True, slots=True)
class ClockTerm:
    """How long a clock runs: so many days, or the day before so many months have passed."""

    source: str
    days: int = 0
    months: int = 0


CLOCK_TERMS: Mapping[ClinicalClock, ClockTerm] = MappingProxyType(
    {
        ClinicalClock.FULL_PHYSICAL_EXAM: ClockTerm("42 CFR 8.12(f)(2)(iii)", days=14),
        ClinicalClock.PSYCHOSOCIAL_ASSESSMENT: ClockTerm("42 CFR 8.12(f)(4)(i)", days=14),
        ClinicalClock.PHARMACY_DELIVERED_BUPRENORPHINE: ClockTerm("21 CFR 1306.07(f)(5)", days=45),
        ClinicalClock.TELEMEDICINE_OUD_PRESCRIBING: ClockTerm("21 CFR 1306.51", months=6),
    }
)


class IntakeDocument(StrEnum):
    """Findings made before admission that may still count."""

    OUTSIDE_SCREENING_EXAM = "outside_screening_exam"
    LAB_OR_SEROLOGY = "lab_or_serology"


@dataclass(frozen=True, slots=True)
class LookbackLimit:
    """How old a finding may be on the day of admission."""

    days: int
    source: str


LOOKBACK_LIMITS: Mapping[IntakeDocument, LookbackLimit] = MappingProxyType(
    {
        IntakeDocument.OUTSIDE_SCREENING_EXAM: LookbackLimit(7, "42 CFR 8.12(f)(2)(ii)"),
        IntakeDocument.LAB_OR_SEROLOGY: LookbackLimit(30, "42 CFR 8.12(f)(2)(iv)"),
    }
)


@dataclass(frozen=True, slots=True)
class Lookback:
    age_days: int
    limit_days: int
    decision: Decision

    @property
    def valid(self) -> bool:
        return bool(self.decision)


@dataclass(frozen=True, slots=True)
class InterimTerms:
    """Interim treatment, counted with its start as day 1."""

    plan_due_day: int = 120
    last_permitted_day: int = 180
    drug_tests_required: int = 2
    source: str = "42 CFR 8.12(j)"


@dataclass(frozen=True, slots=True)
class InterimTreatment:
    plan_due_date: date
    last_permitted_date: date
    drug_tests_required: int


@dataclass(frozen=True, slots=True)
class PriorityTerms:
    """How soon a person who injects is admitted, or served until then."""

    admit_days: int = 14
    admit_days_with_interim_services: int = 120
    interim_services_hours: int = 48
    source: str = "45 CFR 96.126"


@dataclass(frozen=True, slots=True)
class PriorityAdmission:
    """Both interim fields are None when there is room at once."""

    admit_by: date
    interim_services_by: datetime | None
    admit_by_with_interim_services: date | None
