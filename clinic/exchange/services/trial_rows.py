"""The rows a trial's histories become, table by table, less those the site has already."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid5

from clinic.core.errors import Refused
from clinic.data.work import Work
from clinic.dosing.facts import DoseOrigin
from clinic.dosing.models import Dose, DoseQuestion
from clinic.exchange import queries
from clinic.exchange.facts.outcome import Tally
from clinic.exchange.facts.reading import ReadWarning
from clinic.exchange.facts.trial import TrialPerson
from clinic.exchange.services import trial_course as course
from clinic.exchange.services.rows import Difference, insert_rows
from clinic.exchange.services.trial_course import CareCourse, DoseDay
from clinic.programs.facts import CareState, DischargeReason, MedicationState, ReferralSource
from clinic.programs.models import CareTransition, Episode, MedicationTransition
from clinic.scheduling.models import PastVisit
from clinic.toxicology.facts import CollectionOutcome
from clinic.toxicology.models import Result, Specimen

SOURCE_SYSTEM = "urn:ctn0094"
END_OF_HISTORY = "The recorded history ends here; it does not say why."

_NOON = time(12, 0)
"""Stands for the time of day, which no history tells."""

_TABLES: tuple[type[Any], ...] = (
    Episode,
    CareTransition,
    MedicationTransition,
    Dose,
    DoseQuestion,
    PastVisit,
    Specimen,
    Result,
)


class TrialRows:
    """Collects the rows of one person after the other, then writes them all.

    Invariant: the id of an episode and of a specimen is computed from the site, the participant
    and the study day, so that a second import recognises both.
    """

    def __init__(self, work: Work, patient_ids: Mapping[str, UUID]) -> None:
        self._work = work
        self._patient_ids = patient_ids
        ids = set(patient_ids.values())
        self._starts = queries.episode_starts(work, patient_ids=ids)
        self._numbers = queries.episode_numbers(work, patient_ids=ids)
        self._doses = queries.doses_on_record(work, patient_ids=ids)
        self._questions = queries.questions_on_record(work, patient_ids=ids)
        self._specimens = queries.specimens_on_record(work, patient_ids=ids)
        self._visits = queries.source_ids_on_record(
            work, PastVisit, source_system=SOURCE_SYSTEM, patient_ids=ids
        )
        self._tables = {model: Difference() for model in _TABLES}
        self._decision = course.HISTORY.to_json()
        self._attribution = {"site_id": work.site.id, **work.attribution}
        self.warnings: list[ReadWarning] = []

    @property
    def tallies(self) -> dict[str, Tally]:
        """By table, in the plural."""
        return {
            f"{model.__tablename__}s": difference.tally
            for model, difference in self._tables.items()
        }

    def add(self, person: TrialPerson) -> None:
        """Raises: Refused when the person's episode began on another day last time."""
        patient_id = self._patient_ids[person.who]
        care = course.course_of(person)
        if care is not None:
            self._add_episode(patient_id, person, care)
        for day in course.dose_days(person):
            self._add_dose(patient_id, person, day)
        self._add_visits(patient_id, person)
        self._add_urine(patient_id, person)

    def write(self) -> None:
        """Append everything that is new."""
        for model, difference in self._tables.items():
            insert_rows(self._work, model, rows=difference.added)

    def _id_of(self, *parts: object) -> UUID:
        return uuid5(self._work.site.id, "/".join((SOURCE_SYSTEM, *map(str, parts))))

    def _put(self, model: type[Any], **values: Any) -> None:
        row = self._attribution | values
        row.setdefault("id", self._work.new_id())
        self._tables[model].added.append(row)

    def _on(self, day: date) -> dict[str, Any]:
        """The columns of ``OnServiceDay``."""
        return {
            "occurred_at": self._work.site.instant(day, _NOON),
            "service_date": day,
            "time_zone": self._work.site.time_zone,
        }

    def _add_episode(self, patient_id: UUID, person: TrialPerson, care: CareCourse) -> None:
        episode_id = self._id_of("episode", person.who)
        started = self._starts.get(episode_id)
        if started is not None:
            _require_same_day_zero(person, care, started)
            self._tables[Episode].unchanged += 1
            self._tables[CareTransition].unchanged += len(care.care)
            self._tables[MedicationTransition].unchanged += len(care.medication)
            return
        of_episode = {"episode_id": episode_id, "patient_id": patient_id}
        self._put(
            Episode,
            id=episode_id,
            patient_id=patient_id,
            number=self._numbers.get(patient_id, 0) + 1,
            requested_at=self._work.site.instant(care.starts_on, _NOON),
            referral_source=ReferralSource.SELF,
            closed_on=care.ends_on,
        )
        before: CareState | None = None
        for sequence, move in enumerate(care.care, start=1):
            leaves = move.to_state is CareState.DISCHARGED
            self._put(
                CareTransition,
                sequence=sequence,
                from_state=before,
                to_state=move.to_state,
                discharge_reason=DischargeReason.OTHER if leaves else None,
                note=END_OF_HISTORY if leaves else "",
                **of_episode,
                **self._on(move.on),
            )
            before = move.to_state
        medications = [MedicationState.NONE, *(move.to_medication for move in care.medication)]
        for sequence, (old, new) in enumerate(pairwise(medications), start=1):
            self._put(
                MedicationTransition,
                sequence=sequence,
                from_medication=old,
                to_medication=new,
                **of_episode,
                **self._on(care.medication[sequence - 1].on),
            )

    def _add_dose(self, patient_id: UUID, person: TrialPerson, day: DoseDay) -> None:
        person_day = (patient_id, day.on)
        if len(day.doses_ug) > 1:
            self._ask_about(patient_id, day)
        elif person_day in self._doses:
            self._tables[Dose].unchanged += 1
            if self._doses[person_day] != day.doses_ug[0]:
                message = f"Participant {person.who}, {day.on}: another dose is on record already"
                self.warnings.append(ReadWarning("dosing.csv", "", "dose_differs", message))
        else:
            self._put(
                Dose,
                patient_id=patient_id,
                origin=DoseOrigin.HISTORY,
                medication=day.medication,
                form=day.form,
                dose_ug=day.doses_ug[0],
                decision=self._decision,
                **self._on(day.on),
            )

    def _ask_about(self, patient_id: UUID, day: DoseDay) -> None:
        if (patient_id, day.on) in self._questions:
            self._tables[DoseQuestion].unchanged += 1
            return
        self._put(
            DoseQuestion,
            patient_id=patient_id,
            service_date=day.on,
            medication=day.medication,
            doses_ug=list(day.doses_ug),
        )

    def _add_visits(self, patient_id: UUID, person: TrialPerson) -> None:
        for source_id, visit in course.visit_ids(person):
            if source_id in self._visits:
                self._tables[PastVisit].unchanged += 1
                continue
            self._put(
                PastVisit,
                patient_id=patient_id,
                service_date=None if visit.day is None else person.date_of(visit.day),
                disposition=course.disposition_of(visit),
                source_system=SOURCE_SYSTEM,
                source_id=source_id,
            )

    def _add_urine(self, patient_id: UUID, person: TrialPerson) -> None:
        for sample in person.urine:
            if sample.day is None:
                continue
            readings = course.readings_of(sample)
            specimen_id = self._id_of("urine", person.who, sample.day)
            if specimen_id in self._specimens:
                self._tables[Specimen].unchanged += 1
                self._tables[Result].unchanged += len(readings)
                continue
            on = self._on(person.date_of(sample.day))
            self._put(
                Specimen,
                id=specimen_id,
                patient_id=patient_id,
                outcome=CollectionOutcome.COLLECTED,
                note=course.note_of(sample),
                **on,
            )
            for analyte, reading in readings.items():
                self._put(
                    Result,
                    specimen_id=specimen_id,
                    patient_id=patient_id,
                    analyte=analyte,
                    reading=reading,
                    **on,
                )


def _require_same_day_zero(person: TrialPerson, care: CareCourse, started: date) -> None:
    if started != care.starts_on:
        day_zero = person.day_zero + (started - care.starts_on)
        raise Refused(
            f"Participant {person.who} is here already with study day 0 on {day_zero}; "
            "import with that day 0."
        )
