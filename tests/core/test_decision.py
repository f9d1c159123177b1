from __future__ import annotations

import pytest

from clinic.core.decision import Decision, Effect, Reason, Verdict
from clinic.core.errors import Refused

STOP = Reason("on_hold", "The dose is on hold.", "site policy")
ASK = Reason("missed_one", "One dose was missed.", "site policy", Effect.ASK)
INFORM = Reason("birthday", "It is the patient's birthday.", "chart", Effect.INFORM)


@pytest.mark.parametrize(
    ("reasons", "verdict", "allowed"),
    [
        ((), Verdict.GO, True),
        ((INFORM,), Verdict.GO, True),
        ((INFORM, ASK), Verdict.ASK, True),
        ((ASK, STOP, INFORM), Verdict.STOP, False),
    ],
)
def test_the_gravest_reason_decides(
    reasons: tuple[Reason, ...], verdict: Verdict, *, allowed: bool
) -> None:
    decision = Decision.of(reasons)
    assert decision.verdict is verdict
    assert bool(decision) is allowed


def test_a_refusal_carries_every_reason_that_stops_and_the_decision() -> None:
    other = Reason("no_order", "There is no order.", "42 CFR 8.12(h)")
    decision = Decision((STOP, ASK)) + Decision((other,))
    with pytest.raises(Refused) as refused:
        decision.require()
    assert refused.value.reasons == ("The dose is on hold.", "There is no order.")
    assert refused.value.decision is decision


def test_what_is_only_asked_refuses_nothing() -> None:
    Decision((ASK, INFORM)).require()


def test_the_stored_form_holds_code_sentence_source_and_effect() -> None:
    assert Decision((STOP,)).to_json() == {
        "verdict": "stop",
        "reasons": [
            {
                "code": "on_hold",
                "message": "The dose is on hold.",
                "source": "site policy",
                "effect": "stop",
            }
        ],
    }
