from __future__ import annotations

import json
from dataclasses import replace

import pytest

from clinic.core.decision import Verdict
from clinic.rewards.facts import (
    GOALS,
    HIGGINS,
    OPIOID_SAFETY_NOTE,
    PRIZE_CTN_OPIOID_BONUS,
    PRIZE_VA,
    PROTOCOLS,
    EscalatingProtocol,
    PrizeProtocol,
    PrizeSlip,
    Protocol,
    ProtocolStatus,
    SlipKind,
    Target,
)
from clinic.rewards.rules.definitions import (
    check_definition,
    may_activate,
    parameters_of,
    protocol_from,
    site_bowl,
)

OWN = replace(HIGGINS, name="our_vouchers", title="Our vouchers", scheduled_visits=24)
OWN_BOWL = replace(PRIZE_VA, name="our_bowl", title="Our bowl")
OPIOIDS = replace(OWN, target=Target.OPIOID_NEGATIVE)


@pytest.mark.parametrize("protocol", list(PROTOCOLS.values()), ids=list(PROTOCOLS))
def test_a_protocol_comes_back_from_json_as_it_was(protocol: Protocol) -> None:
    kept = json.loads(json.dumps(parameters_of(protocol)))

    assert (
        protocol_from(kept, name=protocol.name, version=protocol.version, title=protocol.title)
        == protocol
    )


def test_a_sites_bowl_is_named_by_what_is_in_it() -> None:
    half = (SlipKind(PrizeSlip.GOOD_JOB, 1, 0), SlipKind(PrizeSlip.SMALL, 1, 100))
    more = (SlipKind(PrizeSlip.GOOD_JOB, 1, 0), SlipKind(PrizeSlip.SMALL, 1, 200))

    assert site_bowl(half).name == site_bowl(half).name
    assert len({site_bowl(half).name, site_bowl(more).name}) == 2
    assert site_bowl(half, puts_back=False).name != site_bowl(half).name


def with_slips(*slips: tuple[int, int]) -> PrizeProtocol:
    kinds = tuple(
        SlipKind(slip, count, cents) for slip, (count, cents) in zip(PrizeSlip, slips, strict=False)
    )
    return replace(OWN_BOWL, bowl=site_bowl(kinds))


@pytest.mark.parametrize(
    ("protocol", "faults"),
    [
        (OWN, []),
        (OWN_BOWL, []),
        (replace(OWN, name="Our"), ["The short name has 3 to 40 small letters"]),
        (replace(OWN, name="higgins"), ["published protocol's name"]),
        (replace(OWN, scheduled_visits=0), ["1 to 104 visits"]),
        (replace(OWN, scheduled_visits=105), ["1 to 104 visits"]),
        (replace(OWN, negatives_per_step=0), ["one met visit makes a step"]),
        (replace(OWN, recovers_on_negative=-1), ["recovery cannot be negative"]),
        (replace(OWN, yearly_cap_cents=0), ["more than nothing"]),
        (replace(OWN, first_cents=20001), ["$0.00 to $200.00"]),
        (replace(OWN, step_cents=-1), ["$0.00 to $200.00"]),
        (replace(OWN, bonus_every=0), ["both an amount and after how many"]),
        (replace(OWN, bonus_cents=0), ["both an amount and after how many"]),
        (replace(OWN, final_visits_cents=(100,) * 25), ["more flat last visits than visits"]),
        (replace(OWN, first_cents=0, step_cents=0, bonus_cents=0, bonus_every=0), ["nothing"]),
        (replace(OWN_BOWL, first_draws=0), ["begin with at least 1"]),
        (replace(OWN_BOWL, draw_cap=51), ["at most 50"]),
        (replace(OWN_BOWL, bonus_draws=-1), ["Bonus draws are 0 to 50"]),
        (with_slips((0, 0), (0, 100)), ["holds 1 to 10,000", "Nothing can be won"]),
        (with_slips((-1, 0), (3, 100)), ["less than no slip"]),
        (with_slips((1, 0), (1, 20001)), ["worth $0.00 to $200.00"]),
        (with_slips((500, 0)), ["Nothing can be won"]),
        (
            replace(OWN, name="x", scheduled_visits=0, negatives_per_step=0),
            ["short name", "visits", "step"],
        ),
    ],
)
def test_every_fault_is_said(protocol: Protocol, faults: list[str]) -> None:
    stops = check_definition(protocol).stops

    assert len(stops) == len(faults)
    for reason, fault in zip(stops, faults, strict=True):
        assert fault in reason.message


def test_a_maximum_over_the_funders_cap_is_said() -> None:
    whole = replace(OWN, scheduled_visits=36)
    (remark,) = check_definition(whole).reasons

    assert (
        remark.message
        == "Its maximum of $997.50 is over the funder's $750.00 a year: the cap will cut it short."
    )
    assert check_definition(whole)


@pytest.mark.parametrize("protocol", [OPIOIDS, replace(OWN_BOWL, bonus_draws=2)])
def test_the_editor_shows_the_safety_note_for_opioids(
    protocol: EscalatingProtocol | PrizeProtocol,
) -> None:
    decision = check_definition(protocol)

    assert decision.verdict is Verdict.ASK
    assert decision.reasons[0].message == OPIOID_SAFETY_NOTE


@pytest.mark.parametrize(
    ("protocol", "status", "is_overridden", "codes"),
    [
        (OWN, ProtocolStatus.DRAFT, False, []),
        (OWN, ProtocolStatus.RETIRED, False, []),
        (OWN, ProtocolStatus.ACTIVE, False, ["active"]),
        (OPIOIDS, ProtocolStatus.DRAFT, False, ["opioid_target"]),
        (OPIOIDS, ProtocolStatus.DRAFT, True, []),
        (PRIZE_CTN_OPIOID_BONUS, ProtocolStatus.DRAFT, False, ["opioid_target"]),
        (GOALS, ProtocolStatus.DRAFT, False, []),
    ],
)
def test_when_a_version_may_be_switched_on(
    protocol: Protocol, status: ProtocolStatus, *, is_overridden: bool, codes: list[str]
) -> None:
    decision = may_activate(protocol, status=status, is_overridden=is_overridden)

    assert [reason.code for reason in decision.stops] == codes
