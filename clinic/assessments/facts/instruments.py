"""What an instrument is made of, what a filled one says, and how a patient's run reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from clinic.core.decision import Decision

LOINC = "http://loinc.org"
LOCAL = "urn:clinic:instrument"
"""Code system of instruments for which LOINC has no code."""


@dataclass(frozen=True, slots=True)
class Code:
    """A name other systems know the total by. Source: FHIR Coding."""

    system: str
    value: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer an item may have, and what it scores."""

    score: int
    label: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question. ``name`` is the key of its answer, ``loinc`` its own code where it has one."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    loinc: str | None = None

    @property
    def legal(self) -> tuple[int, ...]:
        """The scores the form has."""
        return tuple(choice.score for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Band:
    """How totals from ``lowest`` up to the next band read, and how loudly: ``kind``."""

    lowest: int
    name: str
    kind: str

    @property
    def label(self) -> str:
        return self.name.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Prompt:
    """An answer nobody may pass over: above ``above`` on ``item``, ``message`` says what to do."""

    item: str
    above: int
    code: str
    message: str
    source: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """One edition of a scale. A changed item or band is a new ``version``; old rows keep theirs.

    Invariant: bands are in ascending order; without bands a total is only a number.
    """

    id: str
    version: str
    label: str
    purpose: str
    items: tuple[Item, ...]
    source: str
    code: Code
    bands: tuple[Band, ...] = ()
    prompts: tuple[Prompt, ...] = ()
    caution: str = ""

    @property
    def minimum(self) -> int:
        return sum(min(item.legal) for item in self.items)

    @property
    def maximum(self) -> int:
        return sum(max(item.legal) for item in self.items)


@dataclass(frozen=True, slots=True)
class Score:
    """What the answers come to. A form with a gap has neither total nor band."""

    total: int | None
    band: Band | None
    missing: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class RecordedAssessment:
    """What recording came to; ``decision`` asks for whatever may not be passed over."""

    assessment_id: UUID
    score: Score
    decision: Decision


@dataclass(frozen=True, slots=True)
class Measurement:
    """One filled form, read by the edition it was filled on."""

    assessment_id: UUID
    instrument: Instrument
    occurred_at: datetime
    service_date: date
    answers: Mapping[str, int]
    total: int | None
    band: str | None
    note: str
    recorded_by_name: str


@dataclass(frozen=True, slots=True)
class Trend:
    """A patient's complete forms of one instrument, oldest first."""

    instrument: Instrument
    measurements: tuple[Measurement, ...]

    @property
    def totals(self) -> tuple[int, ...]:
        return tuple(one.total for one in self.measurements if one.total is not None)
