"""What a trial participant's history becomes here: a course of care, doses and drug tests.

Pure: study days in, calendar days and the house's words out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from clinic.core.decision import Decision, Effect, Reason
from clinic.core.service_dates import ONE_DAY
from clinic.core.units import micrograms
from clinic.exchange.facts.records import MedicationClass
from clinic.exchange.facts.trial import (
    TrialDose,
    TrialPerson,
    TrialUrine,
    TrialVisit,
    VisitState,
)
from clinic.programs.facts import CareState, MedicationState
from clinic.scheduling.facts import Disposition
from clinic.stock.facts import Form, Medication
from clinic.toxicology.facts import Analyte, Reading

NALTREXONE_INJECTION_MG = Decimal(380)
"""One injection of extended-release naltrexone. Source: Vivitrol label section 2.2."""

NALTREXONE_INJECTION_LASTS = timedelta(days=28)
"""Source: Vivitrol label section 2.2, every 4 weeks."""

PANEL = (
    Analyte.OPIATES,
    Analyte.METHADONE,
    Analyte.COCAINE,
    Analyte.AMPHETAMINE,
    Analyte.BENZODIAZEPINES,
    Analyte.CANNABINOIDS,
)
"""What every collected sample of the set was tested for: not listed as positive is negative.

The set's other words (buprenorphine, alcohol, sedatives, MDMA or hallucinogens) occur too rarely
to have been on every cup: they are kept where positive and claim nothing elsewhere.
Source: counts of uds_positive in public.ctn0094data 1.0.6.
"""

_ANALYTES = {
    "Opioid": Analyte.OPIATES,
    "Methadone": Analyte.METHADONE,
    "Buprenorphine": Analyte.BUPRENORPHINE,
    "Cocaine": Analyte.COCAINE,
    "Amphetamine": Analyte.AMPHETAMINE,
    "Benzodiazepine": Analyte.BENZODIAZEPINES,
    "Thc": Analyte.CANNABINOIDS,
}
_FORMS = {
    MedicationClass.METHADONE: Form.ORAL_CONCENTRATE,
    MedicationClass.BUPRENORPHINE: Form.SUBLINGUAL,
    MedicationClass.BUPRENORPHINE_NALOXONE: Form.SUBLINGUAL,
    MedicationClass.NALTREXONE: Form.INJECTION,
}
_STATES = {
    MedicationClass.METHADONE: MedicationState.METHADONE,
    MedicationClass.BUPRENORPHINE: MedicationState.BUPRENORPHINE,
    MedicationClass.BUPRENORPHINE_NALOXONE: MedicationState.BUPRENORPHINE,
    MedicationClass.NALTREXONE: MedicationState.NALTREXONE,
}
# CTN-0027 ran at licensed opioid treatment programs, CTN-0030 and the months after the stay of
# CTN-0051 at outpatient clinics. Source: Saxon 2013, Weiss 2011, Lee 2018 (trial reports).
_LEVELS = {"27": CareState.OPIOID_TREATMENT}

_DISPOSITIONS = {
    VisitState.VISIT: Disposition.VISIT,
    VisitState.NO_VISIT: Disposition.NO_VISIT,
    VisitState.MISSING: Disposition.MISSING,
    VisitState.BLANK: Disposition.BLANK,
    VisitState.FINAL: Disposition.FINAL,
}
_CAME = frozenset({VisitState.VISIT, VisitState.FINAL})

HISTORY = Decision.of(
    [
        Reason(
            "imported_history",
            "From a trial's dose list: the day is known, the time of day is not.",
            "public.ctn0094data 1.0.6",
            Effect.INFORM,
        )
    ]
)


@dataclass(frozen=True, slots=True)
class CareMove:
    on: date
    to_state: CareState


@dataclass(frozen=True, slots=True)
class MedicationMove:
    on: date
    to_medication: MedicationState


@dataclass(frozen=True, slots=True)
class CareCourse:
    """One episode: its moves in order, the last one the discharge."""

    care: tuple[CareMove, ...]
    medication: tuple[MedicationMove, ...]

    @property
    def starts_on(self) -> date:
        return self.care[0].on

    @property
    def ends_on(self) -> date:
        return self.care[-1].on


@dataclass(frozen=True, slots=True)
class DoseDay:
    """All dose rows of one day; more than one is a question, not a sum."""

    on: date
    medication: Medication
    form: Form
    doses_ug: tuple[int, ...]


def course_of(person: TrialPerson) -> CareCourse | None:
    """The episode a history amounts to; None for somebody never seen on a known day.

    Shape: an inquiry on the first day seen; admission the same day when there was a treatment
    arm or an inpatient stay; discharge on the day after the last one seen.
    """
    days = sorted(_days_seen(person))
    if not days:
        return None
    discharged_on = person.date_of(days[-1]) + ONE_DAY
    level = _LEVELS.get(person.project, CareState.OUTPATIENT) if person.arm else None
    moves = [CareMove(person.date_of(days[0]), CareState.INQUIRY)]
    if level and all(stay.first_day > days[0] for stay in person.detox):
        moves.append(CareMove(person.date_of(days[0]), level))
    for stay in person.detox:
        moves.append(CareMove(person.date_of(stay.first_day), CareState.WITHDRAWAL_MANAGEMENT))
        if level and stay.last_day is not None:
            moves.append(CareMove(person.date_of(stay.last_day), level))
    moves.append(CareMove(discharged_on, CareState.DISCHARGED))
    return CareCourse(_in_order(moves), tuple(_medication_moves(person, until=discharged_on)))


def _days_seen(person: TrialPerson) -> Iterator[int]:
    yield from (dose.day for dose in person.doses)
    yield from (
        visit.day for visit in person.visits if visit.state in _CAME and visit.day is not None
    )
    yield from (sample.day for sample in person.urine if sample.day is not None)
    for stay in person.detox:
        yield stay.first_day
        if stay.last_day is not None:
            yield stay.last_day


def _in_order(moves: Iterable[CareMove]) -> tuple[CareMove, ...]:
    """By day, without moves that lead nowhere."""
    ordered = sorted(moves, key=lambda move: move.on)
    return (
        ordered[0],
        *(after for before, after in pairwise(ordered) if after.to_state != before.to_state),
    )


def _medication_moves(person: TrialPerson, *, until: date) -> Iterator[MedicationMove]:
    if not person.doses:
        return
    first, last = person.doses[0], person.doses[-1]
    yield MedicationMove(person.date_of(first.day), _STATES[first.medication])
    lasts = NALTREXONE_INJECTION_LASTS if last.medication is MedicationClass.NALTREXONE else ONE_DAY
    yield MedicationMove(min(person.date_of(last.day) + lasts, until), MedicationState.NONE)


def dose_days(person: TrialPerson) -> Iterator[DoseDay]:
    """One entry for each day with a dose, in order."""
    by_day: dict[int, list[TrialDose]] = {}
    for dose in person.doses:
        by_day.setdefault(dose.day, []).append(dose)
    for day, doses in by_day.items():
        medication = doses[0].medication
        yield DoseDay(
            on=person.date_of(day),
            medication=Medication(medication.value),
            form=_FORMS[medication],
            doses_ug=tuple(micrograms(_milligrams(dose)) for dose in doses),
        )


def _milligrams(dose: TrialDose) -> Decimal:
    return dose.amount * NALTREXONE_INJECTION_MG if dose.dose_mg is None else dose.dose_mg


def readings_of(sample: TrialUrine) -> dict[Analyte, Reading]:
    """The panel's readings and whatever else was positive; unknown words count as other."""
    found = {_ANALYTES.get(word, Analyte.OTHER) for word in sample.positives}
    return {
        analyte: Reading.POSITIVE if analyte in found else Reading.NEGATIVE
        for analyte in sorted({*PANEL, *found})
    }


def note_of(sample: TrialUrine) -> str:
    """What the readings can't hold: the names of other drugs, a wrong temperature."""
    others = sorted(sample.positives - _ANALYTES.keys())
    notes = [f"Other: {', '.join(others)}"] if others else []
    if sample.is_temperature_ok is False:
        notes.append("Temperature out of range")
    return "; ".join(notes)


def disposition_of(visit: TrialVisit) -> Disposition:
    """What the house calls the state the trial gave a visit."""
    return _DISPOSITIONS[visit.state]


def visit_ids(person: TrialPerson) -> Iterator[tuple[str, TrialVisit]]:
    """Each planned visit with a name of its own: the second WK3 of a person is ``WK3 (2)``."""
    seen: dict[str, int] = {}
    for visit in person.visits:
        seen[visit.name] = seen.get(visit.name, 0) + 1
        again = f" ({seen[visit.name]})" if seen[visit.name] > 1 else ""
        yield f"{person.who}/{visit.name}{again}", visit
