"""Who came through the door: one key at the desk, one row, whatever they come for."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.data.work import Work
from clinic.patients import services as patients
from clinic.scheduling.models import Arrival


def arrive(work: Work, *, patient_id: UUID) -> int:
    """The patient is here, now; which of their arrivals today this is.

    Raises: NotFound outside the organisation.
    """
    patients.take_turn(work, patient_id=patient_id)
    sequence = _arrivals_today(work, patient_id) + 1
    work.session.add(
        Arrival(
            id=work.new_id(),
            site_id=work.site.id,
            patient_id=patient_id,
            sequence=sequence,
            **work.on_service_day(),
            **work.attribution,
        )
    )
    work.session.flush()
    audit.record(
        work, action="patient.arrive", subject=f"arrival {sequence}", patient_id=patient_id
    )
    return sequence


def arrive_once(work: Work, *, patient_id: UUID) -> bool:
    """The patient is here; whether that was news today."""
    patients.take_turn(work, patient_id=patient_id)
    if _arrivals_today(work, patient_id):
        return False
    arrive(work, patient_id=patient_id)
    return True


def _arrivals_today(work: Work, patient_id: UUID) -> int:
    return (
        work.session.scalar(
            sa.select(sa.func.count()).where(
                Arrival.site_id == work.site.id,
                Arrival.patient_id == patient_id,
                Arrival.service_date == work.service_date,
            )
        )
        or 0
    )
