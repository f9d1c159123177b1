"""A patient's own PIN, by which a hand-over is signed without a pen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PinTerms:
    """How many wrong PINs in a row a patient has before it signs for nothing any more."""

    pin_failures_max: int = 5
    source: str = "site policy; NIST SP 800-63B 5.2.2: wrong tries are limited"


@dataclass(frozen=True, slots=True)
class PatientPin:
    """A patient's PIN as it stands: its hash, the wrong tries in a row, who set it and when."""

    id: UUID
    pin_hash: str
    failures: int
    set_on: date
    set_by: UUID | None
    set_by_name: str
