"""The states an episode of care can be in, the moves between them, and the medication axis.

Three axes, not one stage: exactly one level of care, at most one primary medication, and any
number of modality courses (those live in ``therapies``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType


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
    def is_treated(self) -> bool:
        """Treated by the program: a level of care, or interim treatment while waiting.

        Source: 42 CFR 8.12(j). The census counts ``LEVELS_OF_CARE`` only.
        """
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

    @property
    def label(self) -> str:
        return REFERRAL_SOURCE_LABELS[self]


REFERRAL_SOURCE_LABELS: Mapping[ReferralSource, str] = MappingProxyType(
    {
        ReferralSource.SELF: "Self, family or friend",
        ReferralSource.SUD_PROVIDER: "Substance use provider",
        ReferralSource.HEALTH_PROVIDER: "Other health provider",
        ReferralSource.SCHOOL: "School",
        ReferralSource.EMPLOYER: "Employer",
        ReferralSource.COMMUNITY: "Community",
        ReferralSource.COURT: "Court or criminal justice",
    }
)


OUTPATIENT_TIER = frozenset(
    {
        CareState.PARTIAL_HOSPITALIZATION,
        CareState.INTENSIVE_OUTPATIENT,
        CareState.OUTPATIENT,
        CareState.OPIOID_TREATMENT,
    }
)
RESIDENTIAL = frozenset({CareState.RESIDENTIAL_HIGH, CareState.RESIDENTIAL_LOW})
WITHDRAWAL = frozenset(
    {
        CareState.WITHDRAWAL_MANAGEMENT,
        CareState.AMBULATORY_WITHDRAWAL_MANAGEMENT,
        CareState.MEDICALLY_MANAGED_INPATIENT,
    }
)
WAITING = frozenset({CareState.INQUIRY, CareState.WAITLIST, CareState.INTERIM})
LEVELS_OF_CARE = WITHDRAWAL | RESIDENTIAL | OUTPATIENT_TIER | {CareState.AFTERCARE}
EMERGENCY = CareState.MEDICALLY_MANAGED_INPATIENT

_ALWAYS = frozenset({EMERGENCY, CareState.DISCHARGED})
_AFTER_WITHDRAWAL = RESIDENTIAL | OUTPATIENT_TIER | _ALWAYS
_ANYWHERE_IN_TREATMENT = RESIDENTIAL | OUTPATIENT_TIER | {CareState.AFTERCARE} | _ALWAYS


def _moves() -> dict[CareState, frozenset[CareState]]:
    admit = LEVELS_OF_CARE | {CareState.DISCHARGED}
    moves = {
        CareState.INQUIRY: admit | {CareState.WAITLIST, CareState.INTERIM},
        CareState.WAITLIST: admit | {CareState.INTERIM},
        CareState.INTERIM: admit,
        CareState.AFTERCARE: OUTPATIENT_TIER | _ALWAYS,
        CareState.DISCHARGED: frozenset[CareState](),
    }
    moves |= dict.fromkeys(WITHDRAWAL, _AFTER_WITHDRAWAL)
    moves |= dict.fromkeys(RESIDENTIAL | OUTPATIENT_TIER, _ANYWHERE_IN_TREATMENT)
    return {state: moves[state] - {state} for state in CareState}


ALLOWED_MOVES: Mapping[CareState, frozenset[CareState]] = MappingProxyType(_moves())
"""Where an episode can go from each state. From the emergency level it can also go back.

Source: program policy on levels of care, after the ASAM Criteria, 3rd edition: transfer to a less
or a more intensive level; withdrawal management is followed by treatment; from anywhere to
medically managed inpatient care in an emergency, and to discharge. Nothing follows a discharge:
whoever returns begins a new episode.
"""

CARE_STATE_KINDS: Mapping[CareState, str] = MappingProxyType(
    dict.fromkeys(CareState, "neutral")
    | dict.fromkeys(WITHDRAWAL, "attention")
    | dict.fromkeys(RESIDENTIAL, "info")
    | dict.fromkeys(OUTPATIENT_TIER, "ok")
    | {CareState.AFTERCARE: "research"}
)
"""How the pathway and the tags draw each state, in the kit's kinds."""


@dataclass(frozen=True, slots=True)
class StayTerms:
    """How long inpatient rehabilitation is planned for."""

    rehabilitation_days_min: int = 30
    rehabilitation_days_max: int = 90
    source: str = "Program policy: inpatient rehabilitation lasts 30 to 90 days"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an episode is just before a move.

    Shape: ``returns_to`` is the level an emergency interrupted, else None; ``ahead`` counts the
    people waiting with a higher priority.
    """

    state: CareState
    since: datetime
    returns_to: CareState | None = None
    ahead: int = 0


@dataclass(frozen=True, slots=True)
class ProposedMove:
    to_state: CareState
    occurred_at: datetime
    now: datetime
    note: str = ""
    planned_days: int | None = None
    discharge_reason: DischargeReason | None = None
