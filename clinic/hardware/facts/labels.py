"""What a label says, already in words: the printer knows nothing of medicine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LabelSize(StrEnum):
    """Width by height in inches."""

    FOUR_BY_TWO = "4x2"
    FOUR_BY_THREE = "4x3"

    @property
    def inches(self) -> tuple[int, int]:
        return (4, 2) if self is LabelSize.FOUR_BY_TWO else (4, 3)

    @property
    def label(self) -> str:
        return f"{self.inches[0]} x {self.inches[1]} inches"


@dataclass(frozen=True, slots=True)
class LabelText:
    """The label of one bottle. ``take_on`` is printed biggest; ``code`` goes into the QR."""

    clinic: str
    address: str
    telephone: str
    patient: str
    patient_code: str
    medicine: str
    amount: str
    take_on: str
    directions: str
    dispensed_on: str
    prescriber: str
    bottle: str
    code: str
    keep_away: str
    warning: str
