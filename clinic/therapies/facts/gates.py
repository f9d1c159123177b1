"""What a gate asks before a course or a session may start, and the facts that answer it.

Each kind of gate has its limits here and its rule in ``rules/gates.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import ClassVar

from clinic.core.decision import Effect
from clinic.therapies.facts.words import LegalBasis, OpioidClass


@dataclass(frozen=True, slots=True)
class MinimumAge:
    """The patient is this old; an unknown age is asked for."""

    code: ClassVar[str] = "minimum_age"
    years: int
    source: str


@dataclass(frozen=True, slots=True)
class MinorNeedsGuardian:
    """Under this age a parent, guardian or responsible adult consents in writing."""

    code: ClassVar[str] = "guardian_consent"
    adult_from_years: int
    source: str


@dataclass(frozen=True, slots=True)
class ExcludesMedication:
    """None of these medications is ordered for the patient now."""

    code: ClassVar[str] = "excludes_medication"
    medications: tuple[str, ...]
    why: str
    source: str
    effect: Effect = Effect.STOP


@dataclass(frozen=True, slots=True)
class RequiresMedication:
    """At least one of these medications is ordered for the patient now."""

    code: ClassVar[str] = "requires_medication"
    any_of: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class RequiresCourse:
    """The patient has an open course of another modality, by its code."""

    code: ClassVar[str] = "requires_course"
    modality: str
    source: str


@dataclass(frozen=True, slots=True)
class OnRecord:
    """Something a person has to have put on record: a sign-off, an order, a reading."""

    code: ClassVar[str] = "on_record"
    item: str
    title: str
    source: str
    effect: Effect = Effect.ASK


@dataclass(frozen=True, slots=True)
class ScreenQuestion:
    """A yes/no question and what a yes does."""

    code: str
    text: str
    if_yes: Effect


@dataclass(frozen=True, slots=True)
class SafetyScreen:
    """Yes/no questions; one without an answer is asked for."""

    code: ClassVar[str] = "safety_screen"
    questions: tuple[ScreenQuestion, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Pregnancy:
    """What a pregnancy means for the start, in one sentence."""

    code: ClassVar[str] = "pregnancy"
    message: str
    effect: Effect
    source: str


@dataclass(frozen=True, slots=True)
class BloodPressure:
    """Above the recheck limits: measure again. From the stop limits on: no start.

    Units: mmHg.
    """

    code: ClassVar[str] = "blood_pressure"
    recheck_above_systolic: int
    recheck_above_diastolic: int
    stop_from_systolic: int
    stop_from_diastolic: int
    source: str


@dataclass(frozen=True, slots=True)
class OpioidFree:
    """Days since the last opioid: too few stop, then only a negative challenge opens the gate."""

    code: ClassVar[str] = "opioid_free"
    short_acting_days: int
    short_acting_clear_days: int
    long_acting_days: int
    long_acting_clear_days: int
    source: str


@dataclass(frozen=True, slots=True)
class BodyMassIndex:
    """Below this index feeding starts under a medical plan."""

    code: ClassVar[str] = "body_mass_index"
    at_least: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class PreparedAndIntegrated:
    """Preparation stands before the dosing day and integration on the day after it."""

    code: ClassVar[str] = "prepared_and_integrated"
    preparation_sessions: int
    source: str


Gate = (
    MinimumAge
    | MinorNeedsGuardian
    | ExcludesMedication
    | RequiresMedication
    | RequiresCourse
    | OnRecord
    | SafetyScreen
    | Pregnancy
    | BloodPressure
    | OpioidFree
    | BodyMassIndex
    | PreparedAndIntegrated
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartFacts:
    """What is known about a patient when a course or a session is to start.

    None, or a question missing from ``answers``, means nobody knows yet. Consents, legal bases
    and records are what is on file: absent is missing, not unknown.
    """

    admitted: bool = False
    age_years: int | None = None
    pregnant: bool | None = None
    consents: frozenset[str] = frozenset()
    legal_bases: frozenset[LegalBasis] = frozenset()
    on_record: frozenset[str] = frozenset()
    answers: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    active_medications: frozenset[str] | None = None
    active_courses: frozenset[str] | None = None
    systolic_mmhg: int | None = None
    diastolic_mmhg: int | None = None
    opioid_class: OpioidClass | None = None
    days_since_last_opioid: int | None = None
    naloxone_challenge_negative: bool | None = None
    body_mass_index: Decimal | None = None
    preparation_sessions_planned: int | None = None
    integration_planned_next_day: bool | None = None
