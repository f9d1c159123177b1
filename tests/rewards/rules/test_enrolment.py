"""Who may start earning, and why not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from clinic.programs.facts import CareState, EpisodeFacts, MedicationState, ReferralSource
from clinic.rewards.facts import CALAIM_RECOVERY_INCENTIVES, HIGGINS, PRIZE_VA, Protocol
from clinic.rewards.rules.enrolment import may_enrol


def an_episode(state: CareState) -> EpisodeFacts:
    return EpisodeFacts(
        id=UUID(int=1),
        patient_id=UUID(int=2),
        number=1,
        requested_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
        referral_source=ReferralSource.SELF,
        injects=False,
        pregnant=False,
        counselor_id=None,
        closed_on=None,
        state=state,
        came_from=None,
        sequence=1,
        since=date(2026, 3, 1),
        moved_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
        planned_days=None,
        discharge_reason=None,
        admitted_on=None,
        medication=MedicationState.NONE,
    )


@pytest.mark.parametrize(
    ("protocol", "state", "is_enrolled", "codes"),
    [
        (HIGGINS, CareState.OPIOID_TREATMENT, False, []),
        (HIGGINS, CareState.RESIDENTIAL_HIGH, False, []),
        (HIGGINS, None, False, ["no_episode"]),
        (PRIZE_VA, CareState.OUTPATIENT, False, []),
        (PRIZE_VA, CareState.OUTPATIENT, True, ["already_enrolled"]),
        (PRIZE_VA, None, False, ["no_episode"]),
        (HIGGINS, None, True, ["no_episode", "already_enrolled"]),
        (HIGGINS, CareState.OUTPATIENT, True, ["already_enrolled"]),
        (CALAIM_RECOVERY_INCENTIVES, CareState.OUTPATIENT, False, []),
        (CALAIM_RECOVERY_INCENTIVES, CareState.OPIOID_TREATMENT, False, []),
        (CALAIM_RECOVERY_INCENTIVES, CareState.AFTERCARE, False, []),
        (CALAIM_RECOVERY_INCENTIVES, CareState.RESIDENTIAL_LOW, False, ["not_outpatient"]),
        (CALAIM_RECOVERY_INCENTIVES, CareState.WITHDRAWAL_MANAGEMENT, False, ["not_outpatient"]),
        (CALAIM_RECOVERY_INCENTIVES, None, False, ["no_episode"]),
    ],
)  # fmt: skip
def test_every_reason_is_given(
    protocol: Protocol, state: CareState | None, is_enrolled: bool, codes: list[str]
) -> None:
    episode = None if state is None else an_episode(state)

    decision = may_enrol(protocol, episode=episode, is_enrolled=is_enrolled)

    assert [reason.code for reason in decision.reasons] == codes
    assert bool(decision) is not bool(codes)
    assert all(reason.source for reason in decision.reasons)
