"""Whether a patient's PIN may stand for a signature."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from clinic.core.decision import Decision, Reason
from clinic.rewards.facts import PatientPin, PinTerms


def may_sign_by_pin(
    pin: PatientPin | None, *, handed_over_by: UUID | None, on: date, terms: PinTerms
) -> Decision:
    """Whether a right PIN signs for a reward on a day.

    Source: site policy; a PIN typed in today by whoever hands over would prove nobody's presence.
    """
    if pin is None:
        return Decision.of(
            [Reason("no_pin", "The patient has no PIN yet: let the patient sign.", terms.source)]
        )
    reasons = []
    if pin.failures >= terms.pin_failures_max:
        reasons.append(
            Reason(
                "pin_locked",
                "After too many wrong ones this PIN signs for nothing: the patient sets another,"
                " or signs.",
                terms.source,
            )
        )
    if pin.set_by == handed_over_by and pin.set_on == on:
        reasons.append(
            Reason(
                "pin_set_here",
                "You set this PIN today. Somebody else hands over, or the patient signs.",
                "site policy: nobody signs in the patient's place",
            )
        )
    return Decision.of(reasons)
