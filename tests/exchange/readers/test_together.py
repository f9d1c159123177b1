"""Many sources as one: repeats are matched, the order of files is nothing."""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from clinic.exchange.facts.records import (
    OutsideEncounter,
    OutsideIdentifier,
    OutsideName,
    OutsideParty,
    OutsidePatient,
    OutsideRecords,
    PartyKind,
    RecordCounts,
)
from clinic.exchange.readers.together import combined, read_paths
from clinic.exchange.rules import count_records, review_outside_orders

MRN = OutsideIdentifier("http://clinic.example/mrn", "0042")
LICENCE = OutsideIdentifier("http://state.example/licence", "S1")
BORN = date(1980, 2, 29)


def patient(source_id: str, *identifiers: OutsideIdentifier, born: date = BORN) -> OutsidePatient:
    return OutsidePatient(source_id, identifiers=identifiers, birth_date=born)


def of(*patients: OutsidePatient) -> OutsideRecords:
    visits = tuple(
        OutsideEncounter(f"visit of {each.source_id}", each.source_id, "AMB", "finished")
        for each in patients
    )
    return OutsideRecords(patients=patients, encounters=visits)


def people_of(records: OutsideRecords) -> list[str]:
    return [each.source_id for each in records.patients]


def test_the_same_file_twice_is_that_file_once() -> None:
    once = of(patient("a", MRN))
    assert combined([once, once]) == combined([once])


def test_one_identifier_and_birth_date_is_one_person_with_the_facts_of_both() -> None:
    records = combined([of(patient("b", MRN, LICENCE)), of(patient("a", MRN))])
    assert people_of(records) == ["a"]
    assert records.patients[0].identifiers == (MRN, LICENCE)
    assert [each.patient_id for each in records.encounters] == ["a", "a"]


def test_a_person_may_be_recognised_through_a_third_record() -> None:
    records = combined(
        [of(patient("a", MRN)), of(patient("b", LICENCE)), of(patient("c", MRN, LICENCE))]
    )
    assert people_of(records) == ["a"]


@pytest.mark.parametrize(
    "other",
    [
        patient("b", MRN, born=date(1980, 2, 28)),
        patient("b", LICENCE),
        OutsidePatient("b", identifiers=(MRN,)),
    ],
)
def test_without_both_they_stay_two(other: OutsidePatient) -> None:
    assert people_of(combined([of(patient("a", MRN)), of(other)])) == ["a", "b"]


def test_a_practitioner_is_not_a_patient_of_the_same_id() -> None:
    doctor = OutsideRecords(parties=(OutsideParty(PartyKind.PRACTITIONER, "a", (MRN,), "Ada"),))
    records = combined([of(patient("a", MRN), patient("b", LICENCE)), doctor])
    assert people_of(records) == ["a", "b"]
    assert len(records.parties) == 1


def test_parties_match_by_id_and_then_by_identifier() -> None:
    npi = OutsideIdentifier("http://hl7.org/fhir/sid/us-npi", "9999345272")
    two_of_one = OutsideRecords(
        patients=(patient("p"),),
        parties=(
            OutsideParty(PartyKind.PRACTITIONER, "d-1", (npi,), "Ada Jones"),
            OutsideParty(PartyKind.PRACTITIONER, "d-2", (npi,), "A. Jones"),
            OutsideParty(PartyKind.ORGANIZATION, "d-2", (npi,), "Jones Clinic"),
        ),
        encounters=(OutsideEncounter("e", "p", "AMB", "finished", practitioner_id="d-2"),),
    )
    records = combined([two_of_one, two_of_one])
    assert [(party.kind.value, party.source_id) for party in records.parties] == [
        ("Organization", "d-2"),
        ("Practitioner", "d-1"),
    ]
    assert records.encounters[0].practitioner_id == "d-1"


def test_versions_that_differ_are_told_and_the_choice_does_not_hang_on_order() -> None:
    one = OutsideRecords(patients=(OutsidePatient("a", names=(OutsideName("Ruiz"),)),))
    other = OutsideRecords(patients=(OutsidePatient("a", names=(OutsideName("Núñez"),)),))
    forward, backward = combined([one, other]), combined([other, one])
    assert forward == backward
    assert [warning.code for warning in forward.warnings] == ["versions_differ"]


