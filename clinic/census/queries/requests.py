"""Requests for treatment and the stays they led to, each as it stood on a day."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from clinic.census.facts.measures import Stay
from clinic.census.queries.standing import enters_care, leaves_care
from clinic.data.work import Work
from clinic.programs.models import CareTransition, Episode


def requests(work: Work, *, since: date, day: date) -> list[Stay]:
    """Every request not over before ``since``, as it was known to stand on ``day``; one statement.

    Shape: what ended after ``day`` is still open. The counselor is the one named now.
    """
    moved_on = CareTransition.service_date
    rows = work.session.execute(
        sa.select(
            Episode.id,
            Episode.patient_id,
            Episode.requested_at,
            Episode.injects,
            Episode.counselor_id,
            Episode.closed_on,
            sa.func.min(sa.case((enters_care(), moved_on))).label("admitted_on"),
            sa.func.max(sa.case((leaves_care(), moved_on))).label("discharged_on"),
            sa.func.max(sa.case((leaves_care(), CareTransition.discharge_reason))).label("reason"),
        )
        .join(CareTransition, CareTransition.episode_id == Episode.id)
        .where(
            CareTransition.site_id == work.site.id,
            CareTransition.service_date <= day,
            sa.or_(Episode.closed_on.is_(None), Episode.closed_on >= since),
        )
        .group_by(
            Episode.id,
            Episode.patient_id,
            Episode.requested_at,
            Episode.injects,
            Episode.counselor_id,
            Episode.closed_on,
        )
    )
    return [
        Stay(
            episode_id=row.id,
            patient_id=row.patient_id,
            requested_on=work.site.service_date(row.requested_at),
            admitted_on=row.admitted_on,
            discharged_on=row.discharged_on,
            reason=row.reason,
            injects=row.injects,
            counselor_id=row.counselor_id,
            closed_on=row.closed_on if row.closed_on and row.closed_on <= day else None,
        )
        for row in rows
    ]
