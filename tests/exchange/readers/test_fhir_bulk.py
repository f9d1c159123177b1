"""Bulk exports: one resource a line, files that refer to each other."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from clinic.exchange.facts.reading import ReadRefused
from clinic.exchange.readers import fhir_bulk
from clinic.exchange.rules import count_records

PATIENTS = b"""\
{"resourceType": "Patient", "id": "p-1", "gender": "male", "birthDate": "1970-01-01"}

{"resourceType": "Patient", "id": "p-2", "gender": "male", "birthDate": "1971-01-01"}
"""
ENCOUNTERS = (
    b'{"resourceType": "Encounter", "id": "e-1", "status": "finished", "class": {"code": "HH"},'
    b' "subject": {"reference": "Patient/p-2"}, "location": [{"location": {"reference":'
    b' "Location?identifier=http://places.example|L7"}}]}'
)
LOCATIONS = (
    b'{"resourceType": "Location", "id": "l-1", "name": "Home",'
    b' "identifier": [{"system": "http://places.example", "value": "L7"}]}'
)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    (tmp_path / "Patient.000.ndjson").write_bytes(PATIENTS)
    (tmp_path / "Encounter.000.ndjson").write_bytes(ENCOUNTERS)
    (tmp_path / "Location.000.ndjson").write_bytes(LOCATIONS)
    (tmp_path / "Claim.000.ndjson").write_bytes(b'{"resourceType": "Claim", "id": "x"}\n')
    return tmp_path


def test_files_refer_to_each_other_by_id_and_by_identifier(export: Path) -> None:
    records = fhir_bulk.read_folder(export)
    assert [patient.source_id for patient in records.patients] == ["p-1", "p-2"]
    (encounter,) = records.encounters
    assert (encounter.patient_id, encounter.location_id) == ("p-2", "l-1")
    assert records.unsupported == {"Claim": 1}


@pytest.mark.parametrize(
    ("line", "place", "reason"),
    [
        (b'{"resourceType": "Pat', "line 2", "ends before it is complete; it seems cut off"),
        (b'{"id": "x"}', "line 2, /resourceType", "is missing, so this is no FHIR resource"),
        (b"7", "line 2", "is not a FHIR resource but a bare value or list"),
        (
            b'{"resourceType": "Bundle"}',
            "line 2, /resourceType",
            "a bundle does not belong in a bulk export",
        ),
        (
            b'{"resourceType": "Patient", "id": "p-9", "birthDate": "2025-02-30"}',
            "line 2, /birthDate",
            "'2025-02-30' is an impossible date",
        ),
        (
            b'{"resourceType": "Patient", "id": "p-1", "id": "p-9"}',
            "line 2, /id",
            "the key 'id' appears twice in one object",
        ),
    ],
)
def test_one_broken_line_refuses_the_folder(
    export: Path, line: bytes, place: str, reason: str
) -> None:
    (export / "Patient.001.ndjson").write_bytes(b"\n" + line + b"\n")
    with pytest.raises(ReadRefused) as refused:
        fhir_bulk.read_folder(export)
    assert refused.value.to_json() == {
        "file": "Patient.001.ndjson",
        "place": place,
        "reason": reason,
    }


def test_a_folder_without_export_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadRefused, match=r"holds no \.ndjson file"):
        fhir_bulk.read_folder(tmp_path)


def test_the_real_export_counts_as_published(shared_data: Path) -> None:
    records = fhir_bulk.read_folder(shared_data / "fhir" / "bulk-ndjson")
    counts = count_records(records)
    assert counts.patients == 4
    assert counts.deceased_patients == 1
    assert counts.patients_with_active_oud == 0
    assert counts.medication_requests == 14
    assert counts.encounters_by_class == {"AMB": 61, "EMER": 6, "HH": 1}
    assert len(records.conditions) == 35
    assert counts.unsupported == {"AllergyIntolerance": 8}
    assert Counter(party.kind for party in records.parties) == {
        "Location": 44,
        "Organization": 43,
        "Practitioner": 43,
    }
    assert all(each.practitioner_id and each.organization_id for each in records.encounters)
