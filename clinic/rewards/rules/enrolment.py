"""Whether a patient may start earning under a protocol."""

from __future__ import annotations

from clinic.core.decision import Decision, Reason
from clinic.programs.facts import CareState, EpisodeFacts
from clinic.rewards.facts import Protocol
from clinic.rewards.rules.definitions import opioid_reasons

_SITE_POLICY = "site policy: rewards are part of an episode of care"
_OUTPATIENT_SOURCE = "CalAIM Recovery Incentives Program: outpatient only"
_NOT_OUTPATIENT = frozenset(
    {
        CareState.WITHDRAWAL_MANAGEMENT,
        CareState.MEDICALLY_MANAGED_INPATIENT,
        CareState.RESIDENTIAL_HIGH,
        CareState.RESIDENTIAL_LOW,
    }
)
"""ASAM levels 3.1 to 4."""


def may_enrol(
    protocol: Protocol,
    *,
    episode: EpisodeFacts | None,
    is_enrolled: bool,
    is_overridden: bool = False,
) -> Decision:
    """Whether a patient may be enrolled; ``episode`` is their open one.

    ``is_overridden``: the medical director lets the protocol pay for opioid-negative samples.

    Source: each reason names its own.
    """
    reasons = []
    if episode is None:
        reasons.append(Reason("no_episode", "Rewards need an open episode of care.", _SITE_POLICY))
    elif protocol.outpatient_only and episode.state in _NOT_OUTPATIENT:
        reasons.append(
            Reason(
                "not_outpatient",
                f"{protocol.title} is for outpatients, not for residential or inpatient care.",
                _OUTPATIENT_SOURCE,
            )
        )
    if is_enrolled:
        reasons.append(
            Reason(
                "already_enrolled",
                "The patient is already enrolled in a protocol.",
                "site policy: one protocol at a time",
            )
        )
    reasons.extend(opioid_reasons(protocol, is_overridden=is_overridden))
    return Decision.of(reasons)
