"""Outside files typed by hand: one small bundle, and a trial of three people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from clinic.exchange.facts.records import ReadTogether
from clinic.exchange.readers.together import read_paths

SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ACTIVE = {
    "coding": [
        {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}
    ]
}
Resource = dict[str, Any]


def a_patient(source_id: str = "p-1", **changes: Any) -> Resource:
    return {
        "resourceType": "Patient",
        "id": source_id,
        "identifier": [{"system": "http://hospital.example/mrn", "value": f"mrn {source_id}"}],
        "name": [{"use": "official", "family": "Núñez", "given": ["María", "Luisa"]}],
        "gender": "female",
        "birthDate": "1984-05-17",
    } | changes


def a_condition(source_id: str = "c-1", *, of: str = "p-1", **changes: Any) -> Resource:
    return {
        "resourceType": "Condition",
        "id": source_id,
        "clinicalStatus": ACTIVE,
        "code": {"coding": [{"system": SNOMED, "code": "5602001", "display": "Opioid abuse"}]},
        "subject": {"reference": f"Patient/{of}"},
        "onsetDateTime": "2019-02-03T01:09:02+00:00",
    } | changes


def an_order(source_id: str = "m-1", *, of: str = "p-1", **changes: Any) -> Resource:
    """Methadone 10 mg tablets, four at a time."""
    return {
        "resourceType": "MedicationRequest",
        "id": source_id,
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": "864706"}]},
        "subject": {"reference": f"Patient/{of}"},
        "authoredOn": "2025-06-01T09:00:00-04:00",
        "dosageInstruction": [
            {
                "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": {"value": 40, "unit": "mg"}}],
            }
        ],
    } | changes


def naltrexone(source_id: str = "m-2", *, of: str = "p-1") -> Resource:
    return an_order(
        source_id,
        of=of,
        medicationCodeableConcept={"coding": [{"system": RXNORM, "code": "1483744"}]},
        dosageInstruction=[],
    )


def an_encounter(source_id: str = "e-1", *, of: str = "p-1", **changes: Any) -> Resource:
    return {
        "resourceType": "Encounter",
        "id": source_id,
        "status": "finished",
        "class": {"code": "AMB"},
        "type": [{"text": "Follow-up"}],
        "subject": {"reference": f"Patient/{of}"},
        "period": {"start": "2025-03-01T14:00:00Z", "end": "2025-03-01T14:30:00Z"},
    } | changes


def everything(**of_patient: Any) -> tuple[Resource, ...]:
    return (a_patient(**of_patient), a_condition(), an_order(), an_encounter())


def bundle(*resources: Resource) -> bytes:
    entries = [
        {"fullUrl": f"http://other.example/{each['resourceType']}/{each['id']}", "resource": each}
        for each in resources
    ]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def read(folder: Path, *bundles: bytes) -> ReadTogether:
    """The bundles as files ``1.json``, ``2.json`` ... of an empty folder, read together."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for number, content in enumerate(bundles, start=1):
        (folder / f"{number}.json").write_bytes(content)
    return read_paths([folder])


TRIAL = {
    "participants": """who,project,site_masked,age,is_male
17,27,4,34,Yes
18,27,4,,No
19,51,9,41,No
""",
    "randomization": """who,treatment,which,when
17,Methadone,1,0
19,Inpatient NR-NTX,1,3
""",
    "dosing": """who,amount,when
17,30,0
17,40,1
17,40,3
17,4,4
17,12,4
19,1,6
""",
    "visits": """who,visit,what,when,reasons
17,WK0,visit,0,
17,WK1,no visit,,no_show
17,WK2,MISSING,,
17,WK3,,,
17,END,final,9,
""",
    "uds_collected": """who,was_temp_ok,when
17,1,0
17,0,9
19,99,
""",
    "uds_positive": """who,what,when
17,Opioid,0
17,Alcohol,0
""",
    "withdrawal": """who,withdrawal,when
17,2,0
""",
    "detox": """who,what,when
19,admission,-2
19,discharge,5
""",
}
"""Three people: methadone at an opioid treatment program; screened only, age unknown; a stay and
then one injection of naltrexone."""


def a_trial(folder: Path, **changed: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in (TRIAL | changed).items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder
