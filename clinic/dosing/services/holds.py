"""Hold a patient's doses. Nobody lifts a hold: a newer order does."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from clinic.audit import services as audit
from clinic.core.errors import Clash, Declined
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.dosing import queries
from clinic.dosing.facts import HoldReason
from clinic.dosing.models import DosingHold, MedicationOrder
from clinic.patients import services as patients


def hold(work: Work, *, patient_id: UUID, reason: HoldReason, note: str = "") -> UUID:
    """No dose from this moment until a prescriber writes an order.

    Raises: Clash naming who holds the patient already; Forbidden; NotFound.
    """
    if not work.actor.may(Permission.ORDER_MEDICATION):
        work.actor.require(Permission.GIVE_DOSE)
    patients.take_turn(work, patient_id=patient_id)
    standing = work.session.scalar(
        sa.select(DosingHold).where(
            DosingHold.site_id == work.site.id,
            DosingHold.patient_id == patient_id,
            DosingHold.cleared_at.is_(None),
        )
    )
    if standing is not None:
        at = work.site.local(standing.recorded_at)
        raise Clash(f"Already on hold since {at:%d %b %H:%M} by {standing.recorded_by_name}.")
    return _begin(work, patient_id, reason, note)


def hold_after_misses(work: Work, day: date) -> int:
    """Write down the holds the missed-dose rule has shut by a day; how many.

    A hold speaks of now: a day made up late is judged by what stands today, so that an order
    written since is not held again. Whoever is on hold already is left as they are. Safe to
    repeat; a patient who cannot be held is named in the audit and stops nobody else.
    """
    held = 0
    for patient_id, message in queries.shut_by_misses(work, day=max(day, work.service_date)):
        try:
            with work.session.begin_nested():
                patients.take_turn(work, patient_id=patient_id)
                if _standing(work, patient_id):
                    continue
                _begin(work, patient_id, HoldReason.MISSED_DOSES, message)
        except (Declined, IntegrityError) as error:
            _note_not_held(work, patient_id, error)
        else:
            held += 1
    return held


def _note_not_held(work: Work, patient_id: UUID, error: Exception) -> None:
    audit.record(
        work,
        action="dose.hold_failed",
        subject="missed doses",
        patient_id=patient_id,
        detail={"error": type(error).__name__},
    )


def end_hold(work: Work, *, order: MedicationOrder, ended: Collection[MedicationOrder]) -> None:
    """End the patient's hold when the order begins: one for a later day says nothing of today.

    Shape: a hold that an order just ended was to clear later is cleared by this one instead.
    """
    begins = max(work.now, work.site.day_start(order.starts_on))
    gone = {one.id for one in ended}
    for held in _standing(work, order.patient_id):
        if held.cleared_at is None or held.cleared_at > begins or held.cleared_by_order_id in gone:
            held.cleared_at = begins
            held.cleared_by_order_id = order.id
    work.session.flush()


def reopen_hold(work: Work, *, order: MedicationOrder) -> None:
    """The order that was to end a hold later is stopped before it began: the hold stays."""
    standing = _standing(work, order.patient_id)
    if any(held.cleared_at is None for held in standing):
        return
    for held in standing:
        if held.cleared_by_order_id == order.id:
            held.cleared_at = None
            held.cleared_by_order_id = None
    work.session.flush()


def _standing(work: Work, patient_id: UUID) -> list[DosingHold]:
    """Holds in force now, whether or not an order to come ends them."""
    found = work.session.scalars(
        sa.select(DosingHold).where(
            DosingHold.site_id == work.site.id,
            DosingHold.patient_id == patient_id,
            sa.or_(DosingHold.cleared_at.is_(None), DosingHold.cleared_at > work.now),
        )
    )
    return list(found)


def _begin(work: Work, patient_id: UUID, reason: HoldReason, note: str) -> UUID:
    begun = DosingHold(
        id=work.new_id(),
        site_id=work.site.id,
        patient_id=patient_id,
        reason=reason,
        note=note,
        **work.attribution,
    )
    work.session.add(begun)
    work.session.flush()
    audit.record(
        work,
        action="dose.hold",
        subject=f"hold {begun.id}",
        patient_id=patient_id,
        detail={"reason": reason.value, "note": note},
    )
    return begun.id
