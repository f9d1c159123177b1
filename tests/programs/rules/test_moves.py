"""Which move of an episode is allowed, and every reason against the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clinic.core.decision import Verdict
from clinic.programs.facts import (
    ALLOWED_MOVES,
    CareState,
    DischargeReason,
    ProposedMove,
    Standing,
    StayTerms,
)
from clinic.programs.rules import moves

SINCE = datetime(2026, 3, 1, 15, 0, tzinfo=UTC)
NOW = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)

S = CareState
TREATMENT = {
    S.RESIDENTIAL_HIGH,
    S.RESIDENTIAL_LOW,
    S.PARTIAL_HOSPITALIZATION,
    S.INTENSIVE_OUTPATIENT,
    S.OUTPATIENT,
    S.OPIOID_TREATMENT,
}
ADMISSIONS = {
    S.WITHDRAWAL_MANAGEMENT,
    S.AMBULATORY_WITHDRAWAL_MANAGEMENT,
    S.MEDICALLY_MANAGED_INPATIENT,
    S.AFTERCARE,
} | TREATMENT
END = {S.DISCHARGED}
EMERGENCY = {S.MEDICALLY_MANAGED_INPATIENT}

EXPECTED = {
    S.INQUIRY: ADMISSIONS | END | {S.WAITLIST, S.INTERIM},
    S.WAITLIST: ADMISSIONS | END | {S.INTERIM},
    S.INTERIM: ADMISSIONS | END,
    S.WITHDRAWAL_MANAGEMENT: TREATMENT | EMERGENCY | END,
    S.AMBULATORY_WITHDRAWAL_MANAGEMENT: TREATMENT | EMERGENCY | END,
    S.MEDICALLY_MANAGED_INPATIENT: TREATMENT | END,
    S.RESIDENTIAL_HIGH: TREATMENT - {S.RESIDENTIAL_HIGH} | EMERGENCY | END | {S.AFTERCARE},
    S.RESIDENTIAL_LOW: TREATMENT - {S.RESIDENTIAL_LOW} | EMERGENCY | END | {S.AFTERCARE},
    S.PARTIAL_HOSPITALIZATION: TREATMENT - {S.PARTIAL_HOSPITALIZATION}
    | EMERGENCY
    | END
    | {S.AFTERCARE},
    S.INTENSIVE_OUTPATIENT: TREATMENT - {S.INTENSIVE_OUTPATIENT} | EMERGENCY | END | {S.AFTERCARE},
    S.OUTPATIENT: TREATMENT - {S.OUTPATIENT} | EMERGENCY | END | {S.AFTERCARE},
    S.OPIOID_TREATMENT: TREATMENT - {S.OPIOID_TREATMENT} | EMERGENCY | END | {S.AFTERCARE},
    S.AFTERCARE: {
        S.PARTIAL_HOSPITALIZATION,
        S.INTENSIVE_OUTPATIENT,
        S.OUTPATIENT,
        S.OPIOID_TREATMENT,
    }
    | EMERGENCY
    | END,
    S.DISCHARGED: set[CareState](),
}


@pytest.mark.parametrize("state", list(CareState))
def test_where_each_state_leads(state: CareState) -> None:
    assert ALLOWED_MOVES[state] == EXPECTED[state]


def proposal(to_state: CareState, **changes: Any) -> ProposedMove:
    if to_state is S.DISCHARGED:
        changes.setdefault("discharge_reason", DischargeReason.TRANSFERRED)
    if to_state in {S.RESIDENTIAL_HIGH, S.RESIDENTIAL_LOW}:
        changes.setdefault("planned_days", 30)
    changes.setdefault("occurred_at", NOW)
    return ProposedMove(to_state=to_state, now=NOW, **changes)


@pytest.mark.parametrize("to_state", list(CareState))
@pytest.mark.parametrize("state", list(CareState))
def test_the_rule_allows_exactly_the_table(state: CareState, to_state: CareState) -> None:
    decision = moves.may_move(Standing(state, SINCE), proposal=proposal(to_state))

    assert bool(decision) is (to_state in EXPECTED[state])


def codes(standing: Standing, proposed: ProposedMove) -> list[str]:
    return [reason.code for reason in moves.may_move(standing, proposal=proposed).reasons]


OUTPATIENT = Standing(S.OUTPATIENT, SINCE)


@pytest.mark.parametrize(
    ("standing", "proposed", "reasons"),
    [
        (Standing(S.DISCHARGED, SINCE), proposal(S.OUTPATIENT), ["episode_closed"]),
        (OUTPATIENT, proposal(S.OUTPATIENT), ["already_there"]),
        (OUTPATIENT, proposal(S.WAITLIST), ["no_such_move"]),
        (OUTPATIENT, proposal(S.AFTERCARE, occurred_at=SINCE), []),
        (
            OUTPATIENT,
            proposal(S.AFTERCARE, occurred_at=SINCE - timedelta(seconds=1)),
            ["before_the_last_move"],
        ),
        (
            OUTPATIENT,
            proposal(S.AFTERCARE, occurred_at=NOW + timedelta(seconds=1)),
            ["in_the_future"],
        ),
        (OUTPATIENT, proposal(S.RESIDENTIAL_HIGH, planned_days=None), ["planned_days_missing"]),
        (OUTPATIENT, proposal(S.RESIDENTIAL_HIGH, planned_days=29), ["planned_days_out_of_range"]),
        (OUTPATIENT, proposal(S.RESIDENTIAL_HIGH, planned_days=90), []),
        (OUTPATIENT, proposal(S.RESIDENTIAL_HIGH, planned_days=91), ["planned_days_out_of_range"]),
        (OUTPATIENT, proposal(S.RESIDENTIAL_LOW, planned_days=180), []),
        (OUTPATIENT, proposal(S.RESIDENTIAL_LOW, planned_days=0), ["planned_days_missing"]),
        (OUTPATIENT, proposal(S.AFTERCARE, planned_days=30), ["no_stay_to_plan"]),
        (OUTPATIENT, proposal(S.DISCHARGED, discharge_reason=None), ["reason_missing"]),
        (
            OUTPATIENT,
            proposal(S.DISCHARGED, discharge_reason=DischargeReason.OTHER, note="  "),
            ["note_missing"],
        ),
        (
            OUTPATIENT,
            proposal(S.DISCHARGED, discharge_reason=DischargeReason.OTHER, note="Moved away."),
            [],
        ),
        (
            OUTPATIENT,
            proposal(S.AFTERCARE, discharge_reason=DischargeReason.COMPLETED),
            ["reason_without_discharge"],
        ),
        (
            Standing(S.WAITLIST, SINCE),
            proposal(S.DISCHARGED, discharge_reason=DischargeReason.COMPLETED),
            ["waiting_ends_otherwise"],
        ),
        (
            Standing(S.WAITLIST, SINCE),
            proposal(S.DISCHARGED, discharge_reason=DischargeReason.LEFT_AGAINST_ADVICE),
            [],
        ),
        (
            Standing(S.DISCHARGED, SINCE),
            proposal(S.RESIDENTIAL_HIGH, planned_days=5, occurred_at=SINCE - timedelta(days=1)),
            ["episode_closed", "before_the_last_move", "planned_days_out_of_range"],
        ),
    ],
)
def test_every_reason_is_given(
    standing: Standing, proposed: ProposedMove, reasons: list[str]
) -> None:
    assert codes(standing, proposed) == reasons


def test_every_reason_has_a_source() -> None:
    decision = moves.may_move(
        Standing(S.WAITLIST, SINCE, ahead=2),
        proposal=proposal(
            S.DISCHARGED,
            discharge_reason=DischargeReason.TERMINATED_BY_FACILITY,
            occurred_at=NOW + timedelta(days=1),
            planned_days=3,
        ),
    )

    assert len(decision.reasons) == 4
    assert all(reason.source for reason in decision.reasons)


@pytest.mark.parametrize("interrupted", [S.WITHDRAWAL_MANAGEMENT, S.AFTERCARE])
def test_an_emergency_leads_back_to_the_level_it_interrupted(interrupted: CareState) -> None:
    back = proposal(interrupted)

    assert codes(Standing(S.MEDICALLY_MANAGED_INPATIENT, SINCE), back) == ["no_such_move"]
    assert codes(Standing(S.MEDICALLY_MANAGED_INPATIENT, SINCE, interrupted), back) == []


def test_whoever_has_priority_is_named_before_somebody_else_is_admitted() -> None:
    decision = moves.may_move(
        Standing(S.WAITLIST, SINCE, ahead=1), proposal=proposal(S.OPIOID_TREATMENT)
    )

    assert decision
    assert decision.verdict is Verdict.ASK
    assert decision.reasons[0].message == "1 person waits with a higher priority for admission."
    assert decision.reasons[0].source == "45 CFR 96.131(b)"


def test_interim_services_pass_nobody_by() -> None:
    assert codes(Standing(S.WAITLIST, SINCE, ahead=1), proposal(S.INTERIM)) == []


def test_a_site_may_plan_longer_stays() -> None:
    longer = StayTerms(rehabilitation_days_min=14, rehabilitation_days_max=120)

    assert moves.may_move(
        OUTPATIENT, proposal=proposal(S.RESIDENTIAL_HIGH, planned_days=120), terms=longer
    )


@pytest.mark.parametrize(
    ("from_state", "to_state", "admits"),
    [
        (S.INQUIRY, S.OPIOID_TREATMENT, True),
        (S.INTERIM, S.OUTPATIENT, True),
        (S.WAITLIST, S.INTERIM, False),
        (S.OUTPATIENT, S.OPIOID_TREATMENT, False),
        (S.OUTPATIENT, S.DISCHARGED, False),
        (None, S.INQUIRY, False),
    ],
)
def test_care_begins_with_the_first_level_of_care(
    from_state: CareState | None, to_state: CareState, *, admits: bool
) -> None:
    assert moves.is_admission(from_state, to_state=to_state) is admits


def test_the_diagram_draws_every_state_and_every_move() -> None:
    lines = moves.diagram().splitlines()

    assert lines[0] == "stateDiagram-v2"
    assert '    state "Outpatient (1)" as outpatient' in lines
    assert "    [*] --> inquiry" in lines
    assert "    withdrawal_management --> residential_high" in lines
    assert "    discharged --> [*]" in lines
    assert "    discharged --> inquiry" not in lines
    assert sum(" --> " in line for line in lines) == sum(map(len, EXPECTED.values())) + 2
