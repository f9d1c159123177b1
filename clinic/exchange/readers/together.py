"""Several outside sources as one: what repeats is matched by id, then by identifier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TypeVar

from clinic.exchange.facts.reading import ReadLimits, ReadRefused, ReadWarning
from clinic.exchange.facts.records import (
    OutsideCondition,
    OutsideEncounter,
    OutsideIdentifier,
    OutsideMedicationRequest,
    OutsideParty,
    OutsidePatient,
    OutsideRecords,
    PartyKind,
    ReadTogether,
)
from clinic.exchange.readers import fhir, fhir_bulk

_LIMITS = ReadLimits()


_Sourced = TypeVar(
    "_Sourced", OutsidePatient, OutsideCondition, OutsideMedicationRequest, OutsideEncounter
)


def read_paths(paths: Iterable[Path], *, limits: ReadLimits = _LIMITS) -> ReadTogether:
    """FHIR from files and folders, folders searched to the bottom.

    A folder with ``.ndjson`` files is one bulk export; every ``.json`` file stands by itself.
    A refused file leaves the others readable; it gives nothing itself.
    """
    read: list[OutsideRecords] = []
    refusals: list[ReadRefused] = []
    for source in _sources(paths):
        reader = fhir_bulk.read_folder if source.is_dir() else fhir.read_file
        try:
            read.append(reader(source, limits=limits))
        except ReadRefused as refusal:
            refusals.append(refusal)
    return ReadTogether(combined(read), tuple(refusals), files_read=len(read))


def _sources(paths: Iterable[Path]) -> list[Path]:
    return sorted(set(chain.from_iterable(_sources_under(path) for path in paths)))


def _sources_under(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    yield from path.rglob("*.json")
    yield from {file.parent for file in path.rglob("*.ndjson")}


def combined(records: Iterable[OutsideRecords]) -> OutsideRecords:
    """The same facts whatever the order of the sources, each person and resource once.

    Two ids are one person when a numbered identifier and the birth date agree, and one
    practitioner, organization or location when a numbered identifier agrees; the smaller id
    stays, with the facts of both.
    """
    read = list(records)
    warnings = {warning for each in read for warning in each.warnings}
    patients = _by_id((each.patients for each in read), warnings)
    conditions = _by_id((each.conditions for each in read), warnings)
    requests = _by_id((each.medication_requests for each in read), warnings)
    encounters = _by_id((each.encounters for each in read), warnings)
    parties = _parties_by_id(each.parties for each in read)
    same = _Same()
    for patient in patients:
        same.add("Patient", patient.source_id, keys=_keys_of_patient(patient))
    for party in parties:
        same.add(party.kind, party.source_id, keys=_keys_of_party(party))
    return OutsideRecords(
        patients=_patients_once(patients, same),
        conditions=tuple(
            replace(each, patient_id=same.id_of("Patient", each.patient_id)) for each in conditions
        ),
        medication_requests=tuple(_request_moved(request, same) for request in requests),
        encounters=tuple(_encounter_moved(encounter, same) for encounter in encounters),
        parties=_parties_once(parties, same),
        left_alone=frozenset().union(*(each.left_alone for each in read)),
        warnings=tuple(sorted(warnings, key=lambda each: (each.file, each.place, each.code))),
    )


def _by_id(
    groups: Iterable[tuple[_Sourced, ...]], warnings: set[ReadWarning]
) -> tuple[_Sourced, ...]:
    found: dict[str, _Sourced] = {}
    for fact in chain.from_iterable(groups):
        other = found.setdefault(fact.source_id, fact)
        if other != fact:
            found[fact.source_id] = min(other, fact, key=repr)
            kind = type(fact).__name__.removeprefix("Outside")
            message = f"{kind} {fact.source_id} differs between files; one version is kept"
            warnings.add(ReadWarning("", "", "versions_differ", message))
    return tuple(found[source_id] for source_id in sorted(found))


def _parties_by_id(groups: Iterable[tuple[OutsideParty, ...]]) -> tuple[OutsideParty, ...]:
    """Of versions that differ one stays, without a warning: no care rests on it."""
    found: dict[tuple[PartyKind, str], OutsideParty] = {}
    for party in chain.from_iterable(groups):
        key = (party.kind, party.source_id)
        found[key] = max(found.get(key, party), party, key=repr)
    return tuple(found[key] for key in sorted(found))


def _keys_of_patient(patient: OutsidePatient) -> list[str]:
    if patient.birth_date is None:
        return []
    return [
        f"Patient {each.system}|{each.value} {patient.birth_date}"
        for each in patient.identifiers
        if each.system
    ]


def _keys_of_party(party: OutsideParty) -> list[str]:
    return [f"{party.kind} {each.system}|{each.value}" for each in party.identifiers if each.system]


class _Same:
    """Which ids of one type stand for one person or party: those that share a key, directly or
    through others. The smallest id speaks for all.
    """

    def __init__(self) -> None:
        self._parent: dict[tuple[str, str], str] = {}
        self._first_with: dict[str, str] = {}

    def add(self, kind: str, source_id: str, *, keys: Iterable[str]) -> None:
        self._parent.setdefault((kind, source_id), source_id)
        for key in keys:
            one = self.id_of(kind, self._first_with.setdefault(key, source_id))
            other = self.id_of(kind, source_id)
            self._parent[kind, max(one, other)] = min(one, other)

    def id_of(self, kind: str, source_id: str) -> str:
        while (parent := self._parent.get((kind, source_id), source_id)) != source_id:
            source_id = parent
        return source_id


def _request_moved(request: OutsideMedicationRequest, same: _Same) -> OutsideMedicationRequest:
    return replace(
        request,
        patient_id=same.id_of("Patient", request.patient_id),
        requester_id=same.id_of(PartyKind.PRACTITIONER, request.requester_id),
    )


def _encounter_moved(encounter: OutsideEncounter, same: _Same) -> OutsideEncounter:
    return replace(
        encounter,
        patient_id=same.id_of("Patient", encounter.patient_id),
        practitioner_id=same.id_of(PartyKind.PRACTITIONER, encounter.practitioner_id),
        organization_id=same.id_of(PartyKind.ORGANIZATION, encounter.organization_id),
        location_id=same.id_of(PartyKind.LOCATION, encounter.location_id),
    )


def _patients_once(patients: tuple[OutsidePatient, ...], same: _Same) -> tuple[OutsidePatient, ...]:
    identifiers: dict[str, set[OutsideIdentifier]] = defaultdict(set)
    for patient in patients:
        identifiers[same.id_of("Patient", patient.source_id)].update(patient.identifiers)
    return tuple(
        replace(patient, identifiers=tuple(sorted(identifiers[patient.source_id])))
        for patient in patients
        if patient.source_id in identifiers
    )


def _parties_once(parties: tuple[OutsideParty, ...], same: _Same) -> tuple[OutsideParty, ...]:
    return tuple(
        party for party in parties if same.id_of(party.kind, party.source_id) == party.source_id
    )
