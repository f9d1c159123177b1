"""Outside records in the charts: once, whole, in any order, and never as an order to dose."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

import pytest
import sqlalchemy as sa

from clinic.audit.models import AuditLeaf
from clinic.data.db import db
from clinic.data.work import Work
from clinic.dosing.models import MedicationOrder, ReportedMedication
from clinic.exchange.facts.outcome import ImportOutcome, Tally
from clinic.exchange.facts.records import ReadTogether
from clinic.exchange.models import ImportRefusal, ImportRun
from clinic.exchange.readers.together import read_paths
from clinic.exchange.services import import_records, preview_records
from clinic.patients.facts import Identifier
from clinic.patients.models import Condition, Patient, PatientAlert, PatientIdentifier
from clinic.programs.models import Encounter
from clinic.stock.facts import Medication
from tests import cast
from tests.conftest import WorkAs
from tests.exchange.builders import (
    a_condition,
    a_patient,
    an_encounter,
    an_order,
    bundle,
    everything,
    naltrexone,
    read,
)
from tests.patients import builders as patients

TABLES = (Patient, PatientIdentifier, Condition, ReportedMedication, Encounter, ImportRun)
NOTHING = Tally()
Row = TypeVar("Row")


class MachineGone(Exception):
    """Stands for a power cut between two statements."""


def import_then_fail(work: Work, given: ReadTogether) -> None:
    import_records(work, records=given.records, files=1)
    raise MachineGone


def taken_in(work_as: WorkAs, given: ReadTogether) -> ImportOutcome:
    with work_as(cast.ADA) as work:
        return import_records(
            work, records=given.records, files=given.files_read, refusals=given.refusals
        )


def rows(model: type[object]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def only(model: type[Row]) -> Row:
    return db.session.scalars(sa.select(model)).one()


def codes_of(outcome: ImportOutcome) -> list[list[str]]:
    return [[reason.code for reason in each.decision.reasons] for each in outcome.reviews]


def test_a_person_arrives_with_everything_known_of_them(work_as: WorkAs, tmp_path: Path) -> None:
    outcome = taken_in(work_as, read(tmp_path / "in", bundle(*everything())))

    patient = only(Patient)
    assert (patient.family_name, patient.given_names) == ("Núñez", "María Luisa")
    assert (patient.code, patient.birth_date) == ("H-1001", date(1984, 5, 17))
    assert patient.search_text == "nunez maria luisa"
    condition = only(Condition)
    assert condition.patient_id == patient.id
    assert (condition.is_opioid_use_disorder, condition.is_active) == (True, True)
    assert condition.onset_on == date(2019, 2, 3)
    encounter = only(Encounter)
    assert (encounter.encounter_class, encounter.text) == ("AMB", "Follow-up")
    assert encounter.started_at == datetime(2025, 3, 1, 14, 0, tzinfo=UTC)
    assert {kind: tally.added for kind, tally in outcome.tallies.items()} == {
        "patients": 1,
        "conditions": 1,
        "medication_requests": 1,
        "encounters": 1,
    }


def test_an_order_is_reported_and_starts_nothing(work_as: WorkAs, tmp_path: Path) -> None:
    outcome = taken_in(work_as, read(tmp_path / "in", bundle(*everything())))

    reported = only(ReportedMedication)
    assert (reported.medication, reported.dose_ug) == (Medication.METHADONE, 40_000)
    assert (reported.status, reported.confirmed_by_order_id) == ("active", None)
    assert rows(MedicationOrder) == 0
    assert codes_of(outcome) == [["outside_order_unconfirmed"]]


def test_an_order_without_a_dose_says_why(work_as: WorkAs, tmp_path: Path) -> None:
    order = an_order(dosageInstruction=[])
    outcome = taken_in(work_as, read(tmp_path / "in", bundle(a_patient(), order)))

    reported = only(ReportedMedication)
    assert reported.dose_ug is None
    assert reported.why_no_dose == "the order has no dosage instruction"
    assert codes_of(outcome) == [["outside_order_unconfirmed", "dose_unknown"]]


def test_an_order_not_to_give_reads_as_one(work_as: WorkAs, tmp_path: Path) -> None:
    taken_in(work_as, read(tmp_path / "in", bundle(a_patient(), an_order(doNotPerform=True))))

    assert only(ReportedMedication).status == "do-not-perform"


def test_an_agonist_beside_naltrexone_is_shown(work_as: WorkAs, tmp_path: Path) -> None:
    given = read(tmp_path / "in", bundle(a_patient(), an_order(), naltrexone()))

    assert "agonist_with_naltrexone" in codes_of(taken_in(work_as, given))[0]


def test_the_same_again_changes_nothing(work_as: WorkAs, tmp_path: Path) -> None:
    given = read(tmp_path / "in", bundle(*everything()))
    taken_in(work_as, given)
    again = taken_in(work_as, given)

    assert set(again.tallies.values()) == {Tally(unchanged=1)}
    assert [rows(model) for model in TABLES] == [1, 2, 1, 1, 1, 2]


def test_what_its_source_changed_is_changed_here(work_as: WorkAs, tmp_path: Path) -> None:
    taken_in(work_as, read(tmp_path / "in", bundle(*everything())))
    stopped = bundle(a_patient(), a_condition(), an_order(status="stopped"), an_encounter())
    again = taken_in(work_as, read(tmp_path / "in", stopped))

    assert again.changed == {
        "patients": 0,
        "conditions": 0,
        "medication_requests": 1,
        "encounters": 0,
    }
    reported = only(ReportedMedication)
    assert (reported.status, reported.version) == ("stopped", 2)


def test_files_one_by_one_come_to_the_same_as_together(work_as: WorkAs, tmp_path: Path) -> None:
    one = bundle(*everything())
    other = bundle(
        a_patient("p-2", birthDate="1990-01-01"),
        a_condition("c-2", of="p-2"),
        an_order("m-2", of="p-2"),
    )
    taken_in(work_as, read(tmp_path / "in", other))
    taken_in(work_as, read(tmp_path / "in", one))
    both = taken_in(work_as, read(tmp_path / "in", one, other))

    assert sum(both.added.values()) + sum(both.changed.values()) == 0
    assert both.unchanged == {
        "patients": 2,
        "conditions": 2,
        "medication_requests": 2,
        "encounters": 1,
    }


def test_a_rehearsal_tells_the_same_and_saves_nothing(work_as: WorkAs, tmp_path: Path) -> None:
    given = read(tmp_path / "in", bundle(*everything()))
    with work_as(cast.ADA) as work:
        rehearsed = preview_records(work, records=given.records, files=1)

    assert [rows(model) for model in TABLES] == [0, 0, 0, 0, 0, 0]
    assert rehearsed.is_rehearsal
    assert rehearsed.tallies == taken_in(work_as, given).tallies


def test_who_is_registered_already_is_found_by_a_number(work_as: WorkAs, tmp_path: Path) -> None:
    with work_as(cast.FRANK) as work:
        known = patients.a_patient(
            work,
            family_name="Nunez",
            given_names="Maria Luisa",
            birth_date=date(1984, 5, 17),
            identifiers=[Identifier("http://hospital.example/mrn", "mrn p-1")],
        )
    outcome = taken_in(work_as, read(tmp_path / "in", bundle(*everything())))

    assert outcome.tallies["patients"] == Tally(unchanged=1)
    assert only(Condition).patient_id == known
    assert only(Patient).family_name == "Nunez"


def test_the_same_name_and_birth_date_is_asked_about(work_as: WorkAs, tmp_path: Path) -> None:
    with work_as(cast.FRANK) as work:
        patients.a_patient(
            work,
            family_name="Nunez",
            given_names="Maria Luisa",
            birth_date=date(1984, 5, 17),
        )
    outcome = taken_in(work_as, read(tmp_path / "in", bundle(a_patient())))

    assert outcome.tallies["patients"] == Tally(added=1)
    assert codes_of(outcome) == [["possible_duplicate"]]


def test_a_number_of_somebody_else_brings_nothing_in(work_as: WorkAs, tmp_path: Path) -> None:
    taken_in(work_as, read(tmp_path / "in", bundle(*everything())))
    somebody_else = a_patient(
        "p-9",
        identifier=[{"system": "http://hospital.example/mrn", "value": "mrn p-1"}],
        name=[{"family": "Ortiz", "given": ["Ana"]}],
        birthDate="1955-12-01",
    )
    outcome = taken_in(
        work_as, read(tmp_path / "in", bundle(somebody_else, a_condition("c-9", of="p-9")))
    )

    assert [(refusal.file, refusal.place) for refusal in outcome.refusals] == [
        ("1.json", "Patient/p-9")
    ]
    assert "number of another person" in outcome.refusals[0].reason
    assert (rows(Patient), rows(Condition)) == (1, 1)


def test_a_corrected_birth_date_stays_and_is_asked_about(work_as: WorkAs, tmp_path: Path) -> None:
    taken_in(work_as, read(tmp_path / "in", bundle(a_patient())))
    outcome = taken_in(work_as, read(tmp_path / "in", bundle(a_patient(birthDate="1984-05-18"))))

    assert codes_of(outcome) == [["birth_date_differs"]]
    assert only(Patient).birth_date == date(1984, 5, 17)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"birthDate": "1984"}, "has no full birth date; a chart needs one"),
        ({"name": []}, "has no name; a chart needs one"),
        ({"birthDate": "2084-05-17"}, "The date of birth lies in the future."),
    ],
)
def test_who_cannot_be_registered_is_refused_and_the_others_come(
    work_as: WorkAs, tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    broken = bundle(a_patient("p-2", identifier=[], **changes), a_condition("c-2", of="p-2"))
    outcome = taken_in(work_as, read(tmp_path / "in", bundle(*everything()), broken))

    assert [(each.file, each.place, each.reason) for each in outcome.refusals] == [
        ("2.json", "Patient/p-2", reason)
    ]
    assert (rows(Patient), rows(Condition)) == (1, 1)


def test_a_broken_file_is_refused_with_its_place_and_recorded(
    work_as: WorkAs, tmp_path: Path
) -> None:
    broken = bundle(a_patient("p-2", gender="woman"), a_condition("c-2", of="p-2"))
    outcome = taken_in(work_as, read(tmp_path / "in", broken, bundle(*everything())))

    refusal = only(ImportRefusal)
    assert (refusal.file, refusal.place) == ("1.json", "/entry/0/resource/gender")
    assert refusal.run_id == outcome.run_id
    assert rows(Patient) == 1
    leaf = db.session.scalars(
        sa.select(AuditLeaf).where(AuditLeaf.action == "records.import")
    ).one()
    assert leaf.detail["refusals"] == [refusal_json(outcome)]


def refusal_json(outcome: ImportOutcome) -> dict[str, str]:
    [refusal] = outcome.refusals
    return {"file": refusal.file, "place": refusal.place, "reason": refusal.reason}


def test_the_dead_arrive_with_their_date(work_as: WorkAs, tmp_path: Path) -> None:
    dead = a_patient(deceasedDateTime="2020-02-03T10:00:00Z")
    outcome = taken_in(work_as, read(tmp_path / "in", bundle(dead, an_order())))

    assert only(Patient).deceased_on == date(2020, 2, 3)
    assert codes_of(outcome) == [["patient_deceased", "outside_order_unconfirmed"]]


def test_a_death_the_chart_did_not_know_of_is_added(work_as: WorkAs, tmp_path: Path) -> None:
    taken_in(work_as, read(tmp_path / "in", bundle(a_patient())))
    dead = bundle(a_patient(deceasedDateTime="2020-02-03"))
    outcome = taken_in(work_as, read(tmp_path / "in", dead))
    again = taken_in(work_as, read(tmp_path / "in", dead))

    assert outcome.tallies["patients"] == Tally(changed=1)
    assert again.tallies["patients"] == Tally(unchanged=1)
    assert only(Patient).deceased_on == date(2020, 2, 3)


def test_a_death_without_a_date_stands_on_the_banner_once(work_as: WorkAs, tmp_path: Path) -> None:
    given = read(tmp_path / "in", bundle(a_patient(deceasedBoolean=True)))
    taken_in(work_as, given)
    taken_in(work_as, given)

    alert = only(PatientAlert)
    assert alert.severity == "stop"
    assert alert.text == "An outside record says this patient has died; it gives no usable date."
    assert only(Patient).deceased_on is None


def test_what_was_entered_in_error_stays_out(work_as: WorkAs, tmp_path: Path) -> None:
    mistaken = an_encounter(status="entered-in-error")
    outcome = taken_in(work_as, read(tmp_path / "in", bundle(a_patient(), mistaken)))

    assert outcome.tallies["encounters"] == NOTHING
    assert outcome.figures["entered_in_error"] == 1


def test_long_texts_fit_their_columns(work_as: WorkAs, tmp_path: Path) -> None:
    long = a_patient(name=[{"family": "N" * 900, "given": ["M"]}])
    spoken = a_condition(code={"text": "x" * 5000})
    taken_in(work_as, read(tmp_path / "in", bundle(long, spoken)))

    assert len(only(Patient).family_name) == 200
    assert only(Condition).text == "x" * 199 + "…"


def test_a_row_does_not_move_to_another_chart(work_as: WorkAs, tmp_path: Path) -> None:
    taken_in(work_as, read(tmp_path / "in", bundle(*everything())))
    moved = bundle(a_patient("p-2", birthDate="1990-01-01"), a_condition("c-1", of="p-2"))
    outcome = taken_in(work_as, read(tmp_path / "in", moved))

    assert [(each.place, each.reason) for each in outcome.refusals] == [
        ("Condition/c-1", "is on another patient's chart already")
    ]
    assert rows(Condition) == 1


def test_a_failure_half_way_leaves_nothing(work_as: WorkAs, tmp_path: Path) -> None:
    given = read(tmp_path / "in", bundle(*everything()))
    with pytest.raises(MachineGone), work_as(cast.ADA) as work:
        import_then_fail(work, given)

    assert [rows(model) for model in TABLES] == [0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("people", [1, 30])
def test_statements_do_not_grow_with_the_people(
    work_as: WorkAs, tmp_path: Path, people: int
) -> None:
    files = [
        bundle(
            a_patient(f"p-{n}", birthDate=f"1980-01-{n + 1:02d}"),
            a_condition(f"c-{n}", of=f"p-{n}"),
            an_order(f"m-{n}", of=f"p-{n}"),
            an_encounter(f"e-{n}", of=f"p-{n}"),
        )
        for n in range(people)
    ]
    given = read(tmp_path / "in", *files)
    statements: list[str] = []

    def hear(*event: object) -> None:
        statements.append(str(event[2]))

    with work_as(cast.ADA) as work:
        sa.event.listen(db.engine, "before_cursor_execute", hear)
        import_records(work, records=given.records, files=people)
        sa.event.remove(db.engine, "before_cursor_execute", hear)

    assert len(statements) == 14


COHORTS = ("oud-cohort", "controls", "synthea-java")


def test_the_forty_bundles(work_as: WorkAs, shared_data: Path) -> None:
    together = [shared_data / "fhir" / cohort for cohort in COHORTS]
    first = taken_in(work_as, read_paths(together))

    figures = first.figures
    assert (first.files, first.refusals) == (40, ())
    assert (figures["patients"], figures["deceased_patients"]) == (40, 5)
    assert (figures["active_oud_patients"], figures["living_active_oud_patients"]) == (22, 21)
    assert figures["medication_requests"] == {
        "all": 745,
        "methadone": 73,
        "buprenorphine": 0,
        "buprenorphine_naloxone": 54,
        "naltrexone": 17,
        "other": 601,
    }
    assert figures["encounters"] == {"AMB": 2389, "EMER": 176, "IMP": 29}
    assert first.added == {
        "patients": 40,
        "conditions": 2504,
        "medication_requests": 745,
        "encounters": 2594,
    }
    assert sum("agonist_with_naltrexone" in codes for codes in codes_of(first)) == 6

    again = taken_in(work_as, read_paths(together[::-1]))

    assert sum(again.added.values()) + sum(again.changed.values()) == 0
    assert again.unchanged == first.added


def test_the_forty_bundles_one_by_one_from_the_last(work_as: WorkAs, shared_data: Path) -> None:
    files = [
        file
        for cohort in COHORTS
        for file in sorted((shared_data / "fhir" / cohort).glob("*.json"))
    ]
    for file in reversed(files):
        taken_in(work_as, read_paths([file]))
    again = taken_in(work_as, read_paths(files))

    assert sum(again.added.values()) + sum(again.changed.values()) == 0
    assert again.unchanged == {
        "patients": 40,
        "conditions": 2504,
        "medication_requests": 745,
        "encounters": 2594,
    }
    medication = sa.select(ReportedMedication.medication, sa.func.count()).group_by(
        ReportedMedication.medication
    )
    assert dict(db.session.execute(medication).all()) == {
        Medication.METHADONE: 73,
        Medication.BUPRENORPHINE_NALOXONE: 54,
        Medication.NALTREXONE: 17,
        Medication.OTHER: 601,
    }
    with_oud = sa.select(sa.func.count(Condition.patient_id.distinct())).where(
        Condition.is_opioid_use_disorder, Condition.is_active
    )
    assert db.session.scalar(with_oud) == 22


def test_the_forty_bundles_with_a_broken_one_among_them(
    work_as: WorkAs, shared_data: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_bytes(bundle(*everything())[:-20])
    given = read_paths([*(shared_data / "fhir" / cohort for cohort in COHORTS), broken])
    outcome = taken_in(work_as, given)

    assert [refusal.file for refusal in outcome.refusals] == ["broken.json"]
    assert outcome.refusals[0].reason == "ends before it is complete; it seems cut off"
    assert outcome.added["patients"] == 40
    assert rows(Patient) == 40


def test_the_bulk_export(work_as: WorkAs, shared_data: Path) -> None:
    outcome = taken_in(work_as, read_paths([shared_data / "fhir" / "bulk-ndjson"]))

    assert outcome.figures["encounters"] == {"AMB": 61, "EMER": 6, "HH": 1}
    assert (outcome.added["patients"], outcome.added["medication_requests"]) == (4, 14)


def test_the_published_examples_come_in_or_are_refused(work_as: WorkAs, shared_data: Path) -> None:
    given = read_paths([shared_data / "fhir" / "examples-r4"])
    first = taken_in(work_as, given)
    again = taken_in(work_as, given)

    assert all(refusal.reason for refusal in first.refusals)
    assert (sum(again.added.values()), sum(again.changed.values())) == (0, 0)
    assert len(again.refusals) == len(first.refusals)
