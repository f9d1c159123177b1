"""Words of a person: names, sex as recorded, alerts, identifiers, problems, resemblance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from clinic.core.decision import Decision
from clinic.core.events import Fact

PHOTO_BYTES_MAX = 2 * 1024 * 1024
"""Source: site policy; a portrait of 1000 x 1000 pixels needs a tenth of this."""


class Sex(StrEnum):
    """Administrative sex. Source: FHIR R4 AdministrativeGender."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class PayerKind(StrEnum):
    """Who pays first. Source: TEDS-A codebook, variable PRIMPAY, in the order of its codes."""

    SELF_PAY = "self_pay"
    PRIVATE_INSURANCE = "private_insurance"
    MEDICARE = "medicare"
    MEDICAID = "medicaid"
    OTHER_GOVERNMENT = "other_government"
    NO_CHARGE = "no_charge"
    OTHER = "other"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()

    @property
    def teds_code(self) -> int:
        return 1 + list(PayerKind).index(self)


class AlertSeverity(StrEnum):
    """How loudly the banner says it."""

    STOP = "stop"
    ATTENTION = "attention"
    INFORM = "inform"

    @property
    def label(self) -> str:
        return self.value.capitalize()

    @property
    def kind(self) -> str:
        """The kit's word for the same loudness."""
        return "info" if self is AlertSeverity.INFORM else self.value


@dataclass(frozen=True, slots=True)
class PatientRegistered(Fact):
    patient_id: UUID


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """A number by which somebody knows the patient; ``system`` says whose number it is."""

    system: str
    value: str


@dataclass(frozen=True, slots=True)
class Identity:
    """What a person is told apart by when they register or are looked for."""

    family_name: str
    given_names: str
    birth_date: date
    identifiers: frozenset[Identifier] = frozenset()


@dataclass(frozen=True, slots=True)
class RegistrationTerms:
    """What a birth date can be; older is a slip of the pen."""

    age_max_years: int = 120
    source: str = "Site policy on registration"


@dataclass(frozen=True, slots=True)
class ResemblanceTerms:
    """When two names that differ still count as alike."""

    similar_name_percent: int = 85
    source: str = "Site policy on duplicate records"


@dataclass(frozen=True, slots=True)
class Twin:
    """Somebody already registered who resembles a newcomer, with every reason why."""

    patient_id: UUID
    code: str
    name: PersonName
    birth_date: date
    telephone: str
    resemblance: Decision


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed into the search field, read: folded name parts, possible dates, the rest."""

    text: str
    name_parts: tuple[str, ...]
    birth_dates: frozenset[date]


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name, and the two ways the house prints it."""

    family_name: str
    given_names: str
    preferred_name: str = ""

    @property
    def listed(self) -> str:
        """As lists sort it: ``Núñez, María Luisa “Marilu”``."""
        full = ", ".join(part for part in (self.family_name, self.given_names) if part)
        return f"{full} “{self.preferred_name}”" if self.preferred_name else full

    @property
    def spoken(self) -> str:
        """As people say it: ``María Luisa Núñez``."""
        return f"{self.given_names} {self.family_name}".strip()


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """One patient's own particulars, as last corrected."""

    id: UUID
    code: str
    name: PersonName
    birth_date: date
    sex: Sex
    deceased_on: date | None
    telephone: str
    email: str
    address: str
    postal_code: str
    is_pregnant: bool
    version: int


class _Shown:
    """How the kit names a person, for whatever knows ``name``, ``patient_id`` and ``has_photo``."""

    __slots__ = ()

    name: PersonName
    patient_id: UUID
    has_photo: bool

    @property
    def first_name(self) -> str:
        return self.name.given_names

    @property
    def last_name(self) -> str:
        return self.name.family_name

    @property
    def preferred_name(self) -> str:
        return self.name.preferred_name

    @property
    def href(self) -> str:
        return chart_path(self.patient_id)

    @property
    def photo_url(self) -> str | None:
        return photo_path(self.patient_id) if self.has_photo else None


@dataclass(frozen=True, slots=True)
class Match(_Shown):
    """One line of a search's answer, in the kit's words."""

    patient_id: UUID
    code: str
    name: PersonName
    date_of_birth: date
    sex: Sex
    deceased_on: date | None
    telephone: str
    has_photo: bool

    @property
    def note(self) -> str | None:
        return "Deceased" if self.deceased_on else None


@dataclass(frozen=True, slots=True)
class BannerAlert:
    label: str
    kind: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Banner(_Shown):
    """Who it is and what to mind, as it stands on top of every page of one patient.

    Shape: ``allergies`` is None when nobody has asked yet, empty when there are none known.
    ``level_of_care`` and ``medication`` are unknown at this storey and shown as a dash;
    ``programs.queries.chart_banner`` fills them, None then meaning that there is none.
    """

    patient_id: UUID
    code: str
    name: PersonName
    date_of_birth: date
    age: int
    sex: str
    has_photo: bool
    identifiers: tuple[tuple[str, str], ...]
    allergies: tuple[str, ...] | None
    alerts: tuple[BannerAlert, ...]
    level_of_care: str | None = "—"
    medication: str | None = "—"


@dataclass(frozen=True, slots=True)
class AllergyFacts:
    id: UUID
    substance: str
    reaction: str
    recorded_at: datetime
    recorded_by_name: str


@dataclass(frozen=True, slots=True)
class AlertFacts:
    id: UUID
    severity: AlertSeverity
    text: str
    recorded_at: datetime
    recorded_by_name: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One diagnosis however many times it was recorded."""

    code: str
    text: str
    times: int
    is_active: bool
    is_opioid_use_disorder: bool
    first_onset_on: date | None


@dataclass(frozen=True, slots=True)
class Photo:
    media_type: str
    content: bytes


def chart_path(patient_id: UUID) -> str:
    """The address of a chart; the same in every page, label and message."""
    return f"/patients/{patient_id}"


def photo_path(patient_id: UUID) -> str:
    return f"/patients/{patient_id}/photo"


@dataclass(frozen=True, slots=True)
class CoverageFacts:
    """Who paid first for the days ``[starts_on, ends_on)``; an end of None is still to come."""

    id: UUID
    payer: PayerKind
    plan: str
    member_number: str
    starts_on: date
    ends_on: date | None
    recorded_at: datetime
    recorded_by_name: str
    voided_at: datetime | None
