"""Who signed a hand-over: the patient by name or PIN, and a second person where one was asked for.

Both secrets are checked, and wrong ones counted, before the hand-over's own work begins.
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from clinic.rewards import queries, services
from clinic.rewards.forms.ledger import SignedForm
from clinic.staff.views.second_person import signed_by
from clinic.web import passwords
from clinic.web.edge import begin_reading, begin_work

WRONG_PIN = "That is not the patient's PIN, or it is locked. The patient can sign by name."


class Signed(NamedTuple):
    """The PIN that was right and the second person, each None when not asked for."""

    pin_id: UUID | None
    second_id: UUID | None


def signatures(form: SignedForm, *, patient_id: UUID) -> Signed | None:
    """The signatures the form carries; None, said at its fields, when one is wrong."""
    if not form.validate():
        return None
    second_id = signed_by(form) if form.has_second_person else None
    if form.has_second_person and second_id is None:
        return None
    pin_id = _pin(patient_id, form.pin.data) if form.pin.data else None
    if form.pin.data and pin_id is None:
        form.pin.errors = [WRONG_PIN]
        return None
    return Signed(pin_id, second_id)


def _pin(patient_id: UUID, typed: str) -> UUID | None:
    """The patient's PIN when it is what was typed; a wrong one counts."""
    with begin_reading() as work:
        known = queries.pin_of(work, patient_id=patient_id)
    is_right = passwords.matches(known.pin_hash if known else None, typed)
    with begin_work() as work:
        return services.note_pin(work, patient_id=patient_id, is_right=is_right)
