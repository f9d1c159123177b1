"""FHIR files: what a bundle says becomes facts, and a broken one gives nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.exchange.facts.reading import ReadLimits, ReadRefused
from clinic.exchange.facts.records import (
    AdministrativeSex,
    MedicationClass,
    OutsideIdentifier,
    OutsideMedicationRequest,
    OutsideRecords,
)
from clinic.exchange.readers import fhir

Resource = dict[str, Any]

BUNDLE = rb"""
{"resourceType": "Bundle", "type": "transaction", "entry": [
 {"fullUrl": "urn:uuid:p-1", "request": {"method": "POST", "url": "Patient"},
  "resource": {"resourceType": "Patient", "id": "p-1",
   "identifier": [
    {"system": "http://clinic.example/mrn", "value": "0042",
     "type": {"coding": [{"code": "MR"}]}},
    {"system": "http://clinic.example/empty"}],
   "name": [{"use": "maiden", "family": "Ruiz", "given": ["Mar\u00eda Luisa"]},
            {"use": "official", "family": "N\u00fa\u00f1ez", "given": ["Mar\u00eda Luisa", null]}],
   "telecom": [{"system": "phone", "use": "old", "value": "555-0100"},
               {"system": "email", "value": "m@example.org"},
               {"system": "phone", "value": "555-0101"}],
   "gender": "female", "birthDate": "1980-02-29",
   "address": [{"line": ["1 Elm Street"], "city": "Wilmington", "state": "MA",
                "postalCode": "01887", "country": "US"}]}},
 {"fullUrl": "urn:uuid:d-1", "resource": {"resourceType": "Practitioner", "id": "d-1",
   "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "9999345272"}],
   "name": [{"family": "Jones", "given": ["Ada"]}]}},
 {"fullUrl": "urn:uuid:c-1", "resource": {"resourceType": "Condition", "id": "c-1",
   "clinicalStatus": {"coding": [{"code": "active"}]},
   "verificationStatus": {"coding": [{"code": "confirmed"}]},
   "code": {"coding": [{"system": "http://snomed.info/sct", "code": "5602001",
                        "display": "Opioid abuse (disorder)"}]},
   "subject": {"reference": "urn:uuid:p-1"}, "onsetDateTime": "2019-03"}},
 {"fullUrl": "urn:uuid:m-1", "resource": {"resourceType": "MedicationRequest", "id": "m-1",
   "status": "active", "intent": "order",
   "medicationCodeableConcept": {"coding": [
    {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "864706",
     "display": "methadone hydrochloride 10 MG Oral Tablet"}]},
   "subject": {"reference": "Patient/p-1"}, "authoredOn": "2024-05-01T09:30:00-04:00",
   "requester": {"reference":
     "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|9999345272"}}},
 {"fullUrl": "urn:uuid:e-1", "resource": {"resourceType": "Encounter", "id": "e-1",
   "status": "finished", "class": {"code": "AMB"},
   "type": [{"text": "Follow-up"}], "reasonCode": [{"text": "Craving"}],
   "subject": {"reference": "urn:uuid:p-1"},
   "participant": [{"individual": {"reference": "urn:uuid:d-1"}}],
   "period": {"start": "2024-05-01T09:00:00-04:00", "end": "2024-05-01T09:20:00-04:00"}}},
 {"fullUrl": "urn:uuid:o-1", "resource": {"resourceType": "Observation", "id": "o-1"}},
 {"fullUrl": "urn:uuid:o-2", "resource": {"resourceType": "Observation", "id": "o-2"}},
 {"request": {"method": "DELETE", "url": "Patient/234"}}
]}
"""
PATIENT, PRACTITIONER, CONDITION, REQUEST, ENCOUNTER = range(5)


def read(bundle: bytes | Resource) -> OutsideRecords:
    source = bundle if isinstance(bundle, bytes) else json.dumps(bundle).encode()
    return fhir.read(source, file="b.json")


def bundle_with(change: Callable[[list[Resource]], object]) -> Resource:
    """The bundle above after a change to its list of entries."""
    bundle: Resource = json.loads(BUNDLE)
    change(bundle["entry"])
    return bundle


def bundle_where(entry: int, **fields: object) -> Resource:
    """The bundle above with fields of one resource set; None takes the field away."""

    def change(entries: list[Resource]) -> None:
        resource = entries[entry]["resource"]
        resource.update(fields)
        for key in [key for key, value in resource.items() if value is None]:
            del resource[key]

    return bundle_with(change)


def test_a_patient_keeps_accents_zip_and_the_right_name() -> None:
    (patient,) = read(BUNDLE).patients
    assert patient.source_id == "p-1"
    assert patient.identifiers == (OutsideIdentifier("http://clinic.example/mrn", "0042", "MR"),)
    assert patient.official_name is not None
    assert patient.official_name.family == "Núñez"
    assert patient.official_name.given == ("María Luisa",)
    assert patient.birth_date == date(1980, 2, 29)
    assert patient.sex is AdministrativeSex.FEMALE
    assert patient.phone == "555-0101"
    assert patient.address is not None
    assert patient.address.postal_code == "01887"
    assert not patient.is_deceased


def test_a_condition_knows_that_it_is_active_opioid_use_disorder() -> None:
    (condition,) = read(BUNDLE).conditions
    assert (condition.is_oud, condition.is_active) == (True, True)
    assert condition.code.text == "Opioid abuse (disorder)"
    assert condition.onset is not None
    assert (condition.onset.text, condition.onset.day, condition.onset.at) == (
        "2019-03",
        None,
        None,
    )


def test_an_order_of_ten_mg_tablets_without_dosage_has_no_dose() -> None:
    (request,) = read(BUNDLE).medication_requests
    assert request.medication is MedicationClass.METHADONE
    assert request.dose.dose_mg is None
    assert request.dose.unknown_because == "the order has no dosage instruction"
    assert request.authored_on is not None
    assert request.authored_on.at == datetime(2024, 5, 1, 13, 30, tzinfo=UTC)
    assert request.requester_id == "d-1"


def test_an_encounter_has_class_instants_and_who_gave_it() -> None:
    (encounter,) = read(BUNDLE).encounters
    assert (encounter.class_code, encounter.status) == ("AMB", "finished")
    assert encounter.starts is not None
    assert encounter.starts.at == datetime(2024, 5, 1, 13, 0, tzinfo=UTC)
    assert (encounter.text, encounter.reason) == ("Follow-up", "Craving")
    assert encounter.practitioner_id == "d-1"


def test_what_is_not_read_is_counted() -> None:
    assert read(BUNDLE).unsupported == {"Observation": 2, "DELETE request": 1}


@pytest.mark.parametrize("kind", ["transaction", "batch", "collection", "searchset"])
def test_bundles_that_hold_records_are_read(kind: str) -> None:
    assert len(read(json.loads(BUNDLE) | {"type": kind}).patients) == 1


@pytest.mark.parametrize(
    ("bundle", "place", "reason"),
    [
        (b"[]", "", "is not a FHIR resource but a bare value or list"),
        (b"{}", "/resourceType", "is missing, so this is no FHIR resource"),
        (b'{"resourceType": 7}', "/resourceType", "is not text"),
        (
            b'{"resourceType": "Questionnaire", "id": "q"}',
            "/resourceType",
            "is a Questionnaire, which is not read",
        ),
        (
            b'{"resourceType": "Bundle", "type": "history"}',
            "/type",
            (
                "a bundle of type 'history' is not read; "
                "one of batch, collection, searchset, transaction is"
            ),
        ),
        (
            b'{"resourceType": "Bundle", "type": "batch", "entry": {}}',
            "/entry",
            "is not a list",
        ),
        (
            b'{"resourceType": "Bundle", "type": "batch", "entry": [{}]}',
            "/entry/0/resource",
            "is missing",
        ),
        (b'{"resourceType": "Patient"}', "/id", "is missing"),
        (
            bundle_where(PATIENT, birthDate="2025-02-30"),
            "/entry/0/resource/birthDate",
            "'2025-02-30' is an impossible date",
        ),
        (
            bundle_where(PATIENT, birthDate="30/02/1980"),
            "/entry/0/resource/birthDate",
            "'30/02/1980' is not a FHIR date",
        ),
        (
            bundle_where(PATIENT, gender="woman"),
            "/entry/0/resource/gender",
            "'woman' is not one of male, female, other, unknown",
        ),
        (
            bundle_where(PATIENT, name=[{"family": "\ud800"}]),
            "/entry/0/resource/name/0/family",
            "holds a character that cannot be stored",
        ),
        (
            bundle_where(PATIENT, name="Núñez"),
            "/entry/0/resource/name",
            "is not a list",
        ),
        (
            bundle_where(PATIENT, modifierExtension=[{"url": "http://x.example/not"}]),
            "/entry/0/resource/modifierExtension",
            "changes the meaning in a way that is not understood",
        ),
        (
            bundle_where(PATIENT, deceasedBoolean=True, deceasedDateTime="2020"),
            "/entry/0/resource",
            "has both deceasedBoolean and deceasedDateTime",
        ),
        (
            bundle_where(CONDITION, clinicalStatus={"coding": [{"code": "actve"}]}),
            "/entry/2/resource/clinicalStatus",
            "'actve' is not one of active, inactive, recurrence, relapse, remission, resolved",
        ),
        (
            bundle_where(CONDITION, subject={"reference": "Patient/elsewhere"}),
            "/entry/2/resource/subject",
            "names Patient/elsewhere, which is no patient of this file",
        ),
        (
            bundle_where(CONDITION, subject={"reference": "urn:uuid:d-1"}),
            "/entry/2/resource/subject",
            "names urn:uuid:d-1, which is no patient of this file",
        ),
        (
            bundle_where(CONDITION, subject=None),
            "/entry/2/resource/subject",
            "names no patient",
        ),
        (
            bundle_where(CONDITION, encounter={"reference": "urn:uuid:gone"}),
            "/entry/2/resource/encounter/reference",
            "refers to urn:uuid:gone, which is not in this file",
        ),
        (
            bundle_where(REQUEST, authoredOn="2024-05-01T09:30:00"),
            "/entry/3/resource/authoredOn",
            "'2024-05-01T09:30:00' has a time but no time zone",
        ),
        (
            bundle_where(REQUEST, authoredOn="2024-13-01T09:30:00Z"),
            "/entry/3/resource/authoredOn",
            "'2024-13-01T09:30:00Z' is an impossible date or time",
        ),
        (
            bundle_where(REQUEST, status=None),
            "/entry/3/resource/status",
            "is missing",
        ),
        (
            bundle_where(REQUEST, medicationCodeableConcept=None),
            "/entry/3/resource",
            "names no medication",
        ),
        (
            bundle_where(ENCOUNTER, **{"class": None}),
            "/entry/4/resource/class",
            "is missing",
        ),
        (
            bundle_where(
                ENCOUNTER,
                period={"start": "2024-05-01T09:00:00-04:00", "end": "2024-05-01T12:59:59Z"},
            ),
            "/entry/4/resource/period",
            "ends before it starts",
        ),
        (
            bundle_with(
                lambda entries: entries.append(
                    {"resource": {"resourceType": "Patient", "id": "p-1", "gender": "male"}}
                )
            ),
            "/entry/8/resource",
            "Patient/p-1 is here twice with different contents",
        ),
    ],
)
def test_a_broken_file_gives_place_and_reason_and_nothing_else(
    bundle: bytes | Resource, place: str, reason: str
) -> None:
    with pytest.raises(ReadRefused) as refused:
        read(bundle)
    assert refused.value.to_json() == {"file": "b.json", "place": place, "reason": reason}


@pytest.mark.parametrize("length", range(1, len(BUNDLE.rstrip()) - 1, 101))
def test_a_bundle_cut_off_anywhere_is_refused(length: int) -> None:
    with pytest.raises(ReadRefused):
        read(BUNDLE[:length])


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_never_an_error(source: bytes) -> None:
    with pytest.raises(ReadRefused):
        read(source)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("2025-02-30"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)
KEYS = sorted(
    {(entry, key) for entry in range(5) for key in json.loads(BUNDLE)["entry"][entry]["resource"]}
    | {(PATIENT, "deceasedDateTime"), (PATIENT, "deceasedBoolean"), (PATIENT, "extension")}
    | {(REQUEST, "dosageInstruction"), (REQUEST, "contained"), (ENCOUNTER, "location")}
)


@given(st.sampled_from(KEYS), JSON_VALUES)
def test_any_value_in_any_field_is_read_or_refused_never_an_error(
    place: tuple[int, str], value: object
) -> None:
    entry, key = place

    def change(entries: list[Resource]) -> None:
        entries[entry]["resource"][key] = value

    try:
        records = read(bundle_with(change))
    except ReadRefused as refused:
        assert refused.file == "b.json"  # noqa: PT017 - either outcome is right
    else:
        assert len(records.patients) <= 1


def test_a_resource_without_id_takes_its_address_in_the_bundle() -> None:
    (patient,) = read(bundle_where(PATIENT, id=None)).patients[:1] or [None]
    assert patient is not None
    assert patient.source_id == "p-1"


def test_the_same_resource_twice_is_one() -> None:
    records = read(bundle_with(lambda entries: entries.append(entries[PATIENT])))
    assert len(records.patients) == 1


def test_two_patients_in_a_bundle_each_keep_their_own() -> None:
    def add_another(entries: list[Resource]) -> None:
        entries.append(
            {"resource": {"resourceType": "Patient", "id": "p-2", "birthDate": "1990-01-01"}}
        )
        entries[CONDITION]["resource"]["subject"] = {"reference": "Patient/p-2"}

    records = read(bundle_with(add_another))
    assert [patient.source_id for patient in records.patients] == ["p-1", "p-2"]
    assert records.conditions[0].patient_id == "p-2"
    assert records.encounters[0].patient_id == "p-1"


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"birthDate": None}, ["birth_date_unknown"]),
        ({"birthDate": "1980-02"}, ["birth_date_unknown"]),
        ({"name": None}, ["name_unknown"]),
        ({"gender": None}, ["sex_unknown"]),
        ({"deceasedDateTime": "1979-12-31"}, ["died_before_birth"]),
        ({"deceasedDateTime": "2020-01-01"}, []),
    ],
)
def test_odd_but_readable_patients_are_kept_with_a_warning(
    fields: dict[str, object], codes: list[str]
) -> None:
    records = read(bundle_where(PATIENT, **fields))
    assert len(records.patients) == 1
    assert [warning.code for warning in records.warnings] == codes


@pytest.mark.parametrize(
    "fields", [{"deceasedBoolean": True}, {"deceasedDateTime": "2020-05-01T00:00:00Z"}]
)
def test_a_deceased_patient_is_read_as_deceased(fields: dict[str, object]) -> None:
    assert read(bundle_where(PATIENT, **fields)).patients[0].is_deceased


@pytest.mark.parametrize(
    ("clinical", "verification", "is_active"),
    [
        ("active", "confirmed", True),
        ("recurrence", "provisional", True),
        ("relapse", "unconfirmed", True),
        ("remission", "confirmed", False),
        ("resolved", "confirmed", False),
        ("inactive", "confirmed", False),
        ("active", "refuted", False),
        ("active", "entered-in-error", False),
    ],
)
def test_an_active_condition(clinical: str, verification: str, is_active: bool) -> None:
    bundle = bundle_where(
        CONDITION,
        clinicalStatus={"coding": [{"code": clinical}]},
        verificationStatus={"coding": [{"code": verification}]},
    )
    assert read(bundle).conditions[0].is_active is is_active


def order(code: str, quantity: object = None, **instruction: object) -> OutsideMedicationRequest:
    """An order for one RxNorm product with one instruction."""
    if quantity is not None:
        instruction["doseAndRate"] = [{"doseQuantity": quantity}]
    rxnorm = "http://www.nlm.nih.gov/research/umls/rxnorm"
    bundle = bundle_where(
        REQUEST,
        medicationCodeableConcept={"coding": [{"system": rxnorm, "code": code}]},
        dosageInstruction=[instruction],
    )
    return read(bundle).medication_requests[0]


@pytest.mark.parametrize(
    ("code", "quantity", "dose_mg"),
    [
        ("864706", {"value": 4, "unit": "tablets"}, "40"),  # 4 x 10 mg
        ("864718", {"value": 0.5}, "2.5"),  # half a 5 mg tablet
        ("991147", {"value": 4.75, "unit": "mL"}, "47.5"),  # 10 mg/mL concentrate
        ("991147", {"value": 85, "code": "mg", "unit": "milligram"}, "85"),
        ("351267", {"value": 2}, "16"),
        ("1010604", {"value": 1, "unit": "film"}, "8"),
        ("6813", {"value": 60, "unit": "mg"}, "60"),
    ],
)
def test_a_dose_is_computed_from_strength_and_quantity(
    code: str, quantity: object, dose_mg: str
) -> None:
    dose = order(code, quantity).dose
    assert (dose.dose_mg, dose.unknown_because) == (Decimal(dose_mg), "")


@pytest.mark.parametrize(
    ("code", "quantity", "reason"),
    [
        ("991147", {"value": 4}, "the quantity of a liquid has no unit"),
        (
            "864706",
            {"value": 4, "unit": "mL"},
            "the quantity is in 'ml' but the product is counted in tablet",
        ),
        ("6813", {"value": 4, "unit": "tablet"}, "the strength of the product is not known"),
        ("308460", {"value": 1}, "the strength of the product is not known"),
        ("864706", {"value": 0}, "the order gives no usable quantity"),
        ("864706", {"value": -1}, "the order gives no usable quantity"),
        ("864706", {"value": 10001}, "the order gives no usable quantity"),
        ("864706", {"unit": "tablet"}, "the order gives no usable quantity"),
        ("864706", {"value": 4, "comparator": "<"}, "the order gives a limit, not a dose"),
        ("864706", {"value": 0.00001, "unit": "mg"}, "the dose is finer than a microgram"),
        ("864706", None, "the order gives no dose"),
    ],
)
def test_a_dose_that_would_be_a_guess_is_not_computed(
    code: str, quantity: object, reason: str
) -> None:
    dose = order(code, quantity).dose
    assert (dose.dose_mg, dose.unknown_because) == (None, reason)


@pytest.mark.parametrize(
    ("instruction", "per_day", "as_needed"),
    [
        ({"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}, 1, False),
        ({"timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}}, 2, False),
        ({"timing": {"repeat": {"frequency": 1, "period": 2, "periodUnit": "d"}}}, None, False),
        ({"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk"}}}, None, False),
        ({"asNeededBoolean": True}, None, True),
        ({}, None, False),
    ],
)
def test_doses_per_day(
    instruction: dict[str, object], per_day: int | None, as_needed: bool
) -> None:
    dose = order("351266", {"value": 1}, **instruction).dose
    assert (dose.doses_per_day, dose.is_as_needed) == (per_day, as_needed)


def test_an_order_not_to_give_is_not_active() -> None:
    (request,) = read(bundle_where(REQUEST, doNotPerform=True)).medication_requests
    assert request.forbids
    assert not request.is_active


def test_an_unknown_drug_is_kept_by_name() -> None:
    bundle = bundle_where(REQUEST, medicationCodeableConcept={"text": "Kratom tea"})
    (request,) = read(bundle).medication_requests
    assert (request.medication, request.code.text) == (MedicationClass.OTHER, "Kratom tea")


def test_methadone_under_an_unknown_code_stays_unclassified_and_says_so() -> None:
    concept = {"coding": [{"system": "http://local.example", "code": "M1"}], "text": "Methadone"}
    records = read(bundle_where(REQUEST, medicationCodeableConcept=concept))
    assert records.medication_requests[0].medication is MedicationClass.OTHER
    assert [warning.code for warning in records.warnings] == ["medication_code_unknown"]


def test_a_drug_may_stand_in_a_resource_of_its_own() -> None:
    code = {
        "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "1483744"}]
    }

    def inside(entries: list[Resource]) -> None:
        resource = entries[REQUEST]["resource"]
        del resource["medicationCodeableConcept"]
        resource["contained"] = [{"resourceType": "Medication", "id": "x", "code": code}]
        resource["medicationReference"] = {"reference": "#x"}

    def beside(entries: list[Resource]) -> None:
        resource = entries[REQUEST]["resource"]
        del resource["medicationCodeableConcept"]
        entries.append({"resource": {"resourceType": "Medication", "id": "x", "code": code}})
        resource["medicationReference"] = {"reference": "Medication/x"}

    for change in (inside, beside):
        (request,) = read(bundle_with(change)).medication_requests
        assert request.medication is MedicationClass.NALTREXONE


def test_an_unknown_encounter_class_is_kept_as_written() -> None:
    bundle = bundle_where(ENCOUNTER, **{"class": {"code": "TENT"}})
    assert read(bundle).encounters[0].class_code == "TENT"


def test_limits_come_from_the_caller() -> None:
    with pytest.raises(ReadRefused) as refused:
        fhir.read(BUNDLE, file="b.json", limits=ReadLimits(bytes_per_file=1000))
    assert refused.value.reason == "is larger than 1,000 bytes"
    with pytest.raises(ReadRefused) as refused:
        fhir.read(BUNDLE, file="b.json", limits=ReadLimits(depth=6))
    assert refused.value.reason == "is nested more than 6 levels deep"
    with pytest.raises(ReadRefused) as refused:
        fhir.read(BUNDLE, file="b.json", limits=ReadLimits(characters_per_text=20))
    assert refused.value.reason == "is longer than 20 characters"


def test_hl7_examples_are_read_or_refused_with_a_reason(shared_data: Path) -> None:
    patients, refusals = 0, {}
    files = sorted((shared_data / "fhir" / "examples-r4").glob("*.json"))
    for file in files:
        try:
            patients += len(fhir.read_file(file).patients)
        except ReadRefused as refused:
            refusals[file.name] = refused
    assert len(files) == 141
    assert all(refused.reason and refused.file == name for name, refused in refusals.items())
    assert patients == 21 + 5  # every Patient example but the dog, and a bundle of five
    assert refusals["Patient-animal.json"].reason == "describes an animal"
    assert sum(name.startswith("Encounter-") for name in refusals) == 10
