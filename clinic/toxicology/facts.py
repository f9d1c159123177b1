"""Words of a urine test: analytes, readings, the announcement of a result, and rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from clinic.core.events import Fact


class Analyte(StrEnum):
    """What a point-of-care cup reads."""

    OPIATES = "opiates"
    FENTANYL = "fentanyl"
    OXYCODONE = "oxycodone"
    METHADONE = "methadone"
    EDDP = "eddp"
    BUPRENORPHINE = "buprenorphine"
    COCAINE = "cocaine"
    AMPHETAMINE = "amphetamine"
    METHAMPHETAMINE = "methamphetamine"
    BENZODIAZEPINES = "benzodiazepines"
    BARBITURATES = "barbiturates"
    CANNABINOIDS = "cannabinoids"
    PHENCYCLIDINE = "phencyclidine"
    MDMA = "mdma"
    OTHER = "other"

    @property
    def label(self) -> str:
        return {"eddp": "EDDP", "mdma": "MDMA"}.get(self.value, self.value.capitalize())


PANEL = (
    Analyte.OPIATES,
    Analyte.FENTANYL,
    Analyte.OXYCODONE,
    Analyte.METHADONE,
    Analyte.EDDP,
    Analyte.BUPRENORPHINE,
    Analyte.COCAINE,
    Analyte.AMPHETAMINE,
    Analyte.METHAMPHETAMINE,
    Analyte.BENZODIAZEPINES,
    Analyte.BARBITURATES,
    Analyte.CANNABINOIDS,
)
"""The cup as it is read, top to bottom. Source: site policy, a 12-panel point-of-care cup."""

STIMULANTS = frozenset({Analyte.COCAINE, Analyte.AMPHETAMINE, Analyte.METHAMPHETAMINE})
OPIOIDS = frozenset({Analyte.OPIATES, Analyte.FENTANYL, Analyte.OXYCODONE})


class Reading(StrEnum):
    NEGATIVE = "negative"
    POSITIVE = "positive"
    INVALID = "invalid"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class CollectionOutcome(StrEnum):
    """What came of a scheduled test."""

    COLLECTED = "collected"
    REFUSED = "refused"
    MISSED = "missed"
    EXCUSED = "excused"

    @property
    def label(self) -> str:
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class ResultRecorded(Fact):
    """A specimen has its readings, or a scheduled test brought none.

    Shape: ``told`` starts empty. Whoever listens may add sentences for the person at the desk,
    such as what the result earned.
    """

    specimen_id: UUID
    patient_id: UUID
    service_date: date
    outcome: CollectionOutcome
    readings: tuple[tuple[Analyte, Reading], ...]
    told: list[str] = field(default_factory=list, compare=False)


@dataclass(frozen=True, slots=True)
class ResultConfirmed(Fact):
    """The laboratory has read a specimen again.

    Shape: ``readings`` are the cup's, with the laboratory's in their place where it read;
    ``told`` as in ``ResultRecorded``.
    """

    specimen_id: UUID
    patient_id: UUID
    service_date: date
    readings: tuple[tuple[Analyte, Reading], ...]
    told: list[str] = field(default_factory=list, compare=False)


@dataclass(frozen=True, slots=True)
class SentSpecimen:
    """A specimen on its way to the laboratory, with what the cup read."""

    specimen_id: UUID
    patient_id: UUID
    service_date: date
    sent_at: datetime
    laboratory: str
    readings: Mapping[Analyte, Reading]


@dataclass(frozen=True, slots=True)
class LaboratorySpecimen:
    """A specimen as cup and laboratory read it. ``sent_at`` None: it was not sent yet."""

    specimen_id: UUID
    service_date: date
    sent_at: datetime | None
    laboratory: str
    readings: Mapping[Analyte, Reading]
    confirmed: Mapping[Analyte, Reading]


@dataclass(frozen=True, slots=True)
class RecordedResult:
    """What recording came to: the specimen, and what its consequences have to say."""

    specimen_id: UUID
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrugTest:
    """One scheduled or walk-in test with everything that was read."""

    specimen_id: UUID
    occurred_at: datetime
    service_date: date
    outcome: CollectionOutcome
    was_random: bool
    was_observed: bool
    note: str
    recorded_by_name: str
    readings: Mapping[Analyte, Reading]


@dataclass(frozen=True, slots=True)
class RandomTestTerms:
    """How often a patient in comprehensive treatment is tested at random."""

    random_tests_per_year: int = 8
    source: str = "42 CFR 8.12(f)(6)"


@dataclass(frozen=True, slots=True)
class YearOfTests:
    """Tests collected in the 365 days that end with ``today``, and how many must be random."""

    collected: int
    random: int
    terms: RandomTestTerms


@dataclass(frozen=True, slots=True)
class UrineCounts:
    """Tests due, those of them collected, and those of these that were negative."""

    due: int
    collected: int
    negative: int


@dataclass(frozen=True, slots=True)
class NegativeRates:
    """Two readings of the same month of urine tests, in percent with one decimal.

    ``observed_negative_percent`` looks at the tests collected; ``strict_negative_percent`` at
    the tests due, so that a missing test reads as positive. None: nothing to divide by.
    """

    observed_negative_percent: Decimal | None
    strict_negative_percent: Decimal | None
