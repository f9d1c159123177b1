"""What the house knows already of the people and rows of an import."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.data.work import Work
from clinic.dosing.models import Dose, DoseQuestion
from clinic.exchange.queries.batches import VALUES_PER_STATEMENT, batches
from clinic.patients.facts import Identifier, PersonName
from clinic.patients.models import Patient, PatientAlert, PatientIdentifier
from clinic.programs.models import CareTransition, Episode
from clinic.toxicology.models import Specimen


@dataclass(frozen=True, slots=True)
class Chart:
    """A registered patient, as far as an import must know them."""

    patient_id: UUID
    code: str
    name: PersonName
    birth_date: date
    deceased_on: date | None


def charts(work: Work, *, identifiers: Iterable[Identifier]) -> dict[Identifier, Chart]:
    """Who holds these identifiers in the organisation. Statements grow by the thousand only."""
    wanted = set(identifiers)
    found: dict[Identifier, Chart] = {}
    for values in batches({each.value for each in wanted}, size=VALUES_PER_STATEMENT):
        rows = work.session.execute(
            sa.select(
                PatientIdentifier.system,
                PatientIdentifier.value,
                Patient.id,
                Patient.code,
                Patient.family_name,
                Patient.given_names,
                Patient.birth_date,
                Patient.deceased_on,
            )
            .join(Patient, Patient.id == PatientIdentifier.patient_id)
            .where(
                PatientIdentifier.organization_id == work.site.organization_id,
                PatientIdentifier.value.in_(values),
            )
        )
        for row in rows:
            identifier = Identifier(row.system, row.value)
            if identifier in wanted:
                name = PersonName(row.family_name, row.given_names)
                found[identifier] = Chart(row.id, row.code, name, row.birth_date, row.deceased_on)
    return found


def namesakes(work: Work, *, people: Collection[tuple[str, date]]) -> dict[tuple[str, date], str]:
    """Codes of charts with the same folded name and birth date, by both."""
    found: dict[tuple[str, date], str] = {}
    for dates in batches({born for _, born in people}, size=VALUES_PER_STATEMENT):
        rows = work.session.execute(
            sa.select(Patient.search_text, Patient.birth_date, Patient.code).where(
                Patient.organization_id == work.site.organization_id,
                Patient.birth_date.in_(dates),
            )
        )
        found |= {(text, born): code for text, born, code in rows if (text, born) in people}
    return found


def alerts_raised(work: Work, *, text: str) -> set[UUID]:
    """Patients at this site who carry an open alert of this wording."""
    return set(
        work.session.scalars(
            sa.select(PatientAlert.patient_id).where(
                PatientAlert.site_id == work.site.id,
                PatientAlert.text == text,
                PatientAlert.ended_at.is_(None),
            )
        )
    )


def rows_of_source(
    work: Work, model: type[Any], *, source_system: str, source_ids: Collection[str]
) -> dict[str, sa.Row[Any]]:
    """What the site has of an outside system's rows, by their id there."""
    table = model.__table__
    found: dict[str, sa.Row[Any]] = {}
    for ids in batches(source_ids, size=VALUES_PER_STATEMENT):
        rows = work.session.execute(
            sa.select(table).where(
                table.c.site_id == work.site.id,
                table.c.source_system == source_system,
                table.c.source_id.in_(ids),
            )
        )
        found |= {row.source_id: row for row in rows}
    return found


def source_ids_on_record(
    work: Work, model: type[Any], *, source_system: str, patient_ids: Collection[UUID]
) -> set[str]:
    """Ids an outside system gave to the rows the site has of these patients."""
    found: set[str] = set()
    for ids in batches(patient_ids, size=VALUES_PER_STATEMENT):
        found |= set(
            work.session.scalars(
                sa.select(model.source_id).where(
                    model.site_id == work.site.id,
                    model.source_system == source_system,
                    model.patient_id.in_(ids),
                )
            )
        )
    return found


def doses_on_record(work: Work, *, patient_ids: Collection[UUID]) -> dict[tuple[UUID, date], int]:
    """First portions of these patients' doses at the site: micrograms by person and day."""
    return _by_patient(work, (Dose.patient_id, Dose.service_date, Dose.dose_ug), patient_ids)


def questions_on_record(work: Work, *, patient_ids: Collection[UUID]) -> set[tuple[UUID, date]]:
    """Person-days whose contradicting dose rows have been asked about, settled or not."""
    columns = (DoseQuestion.patient_id, DoseQuestion.service_date, DoseQuestion.version)
    return set(_by_patient(work, columns, patient_ids))


def _by_patient(
    work: Work, columns: tuple[Any, Any, Any], patient_ids: Collection[UUID]
) -> dict[tuple[UUID, date], int]:
    model = columns[0].class_
    found: dict[tuple[UUID, date], int] = {}
    for ids in batches(patient_ids, size=VALUES_PER_STATEMENT):
        rows = work.session.execute(
            sa.select(*columns).where(model.site_id == work.site.id, columns[0].in_(ids))
        )
        found |= {(patient_id, day): value for patient_id, day, value in rows}
    return found


def specimens_on_record(work: Work, *, patient_ids: Collection[UUID]) -> set[UUID]:
    """Specimens the site has of these patients."""
    found: set[UUID] = set()
    for ids in batches(patient_ids, size=VALUES_PER_STATEMENT):
        found |= set(
            work.session.scalars(
                sa.select(Specimen.id).where(
                    Specimen.site_id == work.site.id, Specimen.patient_id.in_(ids)
                )
            )
        )
    return found


def episode_numbers(work: Work, *, patient_ids: Collection[UUID]) -> dict[UUID, int]:
    """The number of each patient's last episode at the site."""
    found: dict[UUID, int] = {}
    for ids in batches(patient_ids, size=VALUES_PER_STATEMENT):
        rows = work.session.execute(
            sa.select(Episode.patient_id, sa.func.max(Episode.number))
            .where(Episode.site_id == work.site.id, Episode.patient_id.in_(ids))
            .group_by(Episode.patient_id)
        )
        found |= dict(rows.all())
    return found


def episode_starts(work: Work, *, patient_ids: Collection[UUID]) -> dict[UUID, date]:
    """The clinic day each of the patients' episodes at the site began, by episode."""
    found: dict[UUID, date] = {}
    for ids in batches(patient_ids, size=VALUES_PER_STATEMENT):
        rows = work.session.execute(
            sa.select(CareTransition.episode_id, CareTransition.service_date).where(
                CareTransition.site_id == work.site.id,
                CareTransition.patient_id.in_(ids),
                CareTransition.sequence == 1,
            )
        )
        found |= dict(rows.all())
    return found
