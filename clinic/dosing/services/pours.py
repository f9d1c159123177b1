"""Pours: kept before the pump is asked, settled after it answered or somebody measured.

No transaction waits for the pump: asking, pouring and writing down are three steps, and whatever
breaks between them leaves a row that says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Clash, NotFound, Refused
from clinic.core.permissions import Permission
from clinic.core.units import micrograms, microlitres, ml
from clinic.data.work import Work
from clinic.dosing.facts import DoseFacts
from clinic.dosing.facts.pours import PourAsked, PourStatus, PumpPolicy
from clinic.dosing.models import PumpPour
from clinic.dosing.queries import facts_for_dose
from clinic.dosing.rules.doses import may_dose, volume_of
from clinic.dosing.rules.pours import may_give_poured
from clinic.hardware import queries as hardware
from clinic.patients import services as patients
from clinic.sites import queries as sites
from clinic.stock import services as stock
from clinic.stock.facts import Form

NO_PUMP = "No pump stands at this window. Pour by hand."
NOT_POURED = "This dose is not one a pump pours."
ORDER_CHANGED = "The order changed. Look at the patient's page again before pouring."
SETTLED = "This pour is settled already."
_POLICY = PumpPolicy()


@dataclass(frozen=True, slots=True)
class Poured:
    """What is in the cup for a portion: the dose is this, whatever was ordered."""

    pour_id: UUID
    bottle_id: UUID
    volume_ul: int
    concentration_ug_per_ml: int

    @property
    def dose_ug(self) -> int:
        """To the whole microgram, as doses are kept."""
        return round(self.volume_ul * self.concentration_ug_per_ml / 1000)


def ask_pour(
    work: Work, *, patient_id: UUID, window: int, order_number: int, portion: int
) -> PourAsked:
    """Keep that the window's pump is going to be asked for this portion.

    Raises: Refused with every reason the dose itself would be; Clash while an earlier pour of
    this dose or of this pump is not settled, or when the order changed; Forbidden; NotFound.
    """
    work.actor.require(Permission.GIVE_DOSE)
    patients.take_turn(work, patient_id=patient_id)
    pump = hardware.pump_at_window(work, window=window)
    if pump is None:
        raise Refused(NO_PUMP)
    facts = facts_for_dose(work, patient_id=patient_id, window=window, portion=portion).facts
    may_dose(facts).require()
    order, bottle, volume_ml = facts.order, facts.bottle, volume_of(facts)
    if order is None or bottle is None or volume_ml is None:
        raise Refused(NOT_POURED)
    if order.number != order_number:
        raise Clash(ORDER_CHANGED)
    pour = PumpPour(
        id=work.new_id(),
        site_id=work.site.id,
        patient_id=patient_id,
        order_id=order.id,
        order_number=order.number,
        portion=portion,
        window=window,
        pump_id=pump.id,
        bottle_id=bottle.id,
        concentration_ug_per_ml=micrograms(bottle.concentration_mg_per_ml),
        wanted_ul=microlitres(volume_ml),
        status=PourStatus.REQUESTED,
        **work.on_service_day(),
        **work.attribution,
    )
    work.session.add(pour)
    work.session.flush()
    _leaf(work, pour, "pump.ask")
    return PourAsked(pour.id, pump.address, pour.wanted_ul)


def record_poured(work: Work, *, pour_id: UUID, actual_ul: int) -> None:
    """Write down what the pump says came out. Told again, it changes nothing.

    Raises: NotFound.
    """
    pour = _pour(work, pour_id)
    if pour.status not in {PourStatus.REQUESTED, PourStatus.UNKNOWN}:
        return
    pour.status = PourStatus.POURED if actual_ul else PourStatus.FAILED
    pour.actual_ul, pour.reason = actual_ul, ""
    _leaf(work, pour, "pump.poured")


def record_failed(work: Work, *, pour_id: UUID, reason: str) -> None:
    """Write down that nothing came out: the pump was not reached, or refused.

    Raises: NotFound.
    """
    pour = _pour(work, pour_id)
    if pour.status is not PourStatus.REQUESTED:
        return
    pour.status, pour.reason = PourStatus.FAILED, reason[:200]
    _leaf(work, pour, "pump.failed")


def record_unknown(work: Work, *, pour_id: UUID, reason: str) -> None:
    """Write down that nobody knows whether anything came out.

    Raises: NotFound.
    """
    pour = _pour(work, pour_id)
    if pour.status not in {PourStatus.REQUESTED, PourStatus.UNKNOWN}:
        return
    pour.status, pour.reason = PourStatus.UNKNOWN, reason[:200]
    _leaf(work, pour, "pump.unknown")


def settle_measured(
    work: Work, *, pour_id: UUID, measured_ul: int, reason: str, witness_id: UUID
) -> None:
    """Settle a pour the pump cannot tell about by what two people measured in the cup.

    Nothing in the cup: nothing was poured.
    Raises: Clash when it is settled already; Refused without a reason or a proper witness.
    """
    work.actor.require(Permission.GIVE_DOSE)
    pour = _pour(work, pour_id)
    if pour.status not in {PourStatus.REQUESTED, PourStatus.UNKNOWN}:
        raise Clash(SETTLED)
    if not reason or measured_ul < 0:
        raise Refused("Say what was measured, and why the pump could not tell.")
    stock.require_witness(work, witness_id)
    pour.status = PourStatus.POURED if measured_ul else PourStatus.FAILED
    pour.actual_ul, pour.reason = measured_ul, reason
    pour.settled_by, pour.settled_at, pour.witnessed_by = work.actor.id, work.now, witness_id
    _leaf(work, pour, "pump.measured")


def waste_pour(work: Work, *, pour_id: UUID, reason: str, witness_id: UUID) -> None:
    """Waste what is in the cup before a witness; it never goes back into the bottle.

    Source: 21 CFR 1304.21 and site policy: a poured dose that was not taken is waste.
    Raises: Clash unless the poured volume is known; Refused without a proper witness or reason.
    """
    work.actor.require(Permission.GIVE_DOSE)
    pour = _pour(work, pour_id)
    if pour.status is not PourStatus.POURED or not pour.actual_ul:
        raise Clash("Only a pour whose volume is known can be wasted.")
    stock.waste(
        work,
        bottle_id=pour.bottle_id,
        quantity=pour.actual_ul,
        witness_id=witness_id,
        reason=reason,
    )
    pour.status, pour.reason = PourStatus.WASTED, reason
    pour.settled_by, pour.settled_at, pour.witnessed_by = work.actor.id, work.now, witness_id
    _leaf(work, pour, "pump.wasted")


def poured_for(work: Work, facts: DoseFacts, *, patient_id: UUID) -> Poured | None:
    """What the pump poured for a portion of today; None when it is poured by hand.

    Raises: Refused while nobody knows the volume, or when it is not the ordered one.
    """
    if facts.order is None or facts.order.form is not Form.ORAL_CONCENTRATE:
        return None
    pour = work.session.scalar(
        sa.select(PumpPour)
        .where(
            PumpPour.site_id == work.site.id,
            PumpPour.patient_id == patient_id,
            PumpPour.service_date == work.service_date,
            PumpPour.portion == facts.portion,
            PumpPour.status.in_((PourStatus.REQUESTED, PourStatus.UNKNOWN, PourStatus.POURED)),
        )
        .with_for_update()
    )
    if pour is None:
        return None
    may_give_poured(
        status=pour.status,
        wanted_ul=pour.wanted_ul,
        actual_ul=pour.actual_ul,
        policy=sites.policy(work, _POLICY, of="pump", on=work.service_date),
    ).require()
    return Poured(pour.id, pour.bottle_id, pour.actual_ul or 0, pour.concentration_ug_per_ml)


def mark_given(work: Work, *, pour_id: UUID, dose_id: UUID) -> None:
    """Tie the pour to the dose it became.

    Raises: NotFound.
    """
    pour = _pour(work, pour_id)
    pour.status, pour.dose_id = PourStatus.GIVEN, dose_id
    pour.settled_by, pour.settled_at = work.actor.id, work.now
    work.session.flush()


def _pour(work: Work, pour_id: UUID) -> PumpPour:
    pour = work.session.scalar(
        sa.select(PumpPour)
        .where(PumpPour.site_id == work.site.id, PumpPour.id == pour_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if pour is None:
        raise NotFound("pour")
    return pour


def _leaf(work: Work, pour: PumpPour, action: str) -> None:
    work.session.flush()
    audit.record(
        work,
        action=action,
        subject=f"pour {pour.id}",
        patient_id=pour.patient_id,
        detail={
            "wanted_ml": str(ml(pour.wanted_ul)),
            "actual_ml": None if pour.actual_ul is None else str(ml(pour.actual_ul)),
            "status": pour.status.value,
            "reason": pour.reason,
            "portion": pour.portion,
            "window": pour.window,
        },
    )
