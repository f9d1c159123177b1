"""A dose that was poured by hand and spilled before anybody took it."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from clinic.audit import services as audit
from clinic.core.errors import Refused
from clinic.core.permissions import Permission
from clinic.core.units import microlitres
from clinic.data.work import Work
from clinic.dosing.queries import facts_for_dose
from clinic.dosing.rules.doses import volume_of
from clinic.patients import services as patients
from clinic.stock import services as stock
from clinic.stock.facts import StockMovementKind

POURED_BY_PUMP = "The pump poured this dose. Waste it on the page of that pour."
NOTHING_TO_SPILL = "No liquid dose of today comes out of a bottle open here."


def spill_poured(
    work: Work, *, patient_id: UUID, window: int, reason: str, witness_id: UUID
) -> Decimal:
    """Waste, before a witness, the portion poured for a patient; the dose is still to be given.

    Units: the answer is the millilitres that left the open bottle.
    Raises: Refused for what is not poured by hand, without a reason or a proper witness; Clash
    when the bottle does not hold that much; Forbidden; NotFound.
    Source: 21 CFR 1304.21 and site policy: a poured dose that was not taken is waste.
    """
    work.actor.require(Permission.GIVE_DOSE)
    patients.take_turn(work, patient_id=patient_id)
    facts = facts_for_dose(work, patient_id=patient_id, window=window).facts
    if facts.is_poured:
        raise Refused(POURED_BY_PUMP)
    volume_ml = volume_of(facts)
    if facts.bottle is None or volume_ml is None:
        raise Refused(NOTHING_TO_SPILL)
    stock.waste(
        work,
        bottle_id=facts.bottle.id,
        quantity=microlitres(volume_ml),
        witness_id=witness_id,
        reason=reason,
        kind=StockMovementKind.SPILL,
    )
    audit.record(
        work,
        action="dose.spill",
        subject=f"bottle {facts.bottle.id}",
        patient_id=patient_id,
        detail={"volume_ml": str(volume_ml), "reason": reason, "witness": str(witness_id)},
    )
    return volume_ml
