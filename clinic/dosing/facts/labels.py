"""The label of a take-home bottle: every field the law and the site ask for, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from clinic.core.units import plain
from clinic.stock.facts import Form, Medication

KEEP_AWAY = "Keep out of the reach of children. Keep locked."
"""Source: 42 CFR 8.12(i)(4), safe storage."""

TRANSFER_WARNING = (
    "Caution: Federal law prohibits the transfer of this drug to any person other than the"
    " patient for whom it was prescribed."
)
"""Source: 21 CFR 290.5."""


@dataclass(frozen=True, slots=True)
class BottleLabel:
    """What is printed on one bottle. ``code`` is what the bar code or QR carries.

    Shape: ``volume_ml`` for liquids, ``units`` (tablets, films) for the rest; the other is None.
    ``number`` of ``bottles`` counts the bottles handed out together.
    Source: 42 CFR 8.12(i)(4); 21 CFR 1306.14 (items of a label).
    """

    otp_name: str
    otp_address: str
    otp_phone: str
    patient_name: str
    patient_code: str
    medication: Medication
    form: Form
    dose_mg: Decimal
    volume_ml: Decimal | None
    units: int | None
    dispensed_on: date
    take_on: date
    directions: str
    prescriber: str
    number: int
    bottles: int
    code: str
    keep_away: str = KEEP_AWAY
    transfer_warning: str = TRANSFER_WARNING

    @property
    def medicine(self) -> str:
        """Name and form of what is in the bottle."""
        return f"{self.medication.label}, {self.form.label.lower()}"

    @property
    def amount(self) -> str:
        """Milligrams, and the millilitres or units they are in."""
        if self.volume_ml is not None:
            return f"{plain(self.dose_mg)} mg = {plain(self.volume_ml)} mL"
        if self.units is not None:
            return (
                f"{plain(self.dose_mg)} mg = {self.units} {'unit' if self.units == 1 else 'units'}"
            )
        return f"{plain(self.dose_mg)} mg"

    @property
    def of(self) -> str:
        return f"Bottle {self.number} of {self.bottles}"
