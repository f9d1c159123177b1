"""Treatment histories of a trial, by study day, and what stands out in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from clinic.exchange.facts.records import MedicationClass


class VisitState(StrEnum):
    """How a planned trial visit ended. Absent, unrecorded and blank are not the same."""

    VISIT = "visit"
    NO_VISIT = "no visit"
    MISSING = "MISSING"
    """The form itself is missing: nobody knows."""
    BLANK = ""
    """A row without an outcome."""
    FINAL = "final"
    """The closing form of the study; neither kept nor missed."""


@dataclass(frozen=True, slots=True)
class TrialDose:
    """One dose row.

    Units: ``dose_mg`` for methadone and buprenorphine; None for an injection of naltrexone,
    whose ``amount`` counts injections.
    """

    day: int
    amount: Decimal
    medication: MedicationClass

    @property
    def dose_mg(self) -> Decimal | None:
        return None if self.medication is MedicationClass.NALTREXONE else self.amount


@dataclass(frozen=True, slots=True)
class TrialVisit:
    """One planned visit; ``day`` is None when the row has no day."""

    name: str
    state: VisitState
    day: int | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrialUrine:
    """A sample that was collected, with what was found in it: nothing found is a negative.

    ``is_temperature_ok`` is None where the file does not know.
    """

    day: int | None
    is_temperature_ok: bool | None
    positives: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TrialWithdrawal:
    """Withdrawal severity of a day in bands 0 none, 1 mild, 2 moderate, 3 severe."""

    day: int
    band: int


@dataclass(frozen=True, slots=True)
class TrialStay:
    """An inpatient detoxification; ``last_day`` is None when no discharge is recorded."""

    first_day: int
    last_day: int | None


@dataclass(frozen=True, slots=True)
class TrialPerson:
    """One participant's history, by study day. Day 0 is the Monday ``day_zero``."""

    who: str
    project: str
    site: str
    age: int | None
    is_male: bool | None
    day_zero: date
    arm: str = ""
    second_arm: str = ""
    randomized_day: int | None = None
    doses: tuple[TrialDose, ...] = ()
    visits: tuple[TrialVisit, ...] = ()
    urine: tuple[TrialUrine, ...] = ()
    withdrawal: tuple[TrialWithdrawal, ...] = ()
    detox: tuple[TrialStay, ...] = ()

    def date_of(self, day: int) -> date:
        """The calendar date of a study day; days before the study began are negative."""
        return self.day_zero + timedelta(days=day)


@dataclass(frozen=True, slots=True)
class TrialHistory:
    """Every participant, in the order of their numbers."""

    people: tuple[TrialPerson, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, kept as counts."""

    part: int
    whole: int

    @property
    def percent(self) -> Decimal | None:
        """Rounded to two places; None of nothing."""
        if not self.whole:
            return None
        return (Decimal(100 * self.part) / self.whole).quantize(Decimal("0.01"))


@dataclass(frozen=True, slots=True)
class SameDayDoses:
    """Dose rows of one person on one day: a split dose or an entry error, a person decides."""

    who: str
    day: int
    amounts: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class HighDose:
    who: str
    day: int
    dose_mg: Decimal


@dataclass(frozen=True, slots=True)
class DoseGap:
    """Days without a dose between two days with one."""

    who: str
    first_missed_day: int
    missed_days: int


@dataclass(frozen=True, slots=True)
class TrialFindings:
    """What a person should look at before a history is stored, and the figures of it."""

    dose_rows: int
    person_days: int
    same_day: tuple[SameDayDoses, ...]
    high_doses: tuple[HighDose, ...]
    gaps: tuple[DoseGap, ...]
    methadone_total_mg: Decimal
    methadone_attendance: Share
    """Days with a dose, of all days from each person's first dose to the last."""
    show_rate: Share
    """Visits kept, of visits kept or known not kept."""
    visits_by_state: Counter[VisitState]
    undated_visits: int
    urine_collected: int
    urine_positives: Counter[str]

    @property
    def extra_dose_rows(self) -> int:
        return self.dose_rows - self.person_days
