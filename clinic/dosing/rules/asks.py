"""Questions a decision leaves to a person, and whether that person has answered them."""

from __future__ import annotations

from collections.abc import Collection

from clinic.core.decision import Decision, Effect, Reason


def unanswered(decision: Decision, *, confirmed: Collection[str]) -> tuple[Reason, ...]:
    """The questions of a decision that nobody has confirmed by their code."""
    return tuple(
        reason
        for reason in decision.reasons
        if reason.effect is Effect.ASK and reason.code not in confirmed
    )


def answered(decision: Decision, *, confirmed: Collection[str]) -> list[str]:
    """The codes of the questions that were asked and confirmed: what is stored with the act."""
    asked = {reason.code for reason in decision.reasons if reason.effect is Effect.ASK}
    return sorted(asked.intersection(confirmed))
