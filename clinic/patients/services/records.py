"""What every verb on a patient needs: the record itself, texts that fit it, who wrote it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core.errors import NotFound, Refused
from clinic.data.work import Work
from clinic.patients.models import Patient

_PATIENT: sa.Table = Patient.__table__  # type: ignore[assignment]
_LOCK = (
    sa.select(_PATIENT.c.id)
    .where(
        _PATIENT.c.id == sa.bindparam("patient_id"),
        _PATIENT.c.organization_id == sa.bindparam("organization_id"),
    )
    .with_for_update()
)


def the_patient(work: Work, *, patient_id: UUID) -> Patient:
    """Raises: NotFound outside the organisation."""
    patient = work.session.scalar(
        sa.select(Patient).where(
            Patient.id == patient_id, Patient.organization_id == work.site.organization_id
        )
    )
    if patient is None:
        raise NotFound("patient")
    return patient


def fitting(model: type[Any], **texts: str) -> dict[str, str]:
    """The texts without surrounding blanks. Raises: Refused when one is longer than its column."""
    fitting = {}
    for field, text in texts.items():
        stripped = text.replace("\x00", "").strip()
        longest = model.__table__.c[field].type.length
        if longest is not None and len(stripped) > longest:
            raise Refused(f"{field.replace('_', ' ').capitalize()}: at most {longest} characters.")
        fitting[field] = stripped
    return fitting


def take_turn(work: Work, *, patient_id: UUID) -> UUID:
    """Lock the patient's row until this work ends: first of all locks, before bottle and account.

    Raises: NotFound outside the organisation.
    """
    work.session.flush()
    held = work.session.connection().execute(
        _LOCK, {"patient_id": patient_id, "organization_id": work.site.organization_id}
    )
    if held.first() is None:
        raise NotFound("patient")
    return patient_id
