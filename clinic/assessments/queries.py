"""Filled forms as people read them."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from clinic.assessments.facts import EDITIONS, Measurement
from clinic.assessments.models import Assessment
from clinic.data.work import Work


def history(work: Work, *, patient_id: UUID) -> tuple[Measurement, ...]:
    """A patient's measurements at this site, newest first, each read by its own edition."""
    rows = work.session.execute(
        sa.select(
            Assessment.id,
            Assessment.instrument,
            Assessment.instrument_version,
            Assessment.occurred_at,
            Assessment.service_date,
            Assessment.answers,
            Assessment.total,
            Assessment.band,
            Assessment.note,
            Assessment.recorded_by_name,
        )
        .where(Assessment.site_id == work.site.id, Assessment.patient_id == patient_id)
        .order_by(
            Assessment.service_date.desc(), Assessment.occurred_at.desc(), Assessment.id.desc()
        )
    )
    return tuple(
        Measurement(assessment_id, EDITIONS[instrument, version], *rest)
        for assessment_id, instrument, version, *rest in rows
    )
