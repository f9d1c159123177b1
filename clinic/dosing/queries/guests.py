"""Guest stays as the chart, the list and the packet read them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core.errors import NotFound
from clinic.core.units import mg
from clinic.data.work import Work
from clinic.dosing.facts import PatientCard
from clinic.dosing.facts.guests import (
    GuestDirection,
    GuestPolicy,
    GuestProposal,
    GuestStay,
    LastDose,
    OtherProgram,
    ReportedDose,
)
from clinic.dosing.models import GuestDose
from clinic.dosing.models import GuestStay as StayRow
from clinic.dosing.queries.chart import doses_of
from clinic.patients.models import Patient
from clinic.sites import queries as sites

_POLICY = GuestPolicy()


def guest_policy(work: Work) -> GuestPolicy:
    """How long a patient may be a guest at this site."""
    return sites.policy(work, _POLICY, of="guests", on=work.service_date)


def stays_of(work: Work, *, patient_id: UUID) -> list[GuestStay]:
    """The patient's stays at this site, newest first, with the doses told of."""
    return [stay for stay, _ in _stays(work, StayRow.patient_id == patient_id)]


def stays_on(work: Work, *, day: date) -> list[tuple[GuestStay, PatientCard]]:
    """Everybody's stays that have not ended before a day, soonest first."""
    return sorted(
        _stays(work, StayRow.ends_on > day, StayRow.ends_on > StayRow.starts_on),
        key=lambda found: found[0].proposal.starts_on,
    )


def guest_here(work: Work, *, patient_id: UUID, day: date) -> GuestStay | None:
    """The stay of a guest from another program that covers a day, or the next one to come."""
    coming = (
        one
        for one in stays_of(work, patient_id=patient_id)
        if one.proposal.direction is GuestDirection.IN
        and one.proposal.ends_on > max(day, one.proposal.starts_on)
    )
    return min(coming, key=lambda one: one.proposal.starts_on, default=None)


def stay(work: Work, *, stay_id: UUID) -> tuple[GuestStay, PatientCard]:
    """One stay.

    Raises: NotFound at another site.
    """
    found = _stays(work, StayRow.id == stay_id)
    if not found:
        raise NotFound("guest stay")
    return found[0]


def last_dose_before(work: Work, *, patient_id: UUID, day: date) -> LastDose | None:
    """The last live dose given under observation up to a day."""
    live = [
        dose for dose in doses_of(work, patient_id=patient_id, until=day) if dose.voided is None
    ]
    if not live:
        return None
    last = live[-1]
    return LastDose(last.dose_mg, last.service_date, f"{last.given_at:%H:%M}", observed=True)


def _stays(work: Work, *conditions: sa.ColumnElement[bool]) -> list[tuple[GuestStay, PatientCard]]:
    found = work.session.execute(
        sa.select(StayRow, Patient)
        .join(Patient, Patient.id == StayRow.patient_id)
        .where(StayRow.site_id == work.site.id, *conditions)
        .order_by(StayRow.number.desc(), StayRow.id)
    ).all()
    doses = _reported(work, [row.id for row, _ in found])
    return [(_stay(work, row, doses.get(row.id, ())), _card(patient)) for row, patient in found]


def _reported(work: Work, stay_ids: list[UUID]) -> dict[UUID, tuple[ReportedDose, ...]]:
    reported: dict[UUID, tuple[ReportedDose, ...]] = {}
    if not stay_ids:
        return reported
    for row in work.session.scalars(
        sa.select(GuestDose)
        .where(GuestDose.site_id == work.site.id, GuestDose.stay_id.in_(stay_ids))
        .order_by(GuestDose.given_on)
    ):
        dose = ReportedDose(
            id=row.id,
            given_on=row.given_on,
            dose_mg=mg(row.dose_ug),
            told_by=row.told_by,
            recorded_at=work.site.local(row.recorded_at),
            recorded_by=row.recorded_by_name,
        )
        reported[row.stay_id] = (*reported.get(row.stay_id, ()), dose)
    return reported


def _stay(work: Work, row: StayRow, doses: tuple[ReportedDose, ...]) -> GuestStay:
    last_dose = None
    if row.last_dose_ug is not None and row.last_dose_on is not None:
        last_dose = LastDose(
            mg(row.last_dose_ug), row.last_dose_on, row.last_dose_time, row.last_dose_observed
        )
    is_guest = row.direction is GuestDirection.IN
    proposal = GuestProposal(
        direction=row.direction,
        other=OtherProgram(
            row.other_name, row.other_address, row.other_telephone, row.other_contact
        ),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        reason=row.reason,
        justification=row.justification,
        consent_on=row.consent_on,
        dose_mg=mg(row.dose_ug) if is_guest else None,
        last_dose=last_dose,
        take_homes_in_hand=row.take_homes_in_hand,
        urine_summary=row.urine_summary,
        allergies=row.allergies,
        id_seen=row.id_seen,
        verified_with=row.verified_with,
    )
    return GuestStay(
        id=row.id,
        patient_id=row.patient_id,
        number=row.number,
        proposal=proposal,
        medication=row.medication,
        form=row.form,
        dose_mg=mg(row.dose_ug),
        order_number=row.order_number,
        recorded_at=work.site.local(row.recorded_at),
        recorded_by=row.recorded_by_name,
        ended_at=None if row.ended_at is None else work.site.local(row.ended_at),
        ended_because=row.ended_because,
        ended_on=None if row.ended_at is None else row.ends_on,
        doses=doses,
    )


def _card(patient: Any) -> PatientCard:
    return PatientCard(
        patient.id,
        patient.code,
        patient.given_names,
        patient.family_name,
        patient.preferred_name,
        patient.birth_date,
    )
