"""One answer to every "may we?": the verdict, every reason, and where each reason comes from.

The same ``Decision`` greys a button, refuses a service call, prints in the chart and is
stored with the act it allowed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from clinic.core.errors import Refused


class Effect(StrEnum):
    """What a reason does to the act it speaks of."""

    STOP = "stop"
    """The act may not happen."""
    ASK = "ask"
    """The act may happen once a person has looked at this and said so."""
    INFORM = "inform"
    """Worth knowing; changes nothing."""


class Verdict(StrEnum):
    """The whole decision in one word, as the nurse's band shows it."""

    GO = "go"
    ASK = "ask"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding. ``code`` is stable and machine-readable, ``message`` is a plain sentence.

    ``source`` names the regulation section, label, paper or site policy it rests on.
    """

    code: str
    message: str
    source: str
    effect: Effect = Effect.STOP

    def to_json(self) -> dict[str, str]:
        return {
            "code": self.code,
            "message": self.message,
            "source": self.source,
            "effect": self.effect.value,
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """Truthy when nothing stops the act. Holds every reason, not only the first."""

    reasons: tuple[Reason, ...] = ()

    @classmethod
    def of(cls, reasons: Iterable[Reason]) -> Self:
        return cls(tuple(reasons))

    @property
    def verdict(self) -> Verdict:
        effects = {reason.effect for reason in self.reasons}
        if Effect.STOP in effects:
            return Verdict.STOP
        if Effect.ASK in effects:
            return Verdict.ASK
        return Verdict.GO

    @property
    def stops(self) -> tuple[Reason, ...]:
        return tuple(reason for reason in self.reasons if reason.effect is Effect.STOP)

    def __bool__(self) -> bool:
        return not self.stops

    def __add__(self, other: Decision) -> Decision:
        return Decision(self.reasons + other.reasons)

    def require(self) -> None:
        """Do nothing when allowed.

        Raises: Refused, carrying every reason that stops the act.
        """
        if self.stops:
            raise Refused([reason.message for reason in self.stops], decision=self)

    def to_json(self) -> dict[str, object]:
        """The form stored with the act and printed in the chart."""
        return {
            "verdict": self.verdict.value,
            "reasons": [reason.to_json() for reason in self.reasons],
        }
