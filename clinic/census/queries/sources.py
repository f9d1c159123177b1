"""Where each field of the query page's catalogue is read from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.census.facts.questions import AGES, RowKind
from clinic.data.work import Work
from clinic.dosing.models import Dose, DoseVoid, TakeHomeBottle
from clinic.patients.models import Patient
from clinic.programs.models import CareTransition, Episode
from clinic.rewards.models import RewardEnrolment, RewardVisit
from clinic.scheduling.models import Booking, Session
from clinic.toxicology.models import Result

Expression: TypeAlias = sa.SQLColumnExpression[Any]


@dataclass(frozen=True, slots=True)
class Source:
    """The rows of one kind at one site, each joined to its patient.

    Shape: ``fields`` has an expression for every field the catalogue lists for this kind, by
    name; ``newest`` is what a list is ordered by.
    """

    tables: sa.FromClause
    scope: tuple[sa.ColumnElement[bool], ...]
    newest: Expression
    fields: Mapping[str, Expression]


def source(work: Work, rows: RowKind) -> Source:
    """Everything of that kind at the site of the work."""
    return _SOURCES[rows](work)


def _of_person(work: Work) -> dict[str, Expression]:
    bands = [
        (Patient.birth_date > _years_before(work.service_date, until), str(least))
        for least, until in zip(AGES, list(AGES)[1:], strict=False)
    ]
    return {
        "sex": Patient.sex,
        "age": sa.case(*bands, else_=str(max(AGES))),
        "pregnant": Patient.is_pregnant,
    }


def _years_before(day: date, years: int) -> date:
    """Whoever was born later is younger than that many years."""
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - years, day=28 if leap_day else day.day)


def _patients(work: Work) -> Source:
    own = sa.select(sa.func.count()).where(
        Episode.site_id == work.site.id, Episode.patient_id == Patient.id
    )
    return Source(
        tables=Patient.__table__,
        scope=(
            Patient.organization_id == work.site.organization_id,
            sa.exists().where(Episode.site_id == work.site.id, Episode.patient_id == Patient.id),
        ),
        newest=Patient.id,
        fields=_of_person(work)
        | {
            "in_care": own.where(Episode.closed_on.is_(None)).scalar_subquery() > 0,
            "episodes": own.scalar_subquery(),
            "birth_date": Patient.birth_date,
        },
    )


def _episodes(work: Work) -> Source:
    first, last = aliased(CareTransition), aliased(CareTransition)
    latest = aliased(CareTransition)
    return Source(
        tables=_with_patient(Episode)
        .join(first, _step_of_episode(first, sa.literal(1)))
        .join(
            last,
            _step_of_episode(
                last,
                sa.select(sa.func.max(latest.sequence))
                .where(latest.site_id == Episode.site_id, latest.episode_id == Episode.id)
                .correlate(Episode)
                .scalar_subquery(),
            ),
        ),
        scope=(Episode.site_id == work.site.id,),
        newest=first.service_date,
        fields=_of_person(work)
        | {
            "date": first.service_date,
            "state": last.to_state,
            "is_open": Episode.closed_on.is_(None),
            "closed": Episode.closed_on,
            "reason": last.discharge_reason,
            "referral": Episode.referral_source,
            "injects": Episode.injects,
            "number": Episode.number,
        },
    )


def _step_of_episode(step: Any, sequence: Expression) -> sa.ColumnElement[bool]:
    return sa.and_(
        step.site_id == Episode.site_id,
        step.episode_id == Episode.id,
        step.sequence == sequence,
    )


def _doses(work: Work) -> Source:
    return Source(
        tables=_with_patient(Dose),
        scope=(
            Dose.site_id == work.site.id,
            ~sa.exists().where(DoseVoid.site_id == Dose.site_id, DoseVoid.dose_id == Dose.id),
        ),
        newest=Dose.service_date,
        fields=_of_person(work)
        | {
            "date": Dose.service_date,
            "medication": Dose.medication,
            "form": Dose.form,
            "dose_mg": Dose.dose_ug,
            "origin": Dose.origin,
        },
    )


def _bookings(work: Work) -> Source:
    return Source(
        tables=_with_patient(Booking).join(Session, Session.id == Booking.session_id),
        scope=(Booking.site_id == work.site.id,),
        newest=Booking.service_date,
        fields=_of_person(work)
        | {
            "date": Booking.service_date,
            "status": Booking.status,
            "treatment": Session.modality,
            "setting": Session.setting,
        },
    )


def _results(work: Work) -> Source:
    return Source(
        tables=_with_patient(Result),
        scope=(Result.site_id == work.site.id,),
        newest=Result.service_date,
        fields=_of_person(work)
        | {"date": Result.service_date, "analyte": Result.analyte, "reading": Result.reading},
    )


def _reward_visits(work: Work) -> Source:
    return Source(
        tables=_with_patient(RewardVisit).join(
            RewardEnrolment, RewardEnrolment.id == RewardVisit.enrolment_id
        ),
        scope=(RewardVisit.site_id == work.site.id,),
        newest=RewardVisit.service_date,
        fields=_of_person(work)
        | {
            "date": RewardVisit.service_date,
            "protocol": RewardEnrolment.protocol,
            "outcome": RewardVisit.outcome,
            "amount": RewardVisit.amount_cents,
        },
    )


def _bottles(work: Work) -> Source:
    return Source(
        tables=_with_patient(TakeHomeBottle),
        scope=(
            TakeHomeBottle.site_id == work.site.id,
            TakeHomeBottle.handed_out_on.is_not(None),
        ),
        newest=TakeHomeBottle.handed_out_on,
        fields=_of_person(work)
        | {
            "date": TakeHomeBottle.handed_out_on,
            "take_on": TakeHomeBottle.take_on,
            "medication": TakeHomeBottle.medication,
            "dose_mg": TakeHomeBottle.dose_ug,
            "kind": TakeHomeBottle.kind,
            "state": TakeHomeBottle.state,
        },
    )


def _with_patient(of: Any) -> sa.Join:
    return sa.join(of, Patient, Patient.id == of.patient_id)


_SOURCES: Mapping[RowKind, Callable[[Work], Source]] = MappingProxyType(
    {
        RowKind.PATIENTS: _patients,
        RowKind.EPISODES: _episodes,
        RowKind.DOSES: _doses,
        RowKind.BOOKINGS: _bookings,
        RowKind.RESULTS: _results,
        RowKind.REWARD_VISITS: _reward_visits,
        RowKind.BOTTLES: _bottles,
    }
)
