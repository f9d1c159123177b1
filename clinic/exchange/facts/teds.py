"""Treatment episodes in the national data set's codes: every field, and what it may hold.

Source: TEDS-A and TEDS-D codebooks (public-use files) for the codes; the minimum record for
provider, client and dates. The layout a state wants is the state's; the order here is fixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from clinic.patients.facts import Sex
from clinic.programs.facts import CareState, DischargeReason, ReferralSource

MISSING = "-9"


class Transaction(StrEnum):
    """Which of the two record types a line is."""

    ADMISSION = "A"
    DISCHARGE = "D"

    @property
    def label(self) -> str:
        return "Admissions" if self is Transaction.ADMISSION else "Discharges"


class Shape(StrEnum):
    CODE = "code"
    DAY = "day"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class TedsField:
    """One column. ``legal`` lists the codes; ``is_kept`` says whether the clinic has it at all.

    Where ``may_miss`` the record goes out with -9; elsewhere it is held back until mended.
    """

    name: str
    meaning: str
    shape: Shape = Shape.CODE
    legal: frozenset[str] = frozenset()
    may_miss: bool = True
    is_kept: bool = True
    at_discharge_only: bool = False


def _codes(first: int, last: int) -> frozenset[str]:
    return frozenset(str(code) for code in range(first, last + 1))


SUBSTANCES = _codes(1, 19)
YES_NO = _codes(1, 2)
SERVICES = _codes(1, 8)
REASONS = _codes(1, 7)


def _use(number: int) -> tuple[TedsField, ...]:
    """Substance, its route, frequency and age at first use: none of them is kept in codes."""
    rank = {1: "primary", 2: "secondary", 3: "tertiary"}[number]
    return (
        TedsField(f"SUB{number}", f"{rank} substance", legal=SUBSTANCES, is_kept=False),
        TedsField(f"ROUTE{number}", f"route, {rank}", legal=_codes(1, 5), is_kept=False),
        TedsField(f"FREQ{number}", f"frequency, {rank}", legal=_codes(1, 3), is_kept=False),
        TedsField(f"FRSTUSE{number}", f"first use, {rank}", legal=_codes(1, 7), is_kept=False),
    )


def _at_discharge(number: int) -> tuple[TedsField, ...]:
    return tuple(
        TedsField(
            f"{name}{number}_D",
            f"{meaning} {number} at discharge",
            legal=legal,
            is_kept=False,
            at_discharge_only=True,
        )
        for name, meaning, legal in (
            ("SUB", "substance", SUBSTANCES),
            ("FREQ", "frequency of substance", _codes(1, 3)),
        )
    )


FIELDS: tuple[TedsField, ...] = (
    TedsField("PROVIDER", "provider", Shape.TEXT, may_miss=False),
    TedsField("CLIENT", "client, by the program's own code", Shape.TEXT, may_miss=False),
    TedsField("TRANSACTION", "record type", legal=frozenset(Transaction), may_miss=False),
    TedsField("CODEPENDENT", "co-dependent or collateral", legal=YES_NO, is_kept=False),
    TedsField("ADMDATE", "admission date", Shape.DAY, may_miss=False),
    TedsField("SERVICES", "type of service at admission", legal=SERVICES, may_miss=False),
    TedsField("NOPRIOR", "earlier treatment episodes", legal=_codes(0, 5)),
    TedsField("PSOURCE", "source of referral", legal=_codes(1, 7)),
    TedsField("DAYWAIT", "days waited, code 0 to 4", legal=_codes(0, 4)),
    TedsField("DOB", "date of birth", Shape.DAY, may_miss=False),
    TedsField("SEX", "sex", legal=YES_NO),
    TedsField("PREG", "pregnant at admission", legal=YES_NO),
    TedsField("RACE", "race", legal=_codes(1, 9), is_kept=False),
    TedsField("ETHNIC", "ethnicity", legal=_codes(1, 5), is_kept=False),
    TedsField("EDUC", "education", legal=_codes(1, 5), is_kept=False),
    TedsField("EMPLOY", "employment", legal=_codes(1, 4), is_kept=False),
    TedsField("LIVARAG", "living arrangement", legal=_codes(1, 3), is_kept=False),
    TedsField("VET", "veteran", legal=YES_NO, is_kept=False),
    TedsField("ARRESTS", "arrests in 30 days", legal=_codes(0, 2), is_kept=False),
    TedsField("DSMCRIT", "diagnosis group", legal=_codes(1, 19), is_kept=False),
    TedsField("PRIMPAY", "who pays first", legal=_codes(1, 7)),
    TedsField("METHUSE", "opioid medication planned", legal=YES_NO),
    TedsField("FREQ_ATND_SELF_HELP", "self-help attendance", legal=_codes(1, 5), is_kept=False),
    *_use(1),
    *_use(2),
    *_use(3),
    TedsField("LASTCONTACT", "last contact", Shape.DAY, at_discharge_only=True),
    TedsField("DISDATE", "discharge date", Shape.DAY, may_miss=False, at_discharge_only=True),
    TedsField("REASON", "reason", legal=REASONS, may_miss=False, at_discharge_only=True),
    TedsField(
        "SERVICES_D",
        "type of service at discharge",
        legal=SERVICES,
        may_miss=False,
        at_discharge_only=True,
    ),
    TedsField("LOS", "length of stay", legal=_codes(1, 37), may_miss=False, at_discharge_only=True),
    *_at_discharge(1),
    *_at_discharge(2),
    *_at_discharge(3),
)

SERVICE_OF: Mapping[CareState, str] = MappingProxyType(
    {
        CareState.MEDICALLY_MANAGED_INPATIENT: "1",
        CareState.WITHDRAWAL_MANAGEMENT: "2",
        CareState.PARTIAL_HOSPITALIZATION: "6",
        CareState.INTENSIVE_OUTPATIENT: "6",
        CareState.OUTPATIENT: "7",
        CareState.OPIOID_TREATMENT: "7",
        CareState.AMBULATORY_WITHDRAWAL_MANAGEMENT: "8",
    }
)
"""Residential care is told apart by the days planned; aftercare is no service of the data set."""

SHORT_REHABILITATION, LONG_REHABILITATION = "4", "5"
SHORT_REHABILITATION_DAYS_MAX = 30

PSOURCE_OF: Mapping[ReferralSource, str] = MappingProxyType(
    {
        ReferralSource.SELF: "1",
        ReferralSource.SUD_PROVIDER: "2",
        ReferralSource.HEALTH_PROVIDER: "3",
        ReferralSource.SCHOOL: "4",
        ReferralSource.EMPLOYER: "5",
        ReferralSource.COMMUNITY: "6",
        ReferralSource.COURT: "7",
    }
)
SEX_OF: Mapping[Sex, str] = MappingProxyType({Sex.MALE: "1", Sex.FEMALE: "2"})

DAYWAIT_BANDS = ((0, "0"), (7, "1"), (14, "2"), (30, "3"))
DAYWAIT_LONGEST = "4"
"""Days waited: none, to 7, to 14, to 30, more."""

LOS_SINGLE_DAYS = 30
LOS_BANDS = ((45, "31"), (60, "32"), (90, "33"), (120, "34"), (180, "35"), (365, "36"))
LOS_LONGEST = "37"
"""Stays of 1 to 30 days are their own code, longer ones a band. Source: TEDS-D, variable LOS."""


@dataclass(frozen=True, slots=True)
class Stay:
    """One episode as the clinic knows it, for a record of its admission or of its discharge.

    Shape: what was not recorded is None. ``pregnant`` is as of the admission; ``takes_medication``
    says whether one for opioid use disorder was part of the episode.
    """

    patient_id: UUID
    episode_id: UUID
    client: str
    birth_date: date
    sex: Sex
    requested_on: date
    admitted_on: date
    level: CareState
    planned_days: int | None
    earlier_episodes: int
    referral_source: ReferralSource | None
    pregnant: bool
    takes_medication: bool
    payer_code: str | None = None
    discharged_on: date | None = None
    level_at_discharge: CareState | None = None
    planned_days_at_discharge: int | None = None
    discharge_reason: DischargeReason | None = None
    last_contact_on: date | None = None


@dataclass(frozen=True, slots=True)
class TedsFault:
    """A field of one record that is missing or holds what it may not."""

    patient_id: UUID
    client: str
    event_on: date
    field_name: str
    value: str
    problem: str
    holds_back: bool


@dataclass(frozen=True, slots=True)
class TedsRecord:
    """One line in its fixed order, and what is wrong with it."""

    patient_id: UUID
    client: str
    event_on: date
    values: Mapping[str, str]
    faults: tuple[TedsFault, ...] = field(default=())

    @property
    def may_leave(self) -> bool:
        return not any(fault.holds_back for fault in self.faults)


@dataclass(frozen=True, slots=True)
class TedsBatch:
    """The records of a range of days, in the order of their events."""

    transaction: Transaction
    fields: tuple[TedsField, ...]
    records: tuple[TedsRecord, ...]

    @property
    def leaving(self) -> tuple[TedsRecord, ...]:
        return tuple(record for record in self.records if record.may_leave)

    @property
    def faults(self) -> tuple[TedsFault, ...]:
        return tuple(fault for record in self.records for fault in record.faults)

    def missing(self) -> tuple[tuple[TedsField, int], ...]:
        """How many records say -9, field by field, fields always filled left out."""
        counted = (
            (one, sum(record.values[one.name] == MISSING for record in self.records))
            for one in self.fields
        )
        return tuple((one, count) for one, count in counted if count)


def fields_of(transaction: Transaction) -> tuple[TedsField, ...]:
    """The columns of a record type, in order."""
    return tuple(
        one for one in FIELDS if transaction is Transaction.DISCHARGE or not one.at_discharge_only
    )
