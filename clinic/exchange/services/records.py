"""Outside records become charts, problems, reported medications and past encounters.

An imported order is only ever reported: nothing here starts a dose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from clinic.core.decision import Decision
from clinic.core.units import micrograms
from clinic.data.work import Work
from clinic.dosing.models import ReportedMedication
from clinic.exchange import queries
from clinic.exchange.facts.outcome import ImportKind, ImportOutcome, Review
from clinic.exchange.facts.reading import ReadRefused
from clinic.exchange.facts.records import (
    MedicationClass,
    OutsideCondition,
    OutsideDose,
    OutsideEncounter,
    OutsideMedicationRequest,
    OutsidePatient,
    OutsideRecords,
    OutsideTime,
)
from clinic.exchange.rules import count_records, review_outside_orders
from clinic.exchange.services import people as persons
from clinic.exchange.services.people import Newcomer, People
from clinic.exchange.services.rows import (
    SHORT_LENGTH,
    WORD_LENGTH,
    Difference,
    clipped,
    insert_rows,
    update_rows,
)
from clinic.exchange.services.runs import record_run, take_turn
from clinic.patients.facts import AlertSeverity, Identifier, PersonName, Sex
from clinic.patients.models import Condition
from clinic.patients.rules import tidy_name
from clinic.programs.models import Encounter
from clinic.stock.facts import Medication

SOURCE_SYSTEM = "fhir"
SOURCE_IDENTIFIER = "urn:fhir:patient"
"""The resource id of an outside patient, kept as one of their numbers."""

DIED_UNDATED = "An outside record says this patient has died; it gives no usable date."
_VOID = "entered-in-error"
_FORBIDDEN = "do-not-perform"

_Told = OutsideCondition | OutsideMedicationRequest | OutsideEncounter
_RowOf = Callable[[Work, Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Plan:
    """Everything an import would write, worked out before the first row is written."""

    outcome: ImportOutcome
    people: People
    tables: tuple[tuple[type[Any], Difference], ...]


def preview_records(
    work: Work, *, records: OutsideRecords, files: int, refusals: Sequence[ReadRefused] = ()
) -> ImportOutcome:
    """What ``import_records`` would do now. Nothing is written."""
    return _plan(work, records, files, refusals).outcome


def import_records(
    work: Work,
    *,
    records: OutsideRecords,
    files: int,
    refusals: Sequence[ReadRefused] = (),
    run_id: UUID | None = None,
) -> ImportOutcome:
    """Take outside records into the site's charts, once: what is known already is left alone.

    ``refusals`` are those of reading, recorded with the run. A person who can't be taken in is
    refused with everything that is theirs; the others are imported.
    Invariant: statements grow by the thousand rows, not by the row.
    """
    take_turn(work)
    plan = _plan(work, records, files, refusals)
    persons.write(work, people=plan.people)
    for model, difference in plan.tables:
        insert_rows(work, model, rows=difference.added)
        update_rows(work, model, rows=difference.changed)
    return record_run(work, outcome=plan.outcome, run_id=run_id)


def _plan(
    work: Work, records: OutsideRecords, files: int, refusals: Sequence[ReadRefused]
) -> _Plan:
    refused = list(refusals)
    people = _people(work, records.patients, refused)
    tables: tuple[tuple[str, type[Any], Sequence[_Told], _RowOf], ...] = (
        ("conditions", Condition, records.conditions, _condition),
        (
            "medication_requests",
            ReportedMedication,
            records.medication_requests,
            _reported_medication,
        ),
        ("encounters", Encounter, records.encounters, _encounter),
    )
    differences = {
        kind: _difference(work, model, told, people, refused, row=row)
        for kind, model, told, row in tables
    }
    outcome = ImportOutcome(
        kind=ImportKind.FHIR,
        files=files,
        tallies={"patients": people.tally}
        | {kind: difference.tally for kind, difference in differences.items()},
        figures=_figures(records),
        arrivals=tuple(people.arrivals.values()),
        reviews=tuple(_reviews(records, people)),
        refusals=tuple(refused),
        warnings=records.warnings,
    )
    models = (model for _, model, *_ in tables)
    return _Plan(outcome, people, tuple(zip(models, differences.values(), strict=True)))


def _people(work: Work, patients: Sequence[OutsidePatient], refused: list[ReadRefused]) -> People:
    """Charts for everybody who can have one; the others join ``refused``."""
    accepted: list[Newcomer] = []
    for patient in patients:
        if patient.birth_date is None:
            reason = "has no full birth date; a chart needs one"
            refused.append(_refusal_of_person(patient, reason))
        elif not _name(patient).listed:
            refused.append(_refusal_of_person(patient, "has no name; a chart needs one"))
        else:
            accepted.append(_newcomer(patient, patient.birth_date, today=work.service_date))
    people = persons.meet(work, newcomers=accepted)
    refused += [
        _refusal_of_person(patient, people.refused[patient.source_id])
        for patient in patients
        if patient.source_id in people.refused
    ]
    return people


def _refusal_of_person(patient: OutsidePatient, reason: str) -> ReadRefused:
    return ReadRefused(patient.file, f"Patient/{patient.source_id}", reason)


def _name(patient: OutsidePatient) -> PersonName:
    name = patient.official_name
    if name is None:
        return PersonName("", "")
    family, given = tidy_name(name.family), tidy_name(" ".join(name.given))
    if not family:
        family, given = (given, "") if given else (tidy_name(name.text), "")
    return PersonName(clipped(family), clipped(given))


def _newcomer(patient: OutsidePatient, birth_date: date, *, today: date) -> Newcomer:
    died_on = patient.deceased.day if patient.deceased else None
    if died_on is not None and not birth_date <= died_on <= today:
        died_on = None
    undated = patient.is_deceased and died_on is None
    address = patient.address
    return Newcomer(
        source=Identifier(SOURCE_IDENTIFIER, patient.source_id),
        name=_name(patient),
        birth_date=birth_date,
        sex=Sex(patient.sex.value),
        identifiers=frozenset(
            Identifier(each.system, each.value)
            for each in patient.identifiers
            if each.system and max(len(each.system), len(each.value)) <= SHORT_LENGTH
        ),
        deceased_on=died_on,
        telephone=clipped(patient.phone, length=WORD_LENGTH),
        address=clipped(", ".join(filter(None, (*address.lines, address.city, address.state))))
        if address
        else "",
        postal_code=clipped(address.postal_code, length=WORD_LENGTH) if address else "",
        alert=DIED_UNDATED if undated else "",
        alert_severity=AlertSeverity.STOP,
    )


def _difference(
    work: Work,
    model: type[Any],
    told: Sequence[_Told],
    people: People,
    refused: list[ReadRefused],
    *,
    row: _RowOf,
) -> Difference:
    """What these facts would add to and change in a table; moved rows are refused."""
    mine = [each for each in told if each.patient_id in people.patient_ids and not _is_void(each)]
    known = queries.rows_of_source(
        work, model, source_system=SOURCE_SYSTEM, source_ids=[each.source_id for each in mine]
    )
    difference = Difference()
    for each in mine:
        values = row(work, each) | {"patient_id": people.patient_ids[each.patient_id]}
        before = known.get(each.source_id)
        if before is None:
            difference.added.append(
                values
                | {
                    "id": work.new_id(),
                    "site_id": work.site.id,
                    "source_system": SOURCE_SYSTEM,
                    "source_id": each.source_id,
                    **work.attribution,
                }
            )
        elif before.patient_id != values["patient_id"]:
            place = f"{type(each).__name__.removeprefix('Outside')}/{each.source_id}"
            refused.append(ReadRefused("", place, "is on another patient's chart already"))
        elif all(getattr(before, name) == value for name, value in values.items()):
            difference.unchanged += 1
        else:
            difference.changed.append(values | {"row_id": before.id})
    return difference


def _is_void(told: _Told) -> bool:
    """Recorded by mistake, as its own source says."""
    if isinstance(told, OutsideCondition):
        return told.verification_status == _VOID
    return told.status == _VOID


def _condition(work: Work, told: OutsideCondition) -> dict[str, Any]:
    del work
    return {
        "code_system": clipped(told.code.system),
        "code": clipped(told.code.code, length=WORD_LENGTH),
        "text": clipped(told.code.text or told.code.code),
        "is_opioid_use_disorder": told.is_oud,
        "is_active": told.is_active,
        "onset_on": told.onset.day if told.onset else None,
    }


def _reported_medication(work: Work, told: OutsideMedicationRequest) -> dict[str, Any]:
    dose_ug, why_no_dose = _dose(told.dose)
    return {
        "medication": Medication(told.medication.value),
        "text": clipped(_medication_text(told)),
        "code": clipped(told.code.code, length=WORD_LENGTH),
        "status": _FORBIDDEN if told.forbids else told.status,
        "authored_at": _instant(work, told.authored_on),
        "dose_ug": dose_ug,
        "why_no_dose": clipped(why_no_dose),
    }


def _dose(dose: OutsideDose) -> tuple[int | None, str]:
    if dose.dose_mg is None:
        return None, dose.unknown_because
    try:
        return micrograms(dose.dose_mg), ""
    except ValueError as error:
        return None, str(error)


def _medication_text(told: OutsideMedicationRequest) -> str:
    parts = [told.code.text or told.code.code or "Medication without a name"]
    if told.dose.doses_per_day not in {None, 1}:
        parts.append(f"{told.dose.doses_per_day} times a day")
    if told.dose.is_as_needed:
        parts.append("as needed")
    return ", ".join(parts)


def _encounter(work: Work, told: OutsideEncounter) -> dict[str, Any]:
    return {
        "encounter_class": clipped(told.class_code, length=WORD_LENGTH),
        "text": clipped(told.text or told.reason),
        "started_at": _instant(work, told.starts),
        "ended_at": _instant(work, told.ends),
    }


def _instant(work: Work, told: OutsideTime | None) -> datetime | None:
    """The instant told; for a date alone the midnight it begins with; None for less than that."""
    if told is None:
        return None
    if told.at is None and told.day is not None:
        return work.site.instant(told.day, time(0, 0))
    return told.at


def _reviews(records: OutsideRecords, people: People) -> Iterable[Review]:
    requests: dict[str, list[OutsideMedicationRequest]] = {}
    for request in records.medication_requests:
        requests.setdefault(request.patient_id, []).append(request)
    for patient in records.patients:
        patient_id = people.patient_ids.get(patient.source_id)
        if patient_id is None:
            continue
        decision = Decision.of(people.reasons.get(patient_id, ())) + review_outside_orders(
            patient, requests=requests.get(patient.source_id, ())
        )
        if decision.reasons:
            yield Review(patient_id, people.arrivals[patient_id].name, decision)


def _figures(records: OutsideRecords) -> dict[str, Any]:
    counts = count_records(records)
    by_class = dict.fromkeys((each.value for each in MedicationClass), 0)
    return {
        "patients": counts.patients,
        "deceased_patients": counts.deceased_patients,
        "active_oud_patients": counts.patients_with_active_oud,
        "living_active_oud_patients": counts.living_patients_with_active_oud,
        "active_oud_conditions": counts.active_oud_conditions,
        "conditions": len(records.conditions),
        "medication_requests": {"all": counts.medication_requests}
        | by_class
        | counts.medication_requests_by_class,
        "patients_by_medication": counts.patients_by_class,
        "encounters": counts.encounters_by_class,
        "encounters_total": counts.encounters,
        "unsupported": counts.unsupported,
        "entered_in_error": sum(
            _is_void(each)
            for group in (records.conditions, records.medication_requests, records.encounters)
            for each in group
        ),
    }
