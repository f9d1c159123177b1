from __future__ import annotations

from decimal import Decimal

import pytest

from clinic.core.decision import Verdict
from clinic.dosing.facts.pours import PourStatus, PumpPolicy
from clinic.dosing.rules.pours import may_give_poured


@pytest.mark.parametrize(
    ("status", "actual_ul", "may", "code"),
    [
        (PourStatus.POURED, 4000, True, None),
        (PourStatus.POURED, 3960, True, "pour_near"),
        (PourStatus.POURED, 4040, True, "pour_near"),
        (PourStatus.POURED, 3959, False, "pour_off"),
        (PourStatus.POURED, 4041, False, "pour_off"),
        (PourStatus.POURED, 0, False, "pour_off"),
        (PourStatus.REQUESTED, None, False, "pour_unknown"),
        (PourStatus.UNKNOWN, None, False, "pour_unknown"),
        (PourStatus.WASTED, 4000, False, "pour_unknown"),
    ],
)
def test_only_a_known_volume_near_the_ordered_one_is_given(
    status: PourStatus, actual_ul: int | None, may: bool, code: str | None
) -> None:
    decision = may_give_poured(
        status=status, wanted_ul=4000, actual_ul=actual_ul, policy=PumpPolicy()
    )
    assert bool(decision) is may
    assert [reason.code for reason in decision.reasons] == ([code] if code else [])
    assert (decision.verdict is Verdict.STOP) is not may


def test_a_site_may_trust_its_pump_less() -> None:
    strict = PumpPolicy(tolerance_percent=Decimal("0.5"))
    assert not may_give_poured(
        status=PourStatus.POURED, wanted_ul=4000, actual_ul=3979, policy=strict
    )
