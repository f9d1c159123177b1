"""People, diagnoses, orders and encounters as another system's records tell them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from clinic.exchange.facts.reading import ReadRefused, ReadWarning


class AdministrativeSex(StrEnum):
    """Source: FHIR R4 value set administrative-gender."""

    MALE = "male"
    FEMALE = "female"
    OTHER = "other"
    UNKNOWN = "unknown"


class MedicationClass(StrEnum):
    """The primary medications for opioid use disorder, and everything else."""

    METHADONE = "methadone"
    BUPRENORPHINE = "buprenorphine"
    BUPRENORPHINE_NALOXONE = "buprenorphine_naloxone"
    NALTREXONE = "naltrexone"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class OutsideTime:
    """A date or instant as precise as its file wrote it, never more.

    ``at`` is aware and UTC, None when the file gives no time of day; ``day`` is the date as
    written, None when the file gives only a year or a month.
    """

    text: str
    at: datetime | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True, order=True)
class OutsideIdentifier:
    """A number somebody else gave: record number, licence, NPI. ``kind`` is its v2-0203 code."""

    system: str
    value: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class OutsideName:
    """A name with its accents. ``text`` is all there is when the parts are not given."""

    family: str = ""
    given: tuple[str, ...] = ()
    use: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class OutsideAddress:
    """``postal_code`` is text: a ZIP code keeps its leading zeros."""

    lines: tuple[str, ...] = ()
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class OutsidePatient:
    """A person of an outside file. ``file`` is named when the house can't take the person in."""

    source_id: str
    identifiers: tuple[OutsideIdentifier, ...] = ()
    names: tuple[OutsideName, ...] = ()
    birth_date: date | None = None
    sex: AdministrativeSex = AdministrativeSex.UNKNOWN
    is_deceased: bool = False
    deceased: OutsideTime | None = None
    address: OutsideAddress | None = None
    phone: str = ""
    file: str = field(default="", compare=False, repr=False)

    @property
    def official_name(self) -> OutsideName | None:
        """The name to register under: the official one, else the usual one, else the first."""
        for use in ("official", "usual"):
            for name in self.names:
                if name.use == use:
                    return name
        return self.names[0] if self.names else None


@dataclass(frozen=True, slots=True)
class OutsideCode:
    """A code with its system, or text alone where the file gives no code."""

    system: str = ""
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class OutsideCondition:
    """A diagnosis or problem. One person may carry many that say the same: count people."""

    source_id: str
    patient_id: str
    code: OutsideCode
    clinical_status: str = ""
    verification_status: str = ""
    onset: OutsideTime | None = None
    is_oud: bool = False
    is_active: bool = False


@dataclass(frozen=True, slots=True)
class OutsideDose:
    """What one administration is to hold, or the reason it cannot be known.

    Units: ``dose_mg`` is milligrams per administration; of buprenorphine with naloxone it is
    the buprenorphine.
    Invariant: exactly one of ``dose_mg`` and ``unknown_because`` is set.
    """

    dose_mg: Decimal | None = None
    unknown_because: str = ""
    doses_per_day: int | None = None
    is_as_needed: bool = False


@dataclass(frozen=True, slots=True)
class OutsideMedicationRequest:
    """An order somebody else wrote. Old orders stay ``active`` for years in real files."""

    source_id: str
    patient_id: str
    medication: MedicationClass
    code: OutsideCode
    status: str
    intent: str
    dose: OutsideDose
    form: str = ""
    authored_on: OutsideTime | None = None
    requester_id: str = ""
    forbids: bool = False
    """FHIR ``doNotPerform``: the order says *not* to give the medication."""

    @property
    def is_active(self) -> bool:
        return self.status == "active" and not self.forbids


@dataclass(frozen=True, slots=True)
class OutsideEncounter:
    """A visit or stay. ``class_code`` is AMB, EMER, IMP, HH ..., kept as written if unknown."""

    source_id: str
    patient_id: str
    class_code: str
    status: str
    starts: OutsideTime | None = None
    ends: OutsideTime | None = None
    text: str = ""
    reason: str = ""
    practitioner_id: str = ""
    organization_id: str = ""
    location_id: str = ""


class PartyKind(StrEnum):
    """Resources that every file repeats and many patients share."""

    PRACTITIONER = "Practitioner"
    ORGANIZATION = "Organization"
    LOCATION = "Location"


@dataclass(frozen=True, slots=True)
class OutsideParty:
    """Who gave care, for whom, or where."""

    kind: PartyKind
    source_id: str
    identifiers: tuple[OutsideIdentifier, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class OutsideRecords:
    """Everything read from one file or several: facts, warnings, and what is not read at all."""

    patients: tuple[OutsidePatient, ...] = ()
    conditions: tuple[OutsideCondition, ...] = ()
    medication_requests: tuple[OutsideMedicationRequest, ...] = ()
    encounters: tuple[OutsideEncounter, ...] = ()
    parties: tuple[OutsideParty, ...] = ()
    left_alone: frozenset[tuple[str, str]] = frozenset()
    """Type and id of every resource of a type that is not read."""
    warnings: tuple[ReadWarning, ...] = ()

    @property
    def unsupported(self) -> Counter[str]:
        """How many different resources of each type were left alone."""
        return Counter(kind for kind, _ in self.left_alone)


@dataclass(frozen=True, slots=True)
class ReadTogether:
    """Several files read together: the readable ones as one, the others with their reasons."""

    records: OutsideRecords
    refusals: tuple[ReadRefused, ...] = ()
    files_read: int = 0


@dataclass(frozen=True, slots=True)
class RecordCounts:
    """What a dry run shows. People are counted, not the rows that speak of them."""

    patients: int
    deceased_patients: int
    patients_with_active_oud: int
    living_patients_with_active_oud: int
    active_oud_conditions: int
    medication_requests: int
    medication_requests_by_class: dict[str, int]
    patients_by_class: dict[str, int]
    encounters: int
    encounters_by_class: dict[str, int]
    unsupported: dict[str, int]
