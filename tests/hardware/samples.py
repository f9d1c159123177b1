"""A label to print."""

from __future__ import annotations

from clinic.hardware.facts import LabelText

LABEL = LabelText(
    clinic="Harbor North",
    address="1 Pier Road, Harbor, NY",
    telephone="555-0100",
    patient="Doe, Jane",
    patient_code="N-000123",
    medicine="Methadone, oral concentrate",
    amount="40 mg = 4 mL",
    take_on="Mon 09 Mar 2026",
    directions="Drink the whole bottle in the morning.",
    dispensed_on="07 Mar 2026",
    prescriber="Pia Prescriber",
    bottle="Bottle 2 of 6",
    code="TH-000123-2",
    keep_away="Keep out of the reach of children. Keep locked.",
    warning=(
        "Caution: Federal law prohibits the transfer of this drug to any person other than the"
        " patient for whom it was prescribed."
    ),
)
