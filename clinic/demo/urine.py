"""When urine is tested, and what the cup shows. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from clinic.demo import calibration
from clinic.demo.calibration import chance
from clinic.programs.facts import MedicationState
from clinic.toxicology.facts import PANEL, Analyte, CollectionOutcome, Reading

EXPECTED: Mapping[MedicationState, frozenset[Analyte]] = {
    MedicationState.METHADONE: frozenset({Analyte.METHADONE, Analyte.EDDP}),
    MedicationState.BUPRENORPHINE: frozenset({Analyte.BUPRENORPHINE}),
}
"""What a cup shows because of the treatment itself."""

INVALID = 0.004
EXPECTED_SEEN = 0.97
EXPECTED_FROM_DAY = 3


@dataclass(frozen=True, slots=True)
class UrinePlan:
    """A scheduled test and the readings of a collected one."""

    on: date
    outcome: CollectionOutcome
    was_random: bool
    readings: Mapping[Analyte, Reading]


def days_of_tests(random: Random, *, first: date, until: date) -> Iterator[tuple[date, bool]]:
    """The days of an episode's tests in ``[first, until)``, and whether each is random."""
    day = first
    while day < until:
        is_weekly = (day - first).days < calibration.TESTS_WEEKLY_DAYS
        yield day, not is_weekly or chance(random, 0.3)
        if is_weekly:
            day += timedelta(days=random.choice((6, 7, 7, 7, 8)))
        else:
            spread = calibration.TEST_EVERY_DAYS_LATER // 3
            day += timedelta(
                days=calibration.TEST_EVERY_DAYS_LATER + random.randint(-spread, spread)
            )


def planned_tests(
    random: Random,
    *,
    first: date,
    until: date,
    present: Collection[date],
    medication: MedicationState,
) -> Iterator[UrinePlan]:
    """The tests of an episode; one planned for a day without the patient moves to the next with.

    Shape: ``present`` are the days the patient came; at most one test a day.
    """
    tested: set[date] = set()
    for planned, was_random in days_of_tests(random, first=first, until=until):
        on = next(
            (
                day
                for day in (planned + timedelta(days=later) for later in range(4))
                if day in present and day not in tested and day < until
            ),
            None,
        )
        if on is None:
            continue
        tested.add(on)
        outcome = drawn_outcome(random)
        treatment_day = (on - first).days + 1
        yield UrinePlan(
            on,
            outcome,
            was_random,
            cup(random, medication=medication, treatment_day=treatment_day)
            if outcome is CollectionOutcome.COLLECTED
            else {},
        )


def drawn_outcome(random: Random) -> CollectionOutcome:
    draw = random.random()
    for word, share in calibration.TEST_NOT_COLLECTED.items():
        if draw < share:
            return CollectionOutcome(word)
        draw -= share
    return CollectionOutcome.COLLECTED


def cup(
    random: Random,
    *,
    medication: MedicationState,
    treatment_day: int,
    stimulants: Collection[Analyte] | None = None,
) -> dict[Analyte, Reading]:
    """A full panel. ``stimulants`` given: exactly those are positive, as a reward visit needs."""
    odds = calibration.at(calibration.OPIOID_POSITIVE, treatment_day)
    positive = _opioids(random) if chance(random, odds) else set()
    positive |= {
        analyte for analyte, share in calibration.ANALYTE_POSITIVE.items() if chance(random, share)
    }
    if stimulants is not None:
        positive -= {Analyte.COCAINE, Analyte.METHAMPHETAMINE}
        positive |= set(stimulants)
    if Analyte.METHAMPHETAMINE in positive:
        positive.add(Analyte.AMPHETAMINE)
    if treatment_day >= EXPECTED_FROM_DAY and chance(random, EXPECTED_SEEN):
        positive |= EXPECTED.get(medication, frozenset())
    readings = {
        analyte: Reading.POSITIVE if analyte in positive else Reading.NEGATIVE for analyte in PANEL
    }
    if chance(random, INVALID) and stimulants is None:
        readings[Analyte.OXYCODONE] = Reading.INVALID
    return readings


def _opioids(random: Random) -> set[Analyte]:
    shown = {
        analyte for analyte, share in calibration.OPIOID_ANALYTE.items() if chance(random, share)
    }
    return shown or {Analyte.FENTANYL}
