"""What earlier imports did, what waits to be imported, and what they left to be decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core.errors import NotFound
from clinic.data.work import Work
from clinic.dosing.models import DoseQuestion
from clinic.exchange.facts.outcome import ImportKind
from clinic.exchange.models import ImportRefusal, ImportRun, ImportUpload
from clinic.exchange.queries.batches import VALUES_PER_STATEMENT, batches
from clinic.patients.facts import PersonName
from clinic.patients.models import Patient
from clinic.stock.facts import Medication

RUNS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Refusal:
    file: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class PastRun:
    """One earlier import; ``counts`` is what its outcome said."""

    id: UUID
    kind: ImportKind
    counts: dict[str, Any]
    recorded_at: datetime
    recorded_by_name: str
    refused: int


@dataclass(frozen=True, slots=True)
class PersonHere:
    """Somebody an import speaks of, as their chart names them today."""

    patient_id: UUID
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """Dose rows of one person and day that contradict each other, waiting for a person."""

    id: UUID
    version: int
    patient_id: UUID
    name: str
    service_date: date
    medication: Medication
    doses_ug: tuple[int, ...]


def last_runs(work: Work) -> list[PastRun]:
    """The site's imports, latest first; one statement."""
    refused = (
        sa.select(sa.func.count())
        .where(ImportRefusal.run_id == ImportRun.id)
        .correlate(ImportRun)
        .scalar_subquery()
    )
    rows = work.session.execute(
        sa.select(
            ImportRun.id,
            ImportRun.kind,
            ImportRun.counts,
            ImportRun.recorded_at,
            ImportRun.recorded_by_name,
            refused,
        )
        .where(ImportRun.site_id == work.site.id)
        .order_by(ImportRun.recorded_at.desc(), ImportRun.id.desc())
        .limit(RUNS_SHOWN)
    )
    return [PastRun(id_, ImportKind(kind), *rest) for id_, kind, *rest in rows]


def run(work: Work, *, run_id: UUID) -> PastRun:
    """One import of this site.

    Raises: NotFound.
    """
    found = work.session.execute(
        sa.select(ImportRun).where(ImportRun.site_id == work.site.id, ImportRun.id == run_id)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("import")
    return PastRun(
        found.id,
        ImportKind(found.kind),
        found.counts,
        found.recorded_at,
        found.recorded_by_name,
        len(refusals(work, run_id=run_id)),
    )


def refusals(work: Work, *, run_id: UUID) -> list[Refusal]:
    """What a run would not take, in the order of the files."""
    rows = work.session.execute(
        sa.select(ImportRefusal.file, ImportRefusal.place, ImportRefusal.reason)
        .where(ImportRefusal.site_id == work.site.id, ImportRefusal.run_id == run_id)
        .order_by(ImportRefusal.file, ImportRefusal.place)
    )
    return [Refusal(*row) for row in rows]


def people_of_run(work: Work, *, run: PastRun) -> list[PersonHere]:
    """Everybody the import spoke of, by name as their chart has it today."""
    ids = [UUID(each) for each in run.counts.get("patient_ids", ())]
    found: list[PersonHere] = []
    for some in batches(ids, size=VALUES_PER_STATEMENT):
        rows = work.session.execute(
            sa.select(Patient.id, Patient.code, Patient.family_name, Patient.given_names).where(
                Patient.organization_id == work.site.organization_id, Patient.id.in_(some)
            )
        )
        found += [
            PersonHere(row.id, row.code, PersonName(row.family_name, row.given_names).listed)
            for row in rows
        ]
    return sorted(found, key=lambda person: (person.name.casefold(), person.code))


def questions(work: Work) -> list[OpenQuestion]:
    """Imported dose days nobody has decided on yet, oldest first; one statement."""
    rows = work.session.execute(
        _open_questions(work).order_by(DoseQuestion.service_date, Patient.search_text)
    )
    return [_open_question(asked, *name) for asked, *name in rows]


def question(work: Work, *, question_id: UUID) -> OpenQuestion:
    """One of them, settled or not.

    Raises: NotFound.
    """
    row = work.session.execute(_questions(work).where(DoseQuestion.id == question_id)).one_or_none()
    if row is None:
        raise NotFound("question")
    asked, *name = row
    return _open_question(asked, *name)


def _open_questions(work: Work) -> sa.Select[DoseQuestion, str, str]:
    return _questions(work).where(DoseQuestion.settled_at.is_(None))


def _questions(work: Work) -> sa.Select[DoseQuestion, str, str]:
    return (
        sa.select(DoseQuestion, Patient.family_name, Patient.given_names)
        .join(Patient, Patient.id == DoseQuestion.patient_id)
        .where(DoseQuestion.site_id == work.site.id)
    )


def _open_question(asked: DoseQuestion, *name: str) -> OpenQuestion:
    return OpenQuestion(
        id=asked.id,
        version=asked.version,
        patient_id=asked.patient_id,
        name=PersonName(*name).listed,
        service_date=asked.service_date,
        medication=asked.medication,
        doses_ug=tuple(asked.doses_ug),
    )


def upload_content(work: Work, *, upload_id: UUID) -> bytes:
    """The archive of files somebody sent and nobody has imported yet.

    Raises: NotFound.
    """
    content = upload_content_if_any(work, upload_id=upload_id)
    if content is None:
        raise NotFound("upload")
    return content


def upload_content_if_any(work: Work, *, upload_id: UUID) -> bytes | None:
    """The same, None when it was imported or discarded."""
    return work.session.scalar(
        sa.select(ImportUpload.content).where(
            ImportUpload.site_id == work.site.id, ImportUpload.id == upload_id
        )
    )
