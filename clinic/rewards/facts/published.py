"""The published protocols as data, each number with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from clinic.rewards.facts.protocols import (
    EscalatingProtocol,
    PrizeBowl,
    PrizeProtocol,
    PrizeSlip,
    Protocol,
    SlipKind,
    SlipTerms,
    Target,
)

HIGGINS = EscalatingProtocol(
    name="higgins",
    version=1,
    title="Voucher reinforcement, 12 weeks, three visits a week",
    scheduled_visits=36,
    first_cents=250,
    step_cents=125,
    negatives_per_step=1,
    recovers_on_negative=6,
    bonus_cents=1000,
    bonus_every=3,
    source=(
        "Higgins voucher schedule (NIDA CRA manual, chapter 6); how the earlier amount is regained"
        " in detail is site policy"
    ),
)


CALAIM_RECOVERY_INCENTIVES = EscalatingProtocol(
    name="calaim_recovery_incentives",
    version=1,
    title="California Recovery Incentives, 24 weeks, stimulants",
    scheduled_visits=36,
    first_cents=1000,
    step_cents=150,
    negatives_per_step=2,
    recovers_on_negative=3,
    final_visits_cents=(1500,) * 6 + (1000,) * 5 + (2100,),
    yearly_cap_cents=59900,
    outpatient_only=True,
    source=(
        "CalAIM Recovery Incentives Program ($599 over 24 weeks); the visit of recovery is site"
        " policy"
    ),
)


VA_BOWL = PrizeBowl(
    name="petry_500",
    version=1,
    slips=(
        SlipKind(PrizeSlip.GOOD_JOB, 250, 0),
        SlipKind(PrizeSlip.SMALL, 209, 100),
        SlipKind(PrizeSlip.LARGE, 40, 2000),
        SlipKind(PrizeSlip.JUMBO, 1, 10000),
    ),
    source="Petry's prize bowl of 500 slips, as the VA uses it",
)


PRIZE_VA = PrizeProtocol(
    name="prize_va",
    version=1,
    title="VA prize bowl, 12 weeks, two visits a week",
    scheduled_visits=24,
    draw_cap=8,
    bowl=VA_BOWL,
    source="Petry's prize bowl; draw cap of the VA program",
)


PRIZE_CTN = PrizeProtocol(
    name="prize_ctn",
    version=1,
    title="CTN prize bowl, 12 weeks, two visits a week",
    scheduled_visits=24,
    draw_cap=12,
    negatives_per_step=2,
    bowl=VA_BOWL,
    source="CTN-0006/0007 (MIEDAR): as many draws a visit as weeks in a row, without the bonus",
)


PRIZE_CTN_OPIOID_BONUS = replace(
    PRIZE_CTN,
    name="prize_ctn_opioid_bonus",
    title="CTN prize bowl with the opioid bonus, 12 weeks",
    bonus_draws=2,
    source=(
        "CTN-0006/0007 (MIEDAR): as many draws a visit as weeks in a row, and two more when also"
        " negative for opioids and cannabis"
    ),
)


_ALLOWED_TARGET = "SAMHSA contingency management conditions, January 2025 (allowed target)"

ATTENDANCE = EscalatingProtocol(
    name="attendance",
    version=1,
    title="Attendance, 24 weeks, one scheduled visit a week",
    scheduled_visits=24,
    first_cents=500,
    step_cents=100,
    negatives_per_step=4,
    recovers_on_negative=3,
    target=Target.ATTENDANCE,
    source=f"{_ALLOWED_TARGET}; amounts are site policy",
)


MEDICATION_ADHERENCE = EscalatingProtocol(
    name="medication_adherence",
    version=1,
    title="Medication adherence, 12 weekly tests",
    scheduled_visits=12,
    first_cents=1000,
    step_cents=0,
    negatives_per_step=1,
    recovers_on_negative=0,
    bonus_cents=1000,
    bonus_every=4,
    target=Target.MEDICATION_ADHERENCE,
    source=f"{_ALLOWED_TARGET}; amounts are site policy",
)


GOALS = EscalatingProtocol(
    name="goals",
    version=1,
    title="Treatment-plan goals, up to 12",
    scheduled_visits=12,
    first_cents=1500,
    step_cents=0,
    negatives_per_step=1,
    recovers_on_negative=0,
    target=Target.GOAL,
    slips=SlipTerms(positive_resets=False, missed_resets=False),
    source=f"{_ALLOWED_TARGET}; amounts are site policy",
)


BOWLS: Mapping[tuple[str, int], PrizeBowl] = MappingProxyType(
    {(bowl.name, bowl.version): bowl for bowl in (VA_BOWL,)}
)
"""Every published bowl slips were ever drawn from, by name and version."""

PROTOCOLS: Mapping[str, Protocol] = MappingProxyType(
    {
        protocol.name: protocol
        for protocol in (
            HIGGINS,
            CALAIM_RECOVERY_INCENTIVES,
            PRIZE_VA,
            PRIZE_CTN,
            PRIZE_CTN_OPIOID_BONUS,
            ATTENDANCE,
            MEDICATION_ADHERENCE,
            GOALS,
        )
    }
)
"""The published protocols, newest version of each."""

PROTOCOL_VERSIONS: Mapping[tuple[str, int], Protocol] = MappingProxyType(
    {(protocol.name, protocol.version): protocol for protocol in PROTOCOLS.values()}
)
"""Every published version a patient was ever enrolled in: they stay on the one they started with.
"""
