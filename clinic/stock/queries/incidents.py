"""Differences, losses and thefts, with what was done about each."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

import sqlalchemy as sa

from clinic.core.errors import NotFound
from clinic.data.work import Work
from clinic.stock.facts import Incident, IncidentStep, Spot, product
from clinic.stock.models import StockIncident, StockIncidentStep


def incidents(work: Work) -> list[Incident]:
    """The site's incidents, newest first; two statements."""
    return _found(work, StockIncident.site_id == work.site.id)


def incident(work: Work, *, incident_id: UUID) -> Incident:
    """One incident of this site.

    Raises: NotFound.
    """
    here = StockIncident.site_id == work.site.id
    found = _found(work, here & (StockIncident.id == incident_id))
    if not found:
        raise NotFound("incident")
    return found[0]


def _found(work: Work, condition: sa.ColumnElement[bool]) -> list[Incident]:
    rows = work.session.scalars(
        sa.select(StockIncident)
        .where(condition)
        .order_by(StockIncident.occurred_at.desc(), StockIncident.id)
    ).all()
    steps: defaultdict[UUID, list[IncidentStep]] = defaultdict(list)
    for step in work.session.scalars(
        sa.select(StockIncidentStep)
        .where(
            StockIncidentStep.site_id == work.site.id,
            StockIncidentStep.incident_id.in_(sa.select(StockIncident.id).where(condition)),
        )
        .order_by(StockIncidentStep.occurred_at)
    ):
        steps[step.incident_id].append(
            IncidentStep(
                kind=step.kind,
                finding=step.finding,
                reference=step.reference,
                note=step.note,
                by=step.recorded_by_name,
                at=step.occurred_at,
            )
        )
    return [_incident(row, tuple(steps[row.id])) for row in rows]


def _incident(row: StockIncident, steps: tuple[IncidentStep, ...]) -> Incident:
    return Incident(
        id=row.id,
        kind=row.kind,
        product=product(row.product),
        spot=Spot(row.place, row.number),
        quantity=row.quantity,
        discovered_on=row.service_date,
        notify_dea_by=row.notify_dea_by,
        form_106_by=row.form_106_by,
        note=row.note,
        found_by_id=row.recorded_by,
        found_by=row.recorded_by_name,
        steps=steps,
    )
