"""What an import did, or would do: rows by kind, people to look at, files and people refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from clinic.core.decision import Decision
from clinic.exchange.facts.reading import ReadRefused, ReadWarning


class ImportKind(StrEnum):
    """Which door the records came in by."""

    FHIR = "fhir"
    CTN0094 = "ctn0094"

    @property
    def label(self) -> str:
        return {"fhir": "FHIR records", "ctn0094": "Trial histories"}[self.value]


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows of one kind: new, told differently than last time, and known already."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.added + other.added,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
        )


@dataclass(frozen=True, slots=True)
class Review:
    """A person somebody must look at before anything rests on what was imported."""

    patient_id: UUID
    name: str
    decision: Decision

    def to_json(self) -> dict[str, Any]:
        return {
            "patient_id": str(self.patient_id),
            "name": self.name,
            "reasons": [reason.to_json() for reason in self.decision.reasons],
        }


@dataclass(frozen=True, slots=True)
class Arrival:
    """A person of the import and their chart; ``is_new`` when the import opens it."""

    patient_id: UUID
    name: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """``run_id`` is None for a rehearsal, of which nothing was saved.

    ``figures`` counts what the files say, whether or not the house knew it; JSON values.
    """

    kind: ImportKind
    files: int
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)
    arrivals: tuple[Arrival, ...] = ()
    reviews: tuple[Review, ...] = ()
    refusals: tuple[ReadRefused, ...] = ()
    warnings: tuple[ReadWarning, ...] = ()
    run_id: UUID | None = None

    @property
    def is_rehearsal(self) -> bool:
        return self.run_id is None

    @property
    def added(self) -> dict[str, int]:
        return {kind: tally.added for kind, tally in self.tallies.items()}

    @property
    def changed(self) -> dict[str, int]:
        return {kind: tally.changed for kind, tally in self.tallies.items()}

    @property
    def unchanged(self) -> dict[str, int]:
        return {kind: tally.unchanged for kind, tally in self.tallies.items()}

    def to_json(self) -> dict[str, Any]:
        """Counts and refusals for machines. Names nobody: it may end in a log."""
        return {
            "run": None if self.run_id is None else str(self.run_id),
            "dry_run": self.is_rehearsal,
            "files": self.files,
            **self.figures,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "to_review": len(self.reviews),
            "warnings": [warning.to_json() for warning in self.warnings],
            "refusals": [refusal.to_json() for refusal in self.refusals],
        }


def added_up(outcomes: Sequence[ImportOutcome], *, figures: Mapping[str, Any]) -> ImportOutcome:
    """Several runs told as one: the figures are of all they read, the id is the last run's."""
    tallies: dict[str, Tally] = {}
    for outcome in outcomes:
        for kind, tally in outcome.tallies.items():
            tallies[kind] = tallies.get(kind, Tally()) + tally
    return replace(
        outcomes[-1],
        tallies=tallies,
        figures=figures,
        arrivals=tuple(each for outcome in outcomes for each in outcome.arrivals),
        reviews=tuple(each for outcome in outcomes for each in outcome.reviews),
        refusals=tuple(each for outcome in outcomes for each in outcome.refusals),
        warnings=tuple(each for outcome in outcomes for each in outcome.warnings),
    )


@dataclass(frozen=True, slots=True)
class TrialTerms:
    """From where on an imported dose or gap is remarkable enough to be counted out.

    Units: milligrams of methadone or buprenorphine; missed days in a row.
    """

    high_dose_mg: Decimal = field(default_factory=lambda: Decimal(200))
    gap_days: int = 5
    source: str = "site policy: imported dose histories"


def possible_answers(doses_ug: tuple[int, ...]) -> tuple[int, ...]:
    """What a day with several dose rows may have been: any one of them, or all as a split dose."""
    return tuple(dict.fromkeys((*doses_ug, sum(doses_ug))))
