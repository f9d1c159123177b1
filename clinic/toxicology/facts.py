"""Words of a urine test: analytes, readings, the announcement of a result, and rates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
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


STIMULANTS = frozenset({Analyte.COCAINE, Analyte.AMPHETAMINE, Analyte.METHAMPHETAMINE})
OPIOIDS = frozenset({Analyte.OPIATES, Analyte.FENTANYL, Analyte.OXYCODONE})


class Reading(StrEnum):
    NEGATIVE = "negative"
    POSITIVE = "positive"
    INVALID = "invalid"


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
    """A specimen has its readings, or a scheduled test brought none."""

    specimen_id: UUID
    patient_id: UUID
    service_date: date
    outcome: CollectionOutcome
    readings: tuple[tuple[Analyte, Reading], ...]


@dataclass(frozen=True, slots=True)
class NegativeRates:
    """Two readings of the same month of urine tests, in percent with one decimal.

    ``observed_negative_percent`` looks at the tests collected; ``strict_negative_percent`` at
    the tests due, so that a missing test reads as positive. None: nothing to divide by.
    """

    observed_negative_percent: Decimal | None
    strict_negative_percent: Decimal | None
