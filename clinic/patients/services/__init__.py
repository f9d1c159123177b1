"""Register a person, correct what is known of them, and put on the banner what must be seen."""

from __future__ import annotations

from clinic.patients.services.chart import (
    add_allergy,
    confirm_no_allergies,
    end_alert,
    end_allergy,
    raise_alert,
    set_photo,
)
from clinic.patients.services.coverage import end_coverage, record_coverage, void_coverage
from clinic.patients.services.records import take_turn
from clinic.patients.services.registration import (
    add_identifier,
    claim_codes,
    correct,
    note_death,
    register,
)

__all__ = [
    "add_allergy",
    "add_identifier",
    "claim_codes",
    "confirm_no_allergies",
    "correct",
    "end_alert",
    "end_allergy",
    "end_coverage",
    "note_death",
    "raise_alert",
    "record_coverage",
    "register",
    "set_photo",
    "take_turn",
    "void_coverage",
]
