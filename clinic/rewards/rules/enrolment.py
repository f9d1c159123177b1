"""Whether a patient may start earning under a protocol."""

from __future__ import annotations

from clinic.core.decision import Decision, Reason
from clinic.programs.facts import CareState, EpisodeFacts
from clinic.rewards.facts import Protocol

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


def may_enrol(protocol: Protocol, *, episode: EpisodeFacts | None, is_enrolled: bool) -> Decision:
    """Whether a patient may be enrolled; ``episode`` is their open one.

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
    return Decision.of(reasons)
