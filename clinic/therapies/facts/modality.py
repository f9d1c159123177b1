"""One treatment of the program as a whole: evidence, needs, measures, limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Final

from clinic.therapies.facts.gates import Gate
from clinic.therapies.facts.rhythm import Phase
from clinic.therapies.facts.words import (
    LegalBasis,
    Moment,
    Owner,
    ResourceKind,
    Setting,
    Skill,
    StageGroup,
    Standing,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of the entry and what it rests on."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """How a treatment stands, why in one sentence, and who says so."""

    standing: Standing
    why: str
    source: str


@dataclass(frozen=True, slots=True)
class Duration:
    """Expected length of a course. ``days_at_most`` None: as long as it helps."""

    days_at_least: int
    days_at_most: int | None
    source: str


@dataclass(frozen=True, slots=True)
class Group:
    """Most patients in one group session."""

    capacity: int
    source: str


@dataclass(frozen=True, slots=True)
class StaffNeed:
    """So many people of one skill at each session."""

    skill: Skill
    count: int
    source: str


@dataclass(frozen=True, slots=True)
class ResourceNeed:
    """A kind of room, device or bed, by the code that scheduling gives its resources."""

    kind: ResourceKind
    code: str


@dataclass(frozen=True, slots=True)
class ConsentForm:
    """A form the patient signs before the course starts."""

    code: str
    title: str
    source: str


TREATMENT_CONSENT: Final = ConsentForm(
    code="treatment",
    title="Informed, voluntary consent to treatment",
    source="42 CFR 8.12(e)(1)",
)


@dataclass(frozen=True, slots=True)
class LegalNeed:
    """Any one of these bases suffices; without one the course cannot start."""

    any_of: tuple[LegalBasis, ...]
    why: str
    source: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One instrument at one moment.

    Units: ``at_minutes`` count from the start (DURING) or the end (AFTER) of the dose, infusion
    or exposure itself, not of the slot; ``every_minutes`` repeats while the session or stay lasts.
    """

    instrument: str
    moment: Moment
    source: str
    at_minutes: tuple[int, ...] = ()
    every_minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Modality:
    """One treatment: everything the engine needs to enrol, book, record and chart it."""

    code: str
    name: str
    summary: str
    group: StageGroup
    evidence: Evidence
    indication: Statement
    duration: Duration
    staff: tuple[StaffNeed, ...]
    settings: tuple[Setting, ...]
    consents: tuple[ConsentForm, ...]
    completion: Statement
    outcome_instrument: str
    owned_by: Owner = Owner.THERAPIES
    resources: tuple[ResourceNeed, ...] = ()
    group_session: Group | None = None
    phases: tuple[Phase, ...] = ()
    home_practice: tuple[Statement, ...] = ()
    legal_basis: LegalNeed | None = None
    gates: tuple[Gate, ...] = ()
    measures: tuple[Measure, ...] = ()
    stop_rules: tuple[Statement, ...] = ()

    @property
    def may_be_scheduled(self) -> bool:
        """False for what can only be referred; ``evidence.why`` says why."""
        return self.evidence.standing is not Standing.RESEARCH_ONLY

    @property
    def group_size(self) -> int:
        return self.group_session.capacity if self.group_session else 1

    @property
    def total_sessions(self) -> int:
        """Zero where sessions are not planned ahead: doses, bed days, referrals."""
        return sum(phase.sessions for phase in self.phases)

    @property
    def sources(self) -> tuple[str, ...]:
        """Every source the entry cites, each once, in the order of its fields."""
        return tuple(dict.fromkeys(_sources_in(self)))


def _sources_in(part: object) -> Iterator[str]:
    if isinstance(part, tuple):
        for item in part:
            yield from _sources_in(item)
    elif is_dataclass(part):
        for each in fields(part):
            value = getattr(part, each.name)
            if each.name == "source":
                yield value
            else:
                yield from _sources_in(value)
