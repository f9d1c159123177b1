"""What of a day was recorded after its evening, and what the count would have been without it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from clinic.census.facts.work import Correction
from clinic.core.service_dates import ONE_DAY
from clinic.data.work import Work
from clinic.patients.facts import PersonName
from clinic.patients.models import Coverage, Patient
from clinic.programs.models import CareTransition, EpisodeParticulars, MedicationTransition

SHOWN = 50
"""The latest corrections; a page shows no more of them."""


def recorded_later(work: Work, *, day: date) -> list[Correction]:
    """Facts of a day or before that somebody recorded after its evening, latest first."""
    evening = work.site.day_start(day + ONE_DAY)
    found = [
        *_of(work, CareTransition, lambda row: row.to_state.label, day=day, evening=evening),
        *_of(
            work,
            MedicationTransition,
            lambda row: f"Medication: {row.to_medication.label}",
            day=day,
            evening=evening,
        ),
        *_of(
            work,
            EpisodeParticulars,
            lambda _: "Counselor, unit or priority",
            day=day,
            evening=evening,
        ),
        *_coverages(work, day=day, evening=evening),
    ]
    return sorted(found, key=lambda one: one.recorded_at, reverse=True)[:SHOWN]


def _of(work: Work, table: Any, what: Any, *, day: date, evening: datetime) -> list[Correction]:
    rows = work.session.execute(
        sa.select(table, Patient)
        .join(Patient, Patient.id == table.patient_id)
        .where(
            table.site_id == work.site.id,
            table.service_date <= day,
            table.recorded_at > evening,
        )
        .order_by(table.recorded_at.desc())
        .limit(SHOWN)
    )
    return [
        _correction(patient, what(row), row.service_date, row.recorded_at, row.recorded_by_name)
        for row, patient in rows
    ]


def _coverages(work: Work, *, day: date, evening: datetime) -> list[Correction]:
    rows = work.session.execute(
        sa.select(Coverage, Patient)
        .join(Patient, Patient.id == Coverage.patient_id)
        .where(
            Coverage.organization_id == work.site.organization_id,
            Coverage.starts_on <= day,
            sa.or_(
                Coverage.recorded_at > evening,
                Coverage.voided_at > evening,
                sa.and_(Coverage.ends_on <= day, Coverage.end_recorded_at > evening),
            ),
        )
        .order_by(Coverage.recorded_at.desc())
        .limit(SHOWN)
    )
    return [
        _correction(
            patient,
            f"Payer: {row.payer.label}{', taken back' if row.voided_at else ''}",
            row.starts_on,
            max(at for at in (row.recorded_at, row.end_recorded_at, row.voided_at) if at),
            row.voided_by_name or row.recorded_by_name,
        )
        for row, patient in rows
    ]


def _correction(
    patient: Patient, what: str, service_date: date, recorded_at: datetime, by: str
) -> Correction:
    name = PersonName(patient.family_name, patient.given_names, patient.preferred_name)
    return Correction(patient.id, name, what, service_date, recorded_at, by)
