"""The pump: what it may answer, and the two ways of not answering."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class PumpState(StrEnum):
    READY = "ready"
    POURING = "pouring"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class PumpStatus:
    state: PumpState
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PumpFacts:
    id: UUID
    name: str
    window: int
    address: str
    is_active: bool
    version: int


class PumpError(Exception):
    """Talking to the pump did not end in an answer that settles the matter."""


class PumpRefused(PumpError):
    """The pump answered that it did not do it: nothing came out."""


class PumpSilent(PumpError):
    """No answer that can be trusted: whether anything came out, nobody can say yet."""
