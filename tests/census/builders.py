"""A ward in a few words: who came when, moved where, left why."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

import sqlalchemy as sa

from clinic.data.types import new_id
from clinic.data.work import Work
from clinic.dosing.facts import DoseOrigin, OrderStatus, VoidReason
from clinic.dosing.models import Dose, DoseVoid, MedicationOrder
from clinic.patients.facts import Sex
from clinic.patients.models import Patient
from clinic.programs.facts import CareState, DischargeReason, MedicationState, ReferralSource
from clinic.programs.models import CareTransition, Episode, MedicationTransition
from clinic.scheduling.facts import BookingStatus, SessionStatus, Setting
from clinic.scheduling.models import AttendanceEvent, Booking, Session
from clinic.stock.facts import Form, Medication
from clinic.therapies.models import Course
from tests import cast

OTP = CareState.OPIOID_TREATMENT
BORN = date(1985, 5, 17)


def attribution(work: Work, *, recorded_at: datetime | None = None) -> dict[str, object]:
    return {
        "recorded_at": recorded_at or work.now,
        "recorded_by": work.actor.id,
        "recorded_by_name": work.actor.name,
    }


def at_noon(work: Work, *, on: date) -> dict[str, object]:
    return {
        "occurred_at": work.site.instant(on, time(12, 0)),
        "service_date": on,
        "time_zone": work.site.time_zone,
    }


def a_patient(work: Work, *, name: str = "Ash") -> UUID:
    patient = Patient(
        id=new_id(),
        organization_id=work.site.organization_id,
        code=f"P-{new_id().hex[-8:]}",
        family_name=name,
        given_names="Test",
        birth_date=BORN,
        sex=Sex.UNKNOWN,
        search_text=name.lower(),
        **attribution(work),
    )
    work.session.add(patient)
    work.session.flush()
    return patient.id


def asks(work: Work, *, on: date, name: str = "Ash", patient_id: UUID | None = None) -> Episode:
    """Somebody asks for treatment: an episode that begins with an inquiry."""
    patient_id = patient_id or a_patient(work, name=name)
    number = work.session.scalar(sa.select(sa.func.count()).where(Episode.patient_id == patient_id))
    episode = Episode(
        id=new_id(),
        site_id=work.site.id,
        patient_id=patient_id,
        number=(number or 0) + 1,
        requested_at=work.site.instant(on, time(9, 0)),
        referral_source=ReferralSource.SELF,
        **attribution(work),
    )
    work.session.add(episode)
    work.session.flush()
    _step(work, episode=episode, on=on, from_state=None, to=CareState.INQUIRY)
    return episode


def moves(
    work: Work,
    *,
    episode: Episode,
    on: date,
    to: CareState,
    reason: DischargeReason | None = None,
    recorded_at: datetime | None = None,
) -> None:
    last = work.session.scalars(
        sa.select(CareTransition)
        .where(CareTransition.episode_id == episode.id)
        .order_by(CareTransition.sequence.desc())
        .limit(1)
    ).one()
    _step(
        work,
        episode=episode,
        on=on,
        from_state=last.to_state,
        to=to,
        reason=reason,
        recorded_at=recorded_at,
        sequence=last.sequence + 1,
    )


def admitted(
    work: Work,
    *,
    on: date,
    name: str = "Ash",
    to: CareState = OTP,
    patient_id: UUID | None = None,
) -> Episode:
    episode = asks(work, on=on, name=name, patient_id=patient_id)
    moves(work, episode=episode, on=on, to=to)
    return episode


def discharged(
    work: Work,
    *,
    episode: Episode,
    on: date,
    reason: DischargeReason = DischargeReason.COMPLETED,
    recorded_at: datetime | None = None,
) -> None:
    moves(
        work,
        episode=episode,
        on=on,
        to=CareState.DISCHARGED,
        reason=reason,
        recorded_at=recorded_at,
    )
    episode.closed_on = on
    work.session.flush()


def takes(work: Work, *, episode: Episode, on: date, medication: MedicationState) -> None:
    before = work.session.scalars(
        sa.select(MedicationTransition)
        .where(MedicationTransition.episode_id == episode.id)
        .order_by(MedicationTransition.sequence.desc())
        .limit(1)
    ).first()
    work.session.add(
        MedicationTransition(
            id=new_id(),
            site_id=work.site.id,
            episode_id=episode.id,
            patient_id=episode.patient_id,
            sequence=before.sequence + 1 if before else 1,
            from_medication=before.to_medication if before else MedicationState.NONE,
            to_medication=medication,
            **at_noon(work, on=on),
            **attribution(work),
        )
    )
    work.session.flush()


def a_course(
    work: Work, *, episode: Episode, modality: str, on: date, until: date | None = None
) -> None:
    work.session.add(
        Course(
            id=new_id(),
            site_id=work.site.id,
            patient_id=episode.patient_id,
            episode_id=episode.id,
            modality=modality,
            starts_on=on,
            ended_on=until,
            ended_why="completed" if until else None,
            sessions_planned=12,
            decision={},
            **attribution(work),
        )
    )
    work.session.flush()


def ordered(work: Work, *, episode: Episode, on: date, until: date | None = None) -> UUID:
    order = MedicationOrder(
        id=new_id(),
        site_id=work.site.id,
        patient_id=episode.patient_id,
        episode_id=episode.id,
        number=1,
        medication=Medication.METHADONE,
        form=Form.ORAL_CONCENTRATE,
        dose_ug=30_000,
        starts_on=on,
        ends_on=until,
        status=OrderStatus.ACTIVE,
        decision={},
        **attribution(work),
    )
    work.session.add(order)
    work.session.flush()
    return order.id


def dosed(work: Work, *, episode: Episode, order_id: UUID, on: date) -> UUID:
    dose = Dose(
        id=new_id(),
        site_id=work.site.id,
        patient_id=episode.patient_id,
        origin=DoseOrigin.WINDOW,
        order_id=order_id,
        order_number=1,
        medication=Medication.METHADONE,
        form=Form.ORAL_CONCENTRATE,
        dose_ug=30_000,
        decision={},
        **at_noon(work, on=on),
        **attribution(work),
    )
    work.session.add(dose)
    work.session.flush()
    return dose.id


def taken_back(work: Work, *, episode: Episode, dose_id: UUID, on: date) -> None:
    work.session.add(
        DoseVoid(
            id=new_id(),
            site_id=work.site.id,
            dose_id=dose_id,
            patient_id=episode.patient_id,
            reason=VoidReason.REFUSED,
            witnessed_by=cast.NELL.id,
            **at_noon(work, on=on),
            **attribution(work),
        )
    )
    work.session.flush()


def booked(
    work: Work,
    *,
    patient_id: UUID,
    on: date,
    status: BookingStatus,
    recorded_on: date | None = None,
) -> None:
    starts, ends = work.site.instant(on, time(10, 0)), work.site.instant(on, time(11, 0))
    session = Session(
        id=new_id(),
        site_id=work.site.id,
        modality="cbt",
        title="Session",
        setting=Setting.IN_PERSON,
        starts_at=starts,
        ends_at=ends,
        service_date=on,
        time_zone=work.site.time_zone,
        capacity=1,
        status=SessionStatus.PLANNED,
        **attribution(work),
    )
    work.session.add(session)
    work.session.flush()
    booking_id = new_id()
    work.session.add(
        Booking(
            id=booking_id,
            site_id=work.site.id,
            session_id=session.id,
            capacity=1,
            place=1,
            patient_id=patient_id,
            starts_at=starts,
            ends_at=ends,
            service_date=on,
            status=status,
            **attribution(work),
        )
    )
    work.session.flush()
    if status is BookingStatus.BOOKED:
        return
    work.session.add(
        AttendanceEvent(
            id=new_id(),
            site_id=work.site.id,
            booking_id=booking_id,
            patient_id=patient_id,
            sequence=1,
            status=status,
            **at_noon(work, on=recorded_on or on),
            **attribution(work),
        )
    )
    work.session.flush()


def _step(
    work: Work,
    *,
    episode: Episode,
    on: date,
    from_state: CareState | None,
    to: CareState,
    reason: DischargeReason | None = None,
    recorded_at: datetime | None = None,
    sequence: int = 1,
) -> None:
    work.session.add(
        CareTransition(
            id=new_id(),
            site_id=work.site.id,
            episode_id=episode.id,
            patient_id=episode.patient_id,
            sequence=sequence,
            from_state=from_state,
            to_state=to,
            discharge_reason=reason,
            **at_noon(work, on=on),
            **attribution(work, recorded_at=recorded_at),
        )
    )
    work.session.flush()
