"""Hold a patient's doses. Nobody lifts a hold: a newer order does."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Clash
from clinic.core.permissions import Permission
from clinic.data.work import Work
from clinic.dosing.facts import HoldReason
from clinic.dosing.models import DosingHold
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
