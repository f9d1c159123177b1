"""FHIR R4 resources to facts, one function a type. The types not named here are only counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from clinic.exchange.facts.reading import ReadWarning
from clinic.exchange.facts.records import (
    AdministrativeSex,
    MedicationClass,
    OutsideCode,
    OutsideCondition,
    OutsideEncounter,
    OutsideMedicationRequest,
    OutsideParty,
    OutsidePatient,
    OutsideRecords,
    PartyKind,
)
from clinic.exchange.readers.codes import (
    ACTIVE_CLINICAL_STATUSES,
    CLINICAL_STATUSES,
    ENCOUNTER_STATUSES,
    MEDICATION_REQUEST_STATUSES,
    VERIFICATION_STATUSES,
    VOID_VERIFICATION_STATUSES,
    Product,
    means_oud,
    product_of,
)
from clinic.exchange.readers.cursor import Node
from clinic.exchange.readers.fhir_values import (
    address_of,
    codes_of,
    date_of,
    dose_of,
    identifiers_of,
    names_of,
    phone_of,
    time_of,
)
from clinic.exchange.readers.references import Held, Index

READ_TYPES = frozenset({"Patient", "Condition", "MedicationRequest", "Encounter", *PartyKind})
INDEXED_TYPES = READ_TYPES | {"Medication"}

_ANIMAL = "http://hl7.org/fhir/StructureDefinition/patient-animal"
_SEXES = {sex.value: sex for sex in AdministrativeSex}
_MOUD_WORDS = ("methadone", "buprenorphine", "naltrexone")


@dataclass
class _Reading:
    """Facts as they come out of one file."""

    index: Index
    patients: list[OutsidePatient] = field(default_factory=list)
    conditions: list[OutsideCondition] = field(default_factory=list)
    medication_requests: list[OutsideMedicationRequest] = field(default_factory=list)
    encounters: list[OutsideEncounter] = field(default_factory=list)
    parties: list[OutsideParty] = field(default_factory=list)
    warnings: list[ReadWarning] = field(default_factory=list)

    def warn(self, node: Node, code: str, message: str, *, key: str = "") -> None:
        self.warnings.append(ReadWarning(node.file, node.place_of(key), code, message))


def read_resources(
    held: Iterable[Held], *, index: Index, left_alone: Iterable[tuple[str, str]] = ()
) -> OutsideRecords:
    """Facts of all resources the house reads.

    Raises: ReadRefused at the first resource that is broken; then there are no facts at all.
    """
    reading = _Reading(index)
    for resource in held:
        if resource.kind not in READ_TYPES:
            continue
        _require_understood(resource.node)
        index.require_whole(resource.node)
        _READERS[resource.kind](reading, resource)
    return OutsideRecords(
        patients=tuple(reading.patients),
        conditions=tuple(reading.conditions),
        medication_requests=tuple(reading.medication_requests),
        encounters=tuple(reading.encounters),
        parties=tuple(reading.parties),
        left_alone=frozenset(left_alone),
        warnings=tuple(reading.warnings),
    )


def _require_understood(node: Node) -> None:
    """FHIR forbids reading on when a modifier is not understood: it may turn the meaning round."""
    for key in ("modifierExtension", "implicitRules"):
        if node.has(key):
            raise node.refusal("changes the meaning in a way that is not understood", key=key)


def _read_patient(reading: _Reading, resource: Held) -> None:
    node = resource.node
    if any(extension.text("url") == _ANIMAL for extension in node.children("extension")):
        raise node.refusal("describes an animal", key="extension")
    sex = node.text("gender")
    if sex and sex not in _SEXES:
        raise node.refusal(f"{sex!r} is not one of {', '.join(_SEXES)}", key="gender")
    if node.has("deceasedBoolean") and node.has("deceasedDateTime"):
        raise node.refusal("has both deceasedBoolean and deceasedDateTime")
    birth, deceased = date_of(node, "birthDate"), time_of(node, "deceasedDateTime")
    patient = OutsidePatient(
        source_id=resource.source_id,
        identifiers=identifiers_of(node),
        names=names_of(node),
        birth_date=birth.day if birth else None,
        sex=_SEXES.get(sex, AdministrativeSex.UNKNOWN),
        is_deceased=deceased is not None or node.flag("deceasedBoolean") is True,
        deceased=deceased,
        address=address_of(node),
        phone=phone_of(node),
        file=node.file,
    )
    _warn_about_patient(reading, node, patient)
    reading.patients.append(patient)


def _warn_about_patient(reading: _Reading, node: Node, patient: OutsidePatient) -> None:
    if patient.birth_date is None:
        written = node.text("birthDate")
        message = f"only {written!r} is known of the birth date" if written else "no birth date"
        reading.warn(node, "birth_date_unknown", message, key="birthDate")
    if not patient.names:
        reading.warn(node, "name_unknown", "no name", key="name")
    if patient.sex is AdministrativeSex.UNKNOWN:
        reading.warn(node, "sex_unknown", "no administrative sex", key="gender")
    died = patient.deceased.day if patient.deceased else None
    if died and patient.birth_date and died < patient.birth_date:
        message = "the date of death is before the date of birth"
        reading.warn(node, "died_before_birth", message, key="deceasedDateTime")


def _read_condition(reading: _Reading, resource: Held) -> None:
    node = resource.node
    codes = codes_of(node.child("code"))
    opioid = [code for code in codes if means_oud(code.system, code.code)]
    clinical = _status(node, "clinicalStatus", CLINICAL_STATUSES)
    verification = _status(node, "verificationStatus", VERIFICATION_STATUSES)
    reading.conditions.append(
        OutsideCondition(
            source_id=resource.source_id,
            patient_id=_patient_id(reading, node),
            code=(opioid or codes)[0],
            clinical_status=clinical,
            verification_status=verification,
            onset=time_of(node, "onsetDateTime"),
            is_oud=bool(opioid),
            is_active=clinical in ACTIVE_CLINICAL_STATUSES
            and verification not in VOID_VERIFICATION_STATUSES,
        )
    )


def _status(node: Node, key: str, allowed: frozenset[str]) -> str:
    code = codes_of(node.child(key))[0].code
    if code and code not in allowed:
        raise node.refusal(f"{code!r} is not one of {', '.join(sorted(allowed))}", key=key)
    return code


def _required_status(node: Node, allowed: frozenset[str]) -> str:
    status = node.text("status")
    if status not in allowed:
        reason = (
            f"{status!r} is not one of {', '.join(sorted(allowed))}" if status else "is missing"
        )
        raise node.refusal(reason, key="status")
    return status


def _read_medication_request(reading: _Reading, resource: Held) -> None:
    node = resource.node
    codes = _medication_codes(reading, node)
    code, product = _known_product(codes)
    if product is None and any(word in code.text.lower() for word in _MOUD_WORDS):
        message = f"{code.text!r} has a code the house does not know and stays unclassified"
        reading.warn(node, "medication_code_unknown", message)
    reading.medication_requests.append(
        OutsideMedicationRequest(
            source_id=resource.source_id,
            patient_id=_patient_id(reading, node),
            medication=product.medication if product else MedicationClass.OTHER,
            code=code,
            status=_required_status(node, MEDICATION_REQUEST_STATUSES),
            intent=node.text("intent"),
            dose=dose_of(node, product=product),
            form=product.form if product else "",
            authored_on=time_of(node, "authoredOn"),
            requester_id=_party_id(reading, node.child("requester"), PartyKind.PRACTITIONER),
            forbids=node.flag("doNotPerform") is True,
        )
    )


def _known_product(codes: tuple[OutsideCode, ...]) -> tuple[OutsideCode, Product | None]:
    for code in codes:
        if product := product_of(code.system, code.code):
            return code, product
    return codes[0], None


def _medication_codes(reading: _Reading, node: Node) -> tuple[OutsideCode, ...]:
    """Codes of the drug: written in the order, in a resource inside it, or in one beside it."""
    if node.has("medicationCodeableConcept"):
        return codes_of(node.child("medicationCodeableConcept"))
    reference = node.child("medicationReference")
    if reference is None:
        raise node.refusal("names no medication")
    written = reference.text("reference")
    for contained in node.children("contained"):
        if written == f"#{contained.text('id')}":
            return codes_of(contained.child("code"))
    medication = reading.index.find(reference)
    if medication is not None:
        return codes_of(medication.node.child("code"))
    return (OutsideCode(text=reference.text("display") or written),)


def _read_encounter(reading: _Reading, resource: Held) -> None:
    node = resource.node
    encounter_class, period = node.child("class"), node.child("period")
    class_code = encounter_class.text("code") if encounter_class else ""
    if not class_code:
        raise node.refusal("is missing", key="class")
    starts = time_of(period, "start") if period else None
    ends = time_of(period, "end") if period else None
    if period and starts and ends and starts.at and ends.at and ends.at < starts.at:
        raise period.refusal("ends before it starts")
    types, reasons = node.children("type"), node.children("reasonCode")
    reading.encounters.append(
        OutsideEncounter(
            source_id=resource.source_id,
            patient_id=_patient_id(reading, node),
            class_code=class_code,
            status=_required_status(node, ENCOUNTER_STATUSES),
            starts=starts,
            ends=ends,
            text=codes_of(types[0] if types else None)[0].text,
            reason=codes_of(reasons[0] if reasons else None)[0].text,
            practitioner_id=_first_party_id(
                reading, node, "participant", "individual", PartyKind.PRACTITIONER
            ),
            organization_id=_party_id(
                reading, node.child("serviceProvider"), PartyKind.ORGANIZATION
            ),
            location_id=_first_party_id(reading, node, "location", "location", PartyKind.LOCATION),
        )
    )


def _first_party_id(
    reading: _Reading, node: Node, key: str, inner_key: str, kind: PartyKind
) -> str:
    ids = (_party_id(reading, each.child(inner_key), kind) for each in node.children(key))
    return next((found for found in ids if found), "")


def _party_id(reading: _Reading, reference: Node | None, kind: PartyKind) -> str:
    found = reading.index.find(reference)
    return found.source_id if found and found.kind == kind else ""


def _patient_id(reading: _Reading, node: Node) -> str:
    reference = node.child("subject")
    if reference is None:
        raise node.refusal("names no patient", key="subject")
    found = reading.index.find(reference)
    if found is None or found.kind != "Patient":
        named = reference.text("reference") or reference.text("display") or "nobody"
        raise node.refusal(f"names {named}, which is no patient of this file", key="subject")
    return found.source_id


def _read_party(reading: _Reading, resource: Held) -> None:
    kind = PartyKind(resource.kind)
    node = resource.node
    if kind is PartyKind.PRACTITIONER:
        names = names_of(node)
        name = names[0].text or " ".join((*names[0].given, names[0].family)) if names else ""
    else:
        name = node.text("name")
    reading.parties.append(
        OutsideParty(
            kind=kind,
            source_id=resource.source_id,
            identifiers=identifiers_of(node),
            name=name.strip(),
        )
    )


_READERS: dict[str, Callable[[_Reading, Held], None]] = {
    "Patient": _read_patient,
    "Condition": _read_condition,
    "MedicationRequest": _read_medication_request,
    "Encounter": _read_encounter,
    **dict.fromkeys(PartyKind, _read_party),
}
