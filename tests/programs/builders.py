"""Episodes for tests, brought to a state by the moves people make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from clinic.data.work import Work
from clinic.programs import queries, services
from clinic.programs.facts import CareState, ReferralSource
from tests.patients.builders import a_patient


def a_referral(work: Work, **changes: Any) -> UUID:
    """An open episode in inquiry, of a new patient unless ``patient_id`` is given."""
    values: dict[str, Any] = {"referral_source": ReferralSource.SELF} | changes
    values.setdefault("patient_id", None)
    values["patient_id"] = values["patient_id"] or a_patient(work)
    return services.refer(work, **values)


def moved(work: Work, *, episode_id: UUID, to_state: CareState, **changes: Any) -> UUID:
    """The episode after one more move."""
    last = queries.episode(work, episode_id=episode_id).sequence
    services.move(work, episode_id=episode_id, to_state=to_state, expected_sequence=last, **changes)
    return episode_id


def an_admission(
    work: Work,
    *,
    patient_id: UUID | None = None,
    to_state: CareState = CareState.OPIOID_TREATMENT,
    through: Sequence[CareState] = (),
    requested_at: datetime | None = None,
    occurred_at: datetime | None = None,
    planned_days: int | None = None,
) -> UUID:
    """An open episode in a level of care; the episode's id."""
    episode_id = a_referral(work, patient_id=patient_id, requested_at=requested_at)
    for state in through:
        moved(work, episode_id=episode_id, to_state=state)
    return moved(
        work,
        episode_id=episode_id,
        to_state=to_state,
        occurred_at=occurred_at,
        planned_days=planned_days,
    )
