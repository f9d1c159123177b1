"""Words of a person: sex as recorded, alerts, identifiers, problems."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from clinic.core.events import Fact


class Sex(StrEnum):
    """Administrative sex. Source: FHIR R4 AdministrativeGender."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class AlertSeverity(StrEnum):
    """How loudly the banner says it."""

    STOP = "stop"
    ATTENTION = "attention"
    INFORM = "inform"


@dataclass(frozen=True, slots=True)
class PatientRegistered(Fact):
    patient_id: UUID


@dataclass(frozen=True, slots=True)
class Identity:
    """What a person is told apart by when they register or are looked for."""

    family_name: str
    given_names: str
    birth_date: date
