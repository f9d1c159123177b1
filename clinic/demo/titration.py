"""A medication as one patient takes it: orders, the days with a dose, the holds. Pure.

Dose by dose after the calibration's curves; what the house rules ask after missed days is asked
of those rules.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Protocol

from clinic.core.service_dates import ONE_DAY
from clinic.demo import calibration
from clinic.dosing.facts import AdviceTable, DoseGate
from clinic.dosing.rules.missed_doses import missed_dose, missed_dose_advice
from clinic.stock.facts import Medication


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """A prescriber's order for ``[starts_on, ends_on)``, written on its first day."""

    dose_mg: int
    starts_on: date
    ends_on: date
    was_superseded: bool = False
    rationale: str = ""


@dataclass(frozen=True, slots=True)
class DosePlan:
    """A day with a dose. ``order`` counts the run's orders from 0, ``missed`` days before it."""

    on: date
    order: int
    dose_mg: int
    missed: int
    treatment_day: int


@dataclass(frozen=True, slots=True)
class HoldPlan:
    """A hold found at the window, ended by an order of the same day."""

    on: date
    order: int
    missed: int


@dataclass(frozen=True, slots=True)
class Run:
    """What became of one medication of one episode. ``missed_now``: days without a dose before
    today; ``treatment_day`` is today's.
    """

    medication: Medication
    orders: tuple[OrderPlan, ...]
    doses: tuple[DosePlan, ...]
    holds: tuple[HoldPlan, ...]
    missed_now: int
    treatment_day: int

    @property
    def stops_today(self) -> bool:
        answer = missed_dose(self.missed_now, treatment_day=self.treatment_day)
        return answer.gate is DoseGate.HOLD


class Titration(Protocol):
    """How a dose rises."""

    @property
    def medication(self) -> Medication: ...

    def dose_mg(self, *, day: int, current_mg: int | None, since_days: int, usual_mg: int) -> int:
        """The dose from a treatment day on; ``usual_mg`` is the highest one so far."""
        ...


@dataclass(frozen=True, slots=True)
class MethadoneTitration:
    """``spread`` is how many times the median dose this patient needs in the end."""

    spread: float
    medication: Medication = Medication.METHADONE

    @classmethod
    def of(cls, random: Random) -> MethadoneTitration:
        return cls(calibration.at(calibration.METHADONE_SPREAD, random.random()))

    def dose_mg(self, *, day: int, current_mg: int | None, since_days: int, usual_mg: int) -> int:
        median = calibration.at(calibration.METHADONE_MEDIAN_MG, day)
        reached = calibration.at(calibration.SPREAD_REACHED, day)
        wanted = 5 * round(median * (1 + (self.spread - 1) * reached) / 5)
        if current_mg is None:
            return min(wanted, calibration.METHADONE_FIRST_DAY_MAX_MG)
        is_early = day <= calibration.SPREAD_REACHED[-1][0] or current_mg < usual_mg
        wait = (
            calibration.METHADONE_STEP_DAYS if is_early else calibration.METHADONE_STEADY_STEP_DAYS
        )
        if wanted <= current_mg or since_days < wait:
            return current_mg
        return min(wanted, current_mg + calibration.METHADONE_STEP_MAX_MG)


@dataclass(frozen=True, slots=True)
class BuprenorphineTitration:
    later_mg: int
    rise_day: int
    medication: Medication = Medication.BUPRENORPHINE_NALOXONE

    @classmethod
    def of(
        cls, random: Random, *, medication: Medication = Medication.BUPRENORPHINE_NALOXONE
    ) -> BuprenorphineTitration:
        shares = calibration.BUPRENORPHINE_LATER_MG
        [later_mg] = random.choices(list(shares), list(shares.values()))
        return cls(later_mg, random.randint(*calibration.BUPRENORPHINE_RISE_DAYS), medication)

    def dose_mg(self, *, day: int, current_mg: int | None, since_days: int, usual_mg: int) -> int:
        del since_days, usual_mg
        start = calibration.BUPRENORPHINE_START_MG
        wanted = self.later_mg if day >= self.rise_day else start[min(day, max(start))]
        return max(wanted, current_mg or 0)


@dataclass(frozen=True, slots=True)
class Days:
    """The calendar of a run: it begins on ``first``, the last dose is on ``last`` if that has come.

    ``today`` itself is left to the morning: nothing is dosed on it here. ``absent`` are days the
    story needs without a dose, ``reliable`` patients miss no others.
    """

    first: date
    last: date
    today: date
    closed: Collection[date] = ()
    absent: Collection[date] = ()
    reliable: bool = False

    @property
    def through(self) -> date:
        return min(self.last, self.today - ONE_DAY)


