"""A patient's PIN for rewards at this site."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa

from clinic.data.work import Work
from clinic.rewards.facts import PatientPin, PinTerms
from clinic.rewards.models import RewardPin
from clinic.sites.queries import policy

SETTINGS = "rewards"


def pin_terms(work: Work, *, on: date) -> PinTerms:
    """How many wrong PINs the site allows, as ``rewards.pin_failures_max``."""
    return policy(work, PinTerms(), of=SETTINGS, on=on)


def pin_of(work: Work, *, patient_id: UUID) -> PatientPin | None:
    """The patient's PIN here; None when none was ever set."""
    row = work.session.scalar(
        sa.select(RewardPin)
        .where(RewardPin.site_id == work.site.id, RewardPin.patient_id == patient_id)
        .execution_options(populate_existing=True)
    )
    if row is None:
        return None
    return PatientPin(
        id=row.id,
        pin_hash=row.pin_hash,
        failures=row.failures,
        set_on=work.site.service_date(row.recorded_at),
        set_by=row.recorded_by,
        set_by_name=row.recorded_by_name,
    )
