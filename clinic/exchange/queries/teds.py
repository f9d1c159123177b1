"""The stays that began or ended within a range of days, as the data set's records want them."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.data.work import Work
from clinic.dosing.models import Dose, DoseVoid
from clinic.exchange.facts.teds import Stay, TedsBatch, Transaction, fields_of
from clinic.exchange.rules.teds import teds_record
from clinic.patients.models import Coverage, Patient
from clinic.programs.facts import LEVELS_OF_CARE, CareState, MedicationState
from clinic.programs.models import (
    CareTransition,
    Episode,
    EpisodeParticulars,
    MedicationTransition,
)
from clinic.scheduling.facts import BookingStatus
from clinic.scheduling.models import Booking
from clinic.sites import queries as sites

_IN_CARE = sorted(LEVELS_OF_CARE)
_Admission = aliased(CareTransition)
_Discharge = aliased(CareTransition)
_Before = aliased(CareTransition)
_Earlier = aliased(CareTransition)


def teds_batch(work: Work, *, transaction: Transaction, first: date, until: date) -> TedsBatch:
    """The records of every admission, or every discharge, in ``[first, until)``; two statements."""
    provider = sites.site(work).code
    return TedsBatch(
        transaction=transaction,
        fields=fields_of(transaction),
        records=tuple(
            teds_record(stay, transaction=transaction, provider=provider)
            for stay in stays(work, transaction=transaction, first=first, until=until)
        ),
    )


def stays(work: Work, *, transaction: Transaction, first: date, until: date) -> list[Stay]:
    """The stays that began, or that ended, on the days of the range, in order; one statement."""
    event = _Admission if transaction is Transaction.ADMISSION else _Discharge
    rows = work.session.execute(
        _all_stays(work)
        .where(event.service_date >= first, event.service_date < until)
        .order_by(event.service_date, Patient.code)
    )
    return [_stay(row, work) for row in rows]


def _all_stays(work: Work) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Patient.id.label("patient_id"),
            Episode.id.label("episode_id"),
            Patient.code,
            Patient.birth_date,
            Patient.sex,
            Episode.requested_at,
            Episode.referral_source,
            _Admission.service_date.label("admitted_on"),
            _Admission.to_state.label("level"),
            _Admission.planned_days,
            _Discharge.service_date.label("discharged_on"),
            _Discharge.from_state.label("level_at_discharge"),
            _Discharge.discharge_reason,
            _Before.planned_days.label("planned_days_at_discharge"),
            Coverage.payer,
            _earlier_stays().label("earlier_episodes"),
            _pregnant_at_first().label("pregnant"),
            _takes_medication().label("takes_medication"),
            _last_dose().label("last_dose_on"),
            _last_visit().label("last_visit_on"),
        )
        .select_from(Episode)
        .join(Patient, Patient.id == Episode.patient_id)
        .join(_Admission, sa.and_(_of_episode(_Admission), _enters_care(_Admission)))
        .outerjoin(_Discharge, sa.and_(_of_episode(_Discharge), _leaves_care(_Discharge)))
        .outerjoin(
            _Before,
            sa.and_(_of_episode(_Before), _Before.sequence == _Discharge.sequence - 1),
        )
        .outerjoin(
            Coverage,
            sa.and_(
                Coverage.organization_id == work.site.organization_id,
                Coverage.patient_id == Patient.id,
                Coverage.voided_at.is_(None),
                Coverage.starts_on <= _Admission.service_date,
                sa.or_(Coverage.ends_on.is_(None), Coverage.ends_on > _Admission.service_date),
            ),
        )
        .where(Episode.site_id == work.site.id)
    )


def _of_episode(moves: Any) -> sa.ColumnElement[bool]:
    return sa.and_(moves.site_id == Episode.site_id, moves.episode_id == Episode.id)


def _enters_care(moves: Any) -> sa.ColumnElement[bool]:
    return sa.and_(
        moves.to_state.in_(_IN_CARE),
        sa.or_(moves.from_state.is_(None), moves.from_state.not_in(_IN_CARE)),
    )


def _leaves_care(moves: Any) -> sa.ColumnElement[bool]:
    return sa.and_(moves.from_state.in_(_IN_CARE), moves.to_state == CareState.DISCHARGED)


def _earlier_stays() -> sa.ScalarSelect[int]:
    """Admissions of the same patient here in episodes before this one."""
    before = aliased(Episode)
    return (
        sa.select(sa.func.count())
        .select_from(before)
        .join(
            _Earlier,
            sa.and_(_Earlier.site_id == before.site_id, _Earlier.episode_id == before.id),
        )
        .where(
            before.site_id == Episode.site_id,
            before.patient_id == Episode.patient_id,
            before.number < Episode.number,
            _enters_care(_Earlier),
        )
        .correlate(Episode)
        .scalar_subquery()
    )


def _pregnant_at_first() -> sa.ColumnElement[bool]:
    """What the first particulars say held before any change; without one, the episode."""
    first = (
        sa.select(EpisodeParticulars.pregnant)
        .where(
            EpisodeParticulars.site_id == Episode.site_id,
            EpisodeParticulars.episode_id == Episode.id,
        )
        .order_by(EpisodeParticulars.sequence)
        .limit(1)
        .correlate(Episode)
        .scalar_subquery()
    )
    return sa.func.coalesce(first, Episode.pregnant)


def _takes_medication() -> sa.ColumnElement[bool]:
    return (
        sa.exists()
        .where(
            MedicationTransition.site_id == Episode.site_id,
            MedicationTransition.episode_id == Episode.id,
            MedicationTransition.to_medication != MedicationState.NONE,
        )
        .correlate(Episode)
    )


def _last_dose() -> sa.ScalarSelect[date]:
    return (
        sa.select(sa.func.max(Dose.service_date))
        .where(
            Dose.site_id == Episode.site_id,
            Dose.patient_id == Episode.patient_id,
            Dose.service_date >= _Admission.service_date,
            Dose.service_date <= _Discharge.service_date,
            ~sa.exists().where(DoseVoid.site_id == Dose.site_id, DoseVoid.dose_id == Dose.id),
        )
        .correlate(Episode, _Admission, _Discharge)
        .scalar_subquery()
    )


def _last_visit() -> sa.ScalarSelect[date]:
    return (
        sa.select(sa.func.max(Booking.service_date))
        .where(
            Booking.site_id == Episode.site_id,
            Booking.patient_id == Episode.patient_id,
            Booking.status == BookingStatus.ATTENDED,
            Booking.service_date >= _Admission.service_date,
            Booking.service_date <= _Discharge.service_date,
        )
        .correlate(Episode, _Admission, _Discharge)
        .scalar_subquery()
    )


def _stay(row: Any, work: Work) -> Stay:
    contacts = [day for day in (row.last_dose_on, row.last_visit_on) if day is not None]
    return Stay(
        patient_id=row.patient_id,
        episode_id=row.episode_id,
        client=row.code,
        birth_date=row.birth_date,
        sex=row.sex,
        requested_on=work.site.service_date(row.requested_at),
        admitted_on=row.admitted_on,
        level=row.level,
        planned_days=row.planned_days,
        earlier_episodes=row.earlier_episodes,
        referral_source=row.referral_source,
        pregnant=bool(row.pregnant),
        takes_medication=bool(row.takes_medication),
        payer_code=str(row.payer.teds_code) if row.payer else None,
        discharged_on=row.discharged_on,
        level_at_discharge=row.level_at_discharge,
        planned_days_at_discharge=row.planned_days_at_discharge,
        discharge_reason=row.discharge_reason,
        last_contact_on=max(contacts, default=None),
    )