def daily_run(random: Random, *, titration: Titration, days: Days) -> Run:
    """Every order, dose and hold of a medication taken daily, up to yesterday.

    Invariant: orders do not overlap; no dose without an order; first and last day have a dose.
    """
    course = _Course(titration, days.first)
    away = 0
    day = days.first
    while day <= days.through:
        is_end = day in (days.first, days.last)
        if day in days.closed or (day in days.absent and not is_end):
            away = max(0, away - 1)
        elif away and not is_end:
            away -= 1
        else:
            course.attend(day)
            away = 0 if days.reliable else _absence(random)
        day += ONE_DAY
    return course.finished(days.today)


def _absence(random: Random) -> int:
    """How many days somebody who came today stays away from tomorrow on."""
    lengths = calibration.ABSENCE_DAYS
    mean = sum(length * share for length, share in lengths.items())
    odds = (1 - calibration.DOSES_TAKEN) / (calibration.DOSES_TAKEN * mean)
    return _drawn(random, lengths) if random.random() < odds else 0


def _drawn(random: Random, shares: Mapping[int, float]) -> int:
    [drawn] = random.choices(list(shares), list(shares.values()))
    return drawn


@dataclass(slots=True)
class _Course:
    """The run while it is being told."""

    titration: Titration
    first: date
    orders: list[OrderPlan] = field(default_factory=list)
    doses: list[DosePlan] = field(default_factory=list)
    holds: list[HoldPlan] = field(default_factory=list)
    usual_mg: int = 0
    changed_on: date = date.min

    def attend(self, day: date) -> None:
        treatment_day = (day - self.first).days + 1
        missed = self._missed(day)
        if missed_dose(missed, treatment_day=treatment_day).gate is DoseGate.HOLD:
            self._order_after(missed, day)
            self.holds.append(HoldPlan(day, len(self.orders) - 1, missed))
        else:
            self._titrate(day, treatment_day)
        dose_mg = self.orders[-1].dose_mg
        self.doses.append(DosePlan(day, len(self.orders) - 1, dose_mg, missed, treatment_day))

    def finished(self, today: date) -> Run:
        return Run(
            medication=self.titration.medication,
            orders=tuple(self.orders),
            doses=tuple(self.doses),
            holds=tuple(self.holds),
            missed_now=self._missed(today),
            treatment_day=(today - self.first).days + 1,
        )

    def _missed(self, day: date) -> int:
        return (day - self.doses[-1].on).days - 1 if self.doses else 0

    def _titrate(self, day: date, treatment_day: int) -> None:
        current = self.orders[-1] if self.orders else None
        dose_mg = self.titration.dose_mg(
            day=treatment_day,
            current_mg=current.dose_mg if current else None,
            since_days=(day - self.changed_on).days,
            usual_mg=self.usual_mg,
        )
        left = (current.ends_on - day).days if current else 0
        if (
            current is None
            or dose_mg != current.dose_mg
            or left <= calibration.ORDER_RENEWED_DAYS_BEFORE
        ):
            self._write(day, dose_mg)

    def _order_after(self, missed: int, day: date) -> None:
        """A prescriber sees the patient and decides anew; the published table is what they read."""
        usual_mg = self.orders[-1].dose_mg
        is_methadone = self.titration.medication is Medication.METHADONE
        table = AdviceTable.NSW_2018 if is_methadone else AdviceTable.NSW_2018_BUPRENORPHINE
        advice = missed_dose_advice(table, missed_days=missed, usual_dose_mg=Decimal(usual_mg))
        step_mg = 5 if is_methadone else 2
        advised_mg = int(advice.dose_mg or usual_mg // 2) // step_mg * step_mg
        rationale = f"Seen after {missed} missed days; {advice.source}."
        self._write(day, max(step_mg, advised_mg), rationale=rationale)

    def _write(self, day: date, dose_mg: int, *, rationale: str = "") -> None:
        if self.orders and self.orders[-1].ends_on > day:
            self.orders[-1] = replace(self.orders[-1], ends_on=day, was_superseded=True)
        if not self.orders or dose_mg != self.orders[-1].dose_mg:
            self.changed_on = day
        ends_on = day + timedelta(days=calibration.ORDER_DAYS)
        self.orders.append(OrderPlan(dose_mg, day, ends_on, rationale=rationale))
        self.usual_mg = max(self.usual_mg, dose_mg)
