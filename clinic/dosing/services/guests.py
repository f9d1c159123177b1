"""Guest dosing: send a patient with a packet, receive one, report doses, end a stay."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.errors import Clash, NotFound, Refused
from clinic.core.permissions import Permission
from clinic.core.service_dates import ONE_DAY
from clinic.core.units import micrograms
from clinic.data.work import Work
from clinic.dosing.facts import OrderInForce
from clinic.dosing.facts.guests import GuestDirection, GuestProposal
from clinic.dosing.models import GuestDose, GuestStay
from clinic.dosing.queries import covered
from clinic.dosing.queries.chart import doses_of
from clinic.dosing.queries.guests import guest_policy, last_dose_before
from clinic.dosing.queries.orders import orders_of
from clinic.dosing.queries.take_home_records import next_number
from clinic.dosing.queries.take_homes import count_expected
from clinic.dosing.rules.guests import GuestFacts, may_be_guest
from clinic.patients import services as patients
from clinic.stock.facts import FORMS_OF, Form, Medication


def begin_stay(
    work: Work,
    *,
    patient_id: UUID,
    proposal: GuestProposal,
    medication: Medication = Medication.METHADONE,
) -> UUID:
    """Record a stay. Our own patient is not dosed here on its days; a guest still needs an order.

    Beyond the usual length the prescriber signs. ``medication`` is read only for guests.
    Raises: Refused with every reason; Clash when another stay covers some days; Forbidden.
    """
    if not work.actor.may(Permission.ORDER_MEDICATION):
        work.actor.require(Permission.GIVE_DOSE)
    patients.take_turn(work, patient_id=patient_id)
    order = _order_on(work, patient_id, proposal)
    facts = GuestFacts(
        today=work.service_date,
        order=order,
        covered=_covered(work, patient_id, proposal),
        may_extend=work.actor.may(Permission.ORDER_MEDICATION),
        policy=guest_policy(work),
    )
    may_be_guest(proposal, facts=facts).require()
    last = proposal.last_dose
    in_hand = proposal.take_homes_in_hand
    dose_mg = proposal.dose_mg
    form = _form_of(medication)
    if proposal.direction is GuestDirection.OUT and order is not None:
        last = last_dose_before(work, patient_id=patient_id, day=proposal.starts_on)
        in_hand = count_expected(work, patient_id=patient_id).sealed_expected
        dose_mg, medication, form = order.dose_mg, order.medication, order.form
    if dose_mg is None:
        raise Refused("Write the dose.")
    stay = GuestStay(
        id=work.new_id(),
        site_id=work.site.id,
        patient_id=patient_id,
        number=next_number(work, GuestStay, patient_id=patient_id),
        direction=proposal.direction,
        reason=proposal.reason,
        justification=proposal.justification,
        other_name=proposal.other.name,
        other_address=proposal.other.address,
        other_telephone=proposal.other.telephone,
        other_contact=proposal.other.contact,
        starts_on=proposal.starts_on,
        ends_on=proposal.ends_on,
        consent_on=proposal.consent_on,
        order_id=None if order is None else order.id,
        order_number=None if order is None else order.number,
        medication=medication,
        form=form,
        dose_ug=micrograms(dose_mg),
        last_dose_ug=None if last is None else micrograms(last.dose_mg),
        last_dose_on=None if last is None else last.given_on,
        last_dose_time="" if last is None else last.given_at,
        last_dose_observed=last is None or last.observed,
        take_homes_in_hand=in_hand,
        urine_summary=proposal.urine_summary,
        allergies=proposal.allergies,
        id_seen=proposal.id_seen,
        verified_with=proposal.verified_with,
        **work.attribution,
    )
    work.session.add(stay)
    work.session.flush()
    audit.record(
        work,
        action=f"guest.{proposal.direction.value}",
        subject=f"guest stay {stay.number}",
        patient_id=patient_id,
        detail={
            "program": proposal.other.name,
            "starts_on": proposal.starts_on.isoformat(),
            "ends_on": proposal.ends_on.isoformat(),
        },
    )
    return stay.id


def end_stay(work: Work, *, stay_id: UUID, reason: str) -> date:
    """End a stay early; the first day our own patient is dosed here again.

    A day the host has told us of stays theirs.
    Raises: Clash when it is over; Refused without a reason; NotFound; Forbidden.
    """
    if not work.actor.may(Permission.ORDER_MEDICATION):
        work.actor.require(Permission.GIVE_DOSE)
    stay = _one(work, stay_id)
    today = work.service_date
    if stay.ended_at is not None or stay.ends_on <= today:
        raise Clash("This stay is over.")
    if not reason.strip():
        raise Refused("Say why.")
    last_told = work.session.scalar(
        sa.select(sa.func.max(GuestDose.given_on)).where(
            GuestDose.site_id == work.site.id, GuestDose.stay_id == stay_id
        )
    )
    ends_on = max(today, stay.starts_on)
    if last_told is not None and last_told >= ends_on:
        ends_on = last_told + ONE_DAY
    stay.ends_on = ends_on
    stay.ended_at, stay.ended_because = work.now, reason
    work.session.flush()
    audit.record(
        work,
        action="guest.end",
        subject=f"guest stay {stay.number}",
        patient_id=stay.patient_id,
        detail={"ends_on": ends_on.isoformat(), "reason": reason},
    )
    return ends_on


def report_dose(
    work: Work, *, stay_id: UUID, given_on: date, dose_mg: Decimal, told_by: str
) -> UUID:
    """Write down a dose one program told the other of; our own patient's covers the day.

    Raises: Refused for a day outside the stay, a future day, or a guest's dose that was not given
    here; Clash when told of already; NotFound; Forbidden.
    """
    work.actor.require(Permission.GIVE_DOSE)
    stay = _one(work, stay_id)
    wrong = []
    if not stay.starts_on <= given_on < stay.ends_on:
        wrong.append("That day is no part of the stay.")
    if given_on > work.service_date:
        wrong.append("That day has not come.")
    if dose_mg <= 0 or not told_by.strip():
        wrong.append("Write the dose, and who told whom.")
    if stay.direction is GuestDirection.IN and not wrong:
        given = [
            dose
            for dose in doses_of(
                work, patient_id=stay.patient_id, first=given_on, until=given_on + ONE_DAY
            )
            if dose.voided is None
        ]
        if not given:
            wrong.append("No dose was given here on that day.")
    if wrong:
        raise Refused(wrong)
    dose = GuestDose(
        id=work.new_id(),
        site_id=work.site.id,
        stay_id=stay_id,
        patient_id=stay.patient_id,
        given_on=given_on,
        dose_ug=micrograms(dose_mg),
        told_by=told_by,
        **work.on_service_day(),
        **work.attribution,
    )
    work.session.add(dose)
    work.session.flush()
    audit.record(
        work,
        action="guest.report_dose",
        subject=f"guest stay {stay.number}",
        patient_id=stay.patient_id,
        detail={"given_on": given_on.isoformat(), "dose_mg": str(dose_mg), "told_by": told_by},
    )
    return dose.id


def _one(work: Work, stay_id: UUID) -> GuestStay:
    query = sa.select(GuestStay).where(GuestStay.site_id == work.site.id, GuestStay.id == stay_id)
    stay = work.session.scalar(query)
    if stay is None:
        raise NotFound("guest stay")
    patients.take_turn(work, patient_id=stay.patient_id)
    return work.session.scalars(
        query.with_for_update().execution_options(populate_existing=True)
    ).one()


def _order_on(work: Work, patient_id: UUID, proposal: GuestProposal) -> OrderInForce | None:
    if proposal.direction is GuestDirection.IN:
        return None
    orders = orders_of(work, patient_id=patient_id)
    return next((one for one in orders if one.covers(proposal.starts_on)), None)


def _covered(work: Work, patient_id: UUID, proposal: GuestProposal) -> frozenset[date]:
    if proposal.ends_on <= proposal.starts_on:
        return frozenset()
    days = {"first": proposal.starts_on, "until": proposal.ends_on}
    given = doses_of(work, patient_id=patient_id, **days)
    dosed = {dose.service_date for dose in given if dose.voided is None}
    at_home = covered.of_patient(work, patient_id=patient_id, **days)
    return frozenset(dosed | {day for day, how in at_home.items() if how.startswith("take-home")})


def _form_of(medication: Medication) -> Form:
    """The form a guest's home program most likely gives; the order here says the rest."""
    forms = FORMS_OF[medication]
    return Form.ORAL_CONCENTRATE if Form.ORAL_CONCENTRATE in forms else Form.SUBLINGUAL
