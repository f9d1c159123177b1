"""A take-home bottle's label in the words a printer puts on it."""

from __future__ import annotations

from clinic.dosing.facts.labels import BottleLabel
from clinic.hardware.facts import LabelText


def label_text(label: BottleLabel) -> LabelText:
    """Every field of the label, each as it is read."""
    return LabelText(
        clinic=label.otp_name,
        address=label.otp_address,
        telephone=label.otp_phone,
        patient=label.patient_name,
        patient_code=label.patient_code,
        medicine=label.medicine,
        amount=label.amount,
        take_on=f"{label.take_on:%a %d %b %Y}",
        directions=label.directions,
        dispensed_on=f"{label.dispensed_on:%d %b %Y}",
        prescriber=label.prescriber,
        bottle=label.of,
        code=label.code,
        keep_away=label.keep_away,
        warning=label.transfer_warning,
    )