def test_a_refused_file_leaves_the_others_readable(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_bytes(b'{"resourceType": "Patient", "id": "a"}')
    (tmp_path / "bad.json").write_bytes(b'{"resourceType": "Patient", "id": ')
    together = read_paths([tmp_path])
    assert people_of(together.records) == ["a"]
    assert together.files_read == 1
    assert [refused.file for refused in together.refusals] == ["bad.json"]


def test_a_folder_is_searched_to_the_bottom_and_read_once(tmp_path: Path) -> None:
    (tmp_path / "deep" / "bulk").mkdir(parents=True)
    (tmp_path / "deep" / "a.json").write_bytes(b'{"resourceType": "Patient", "id": "a"}')
    (tmp_path / "deep" / "bulk" / "P.ndjson").write_bytes(b'{"resourceType": "Patient", "id": "b"}')
    together = read_paths([tmp_path, tmp_path / "deep" / "a.json"])
    assert people_of(together.records) == ["a", "b"]
    assert together.files_read == 2


def folders(shared_data: Path, *names: str) -> list[Path]:
    return [shared_data / "fhir" / name for name in names]


def test_the_forty_real_bundles(shared_data: Path) -> None:
    began = time.perf_counter()
    together = read_paths(folders(shared_data, "synthea-java", "controls", "oud-cohort"))
    assert time.perf_counter() - began < 15
    assert together.files_read == 40
    assert together.refusals == ()
    records = together.records
    assert records.warnings == ()
    assert count_records(records) == RecordCounts(
        patients=40,
        deceased_patients=5,
        patients_with_active_oud=22,
        living_patients_with_active_oud=21,
        active_oud_conditions=156,
        medication_requests=745,
        medication_requests_by_class={
            "buprenorphine_naloxone": 54,
            "methadone": 73,
            "naltrexone": 17,
            "other": 601,
        },
        patients_by_class={
            "methadone": 12,
            "buprenorphine_naloxone": 9,
            "naltrexone": 6,
            "other": 36,
        },
        encounters=2594,
        encounters_by_class={"AMB": 2389, "EMER": 176, "IMP": 29},
        unsupported={
            "AllergyIntolerance": 38,
            "CarePlan": 212,
            "CareTeam": 198,
            "Claim": 171,
            "Coverage": 78,
            "DiagnosticReport": 52,
            "ExplanationOfBenefit": 154,
            "Goal": 50,
            "Immunization": 75,
            "MedicationAdministration": 43,
            "Observation": 2145,
            "PractitionerRole": 48,
            "Procedure": 1841,
        },
    )
    assert len(records.conditions) == 2504
    assert Counter(each.sex for each in records.patients) == {"female": 16, "male": 24}
    assert Counter(party.kind for party in records.parties) == {
        "Practitioner": 65,
        "Organization": 39,
        "Location": 15,
    }


@pytest.mark.parametrize(
    ("folder", "people", "orders", "by_class"),
    [
        ("oud-cohort", (21, 21, 0), 681, {"AMB": 1999, "EMER": 160, "IMP": 21}),
        ("controls", (7, 0, 3), 47, {"AMB": 253, "EMER": 7}),
        ("synthea-java", (12, 1, 2), 17, {"AMB": 137, "EMER": 9, "IMP": 8}),
    ],
)
def test_each_folder_of_real_bundles(
    shared_data: Path,
    folder: str,
    people: tuple[int, int, int],
    orders: int,
    by_class: dict[str, int],
) -> None:
    """``people`` are all, those with active opioid use disorder, and the deceased."""
    counts = count_records(read_paths(folders(shared_data, folder)).records)
    found = (counts.patients, counts.patients_with_active_oud, counts.deceased_patients)
    assert found == people
    assert counts.medication_requests == orders
    assert counts.encounters_by_class == by_class


def test_real_orders_contradict_each_other(shared_data: Path) -> None:
    records = read_paths(folders(shared_data, "oud-cohort", "controls", "synthea-java")).records
    found = Counter(
        reason.code
        for each in records.patients
        for reason in review_outside_orders(each, requests=records.medication_requests).reasons
    )
    assert found["several_medications"] == 8
    assert found["agonist_with_naltrexone"] == 6


def test_every_real_bundle_by_itself(shared_data: Path) -> None:
    published: dict[str, dict[str, Any]] = json.loads(
        (shared_data / "expected" / "counts.json").read_text(encoding="utf-8")
    )["per_bundle"]
    assert len(published) == 40
    for name, expected in published.items():
        counts = count_records(read_paths([shared_data / name]).records)
        drugs = {
            drug.replace("_", "/"): number
            for drug, number in counts.medication_requests_by_class.items()
            if drug != "other"
        }
        assert {
            "patients": counts.patients,
            "oud_active_condition_resources": counts.active_oud_conditions,
            "patients_with_active_oud": counts.patients_with_active_oud,
            "medication_requests": counts.medication_requests,
            "moud_requests_by_drug": drugs,
            "encounters": counts.encounters,
            "encounters_by_class": counts.encounters_by_class,
        } == expected, name
