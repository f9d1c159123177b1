"""Which protocol a patient is on, the visits it has judged, and which they could start."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from clinic.core.decision import Decision
from clinic.core.errors import NotFound
from clinic.data.work import Work
from clinic.programs import queries as programs
from clinic.rewards.facts import (
    Enrolment,
    Protocol,
)
from clinic.rewards.models import RewardEnrolment, RewardVisit
from clinic.rewards.queries.protocols import protocol_of, standing_overrides
from clinic.rewards.rules.enrolment import may_enrol


def latest_enrolment(work: Work, *, patient_id: UUID) -> Enrolment | None:
    """The open enrolment at this site, else the one that began last."""
    return _first(work, RewardEnrolment.patient_id == patient_id)


def enrolment_of_visit(work: Work, *, visit_id: UUID) -> Enrolment:
    """The enrolment that judged a visit, open or ended.

    Raises: NotFound.
    """
    of_visit = sa.select(RewardVisit.enrolment_id).where(
        RewardVisit.site_id == work.site.id, RewardVisit.id == visit_id
    )
    enrolment = _first(work, RewardEnrolment.id.in_(of_visit))
    if enrolment is None:
        raise NotFound("visit")
    return enrolment


def open_enrolment(work: Work, *, patient_id: UUID) -> Enrolment | None:
    """The enrolment that earns now."""
    latest = latest_enrolment(work, patient_id=patient_id)
    return latest if latest is not None and latest.ended_on is None else None


def may_enrol_in(work: Work, protocol: Protocol, *, patient_id: UUID) -> Decision:
    """Whether the patient may start earning under a protocol now."""
    return may_enrol(
        protocol,
        episode=programs.open_episode(work, patient_id=patient_id),
        is_enrolled=open_enrolment(work, patient_id=patient_id) is not None,
        is_overridden=(protocol.name, protocol.version) in standing_overrides(work),
    )


def _first(work: Work, which: sa.ColumnElement[bool]) -> Enrolment | None:
    row = work.session.execute(
        sa.select(
            RewardEnrolment.id,
            RewardEnrolment.patient_id,
            RewardEnrolment.protocol,
            RewardEnrolment.protocol_version,
            RewardEnrolment.starts_on,
            RewardEnrolment.ended_on,
        )
        .where(RewardEnrolment.site_id == work.site.id, which)
        .order_by(RewardEnrolment.ended_on.is_(None).desc(), RewardEnrolment.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return Enrolment(
        id=row.id,
        patient_id=row.patient_id,
        protocol=protocol_of(work, name=row.protocol, version=row.protocol_version),
        starts_on=row.starts_on,
        ended_on=row.ended_on,
    )
