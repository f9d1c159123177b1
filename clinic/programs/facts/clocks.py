"""Deadlines of admission and interim treatment: how long each runs, and where that is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from clinic.core.decision import Decision


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


@dataclass(frozen=True, slots=True)
class CapacityTerms:
    """How full a program is when the State must hear of it, and how soon."""

    notify_percent: int = 90
    notify_days: int = 7
    source: str = "45 CFR 96.126(a)"
