"""Tests as people read them: a patient's history, the year's count, the program's rates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.core.errors import NotFound
from clinic.data.work import Work
from clinic.programs.facts import MedicationState
from clinic.programs.models import Episode, MedicationTransition
from clinic.toxicology.facts import (
    Analyte,
    CollectionOutcome,
    DrugTest,
    LaboratorySpecimen,
    NegativeRates,
    RandomTestTerms,
    Reading,
    SentSpecimen,
    UrineCounts,
    YearOfTests,
)
from clinic.toxicology.models import ConfirmationRequest, ConfirmedResult, Result, Specimen
from clinic.toxicology.rules import uds_rates

_YEAR = timedelta(days=365)
_TERMS = RandomTestTerms()


def history(work: Work, *, patient_id: UUID, latest: int | None = None) -> tuple[DrugTest, ...]:
    """A patient's tests at this site, newest first; the ``latest`` few, or all.

    Shape: ``readings`` follow the order of the panel.
    """
    specimens = work.session.execute(
        sa.select(
            Specimen.id,
            Specimen.occurred_at,
            Specimen.service_date,
            Specimen.outcome,
            Specimen.was_random,
            Specimen.was_observed,
            Specimen.note,
            Specimen.recorded_by_name,
        )
        .where(Specimen.site_id == work.site.id, Specimen.patient_id == patient_id)
        .order_by(Specimen.service_date.desc(), Specimen.occurred_at.desc(), Specimen.id.desc())
        .limit(latest)
    ).all()
    since = min((specimen.service_date for specimen in specimens), default=work.service_date)
    found: dict[UUID, dict[Analyte, Reading]] = defaultdict(dict)
    for specimen_id, analyte, reading in work.session.execute(
        sa.select(Result.specimen_id, Result.analyte, Result.reading).where(
            Result.site_id == work.site.id,
            Result.patient_id == patient_id,
            Result.service_date >= since,
        )
    ):
        found[specimen_id][analyte] = reading
    return tuple(
        DrugTest(
            *specimen,
            readings={
                analyte: found[specimen.id][analyte]
                for analyte in Analyte
                if analyte in found[specimen.id]
            },
        )
        for specimen in specimens
    )


def at_laboratory(work: Work, *, patient_id: UUID) -> tuple[SentSpecimen, ...]:
    """The patient's specimens a laboratory has and has not reported, oldest first."""
    is_reported = sa.exists().where(
        ConfirmedResult.site_id == work.site.id,
        ConfirmedResult.specimen_id == ConfirmationRequest.specimen_id,
    )
    rows = work.session.execute(
        sa.select(
            Specimen.id,
            Specimen.service_date,
            ConfirmationRequest.occurred_at,
            ConfirmationRequest.laboratory,
        )
        .join(ConfirmationRequest, ConfirmationRequest.specimen_id == Specimen.id)
        .where(
            Specimen.site_id == work.site.id,
            ConfirmationRequest.site_id == work.site.id,
            Specimen.patient_id == patient_id,
            ~is_reported,
        )
        .order_by(ConfirmationRequest.occurred_at, ConfirmationRequest.id)
    ).all()
    read = readings_of(work, specimen_ids=[row.id for row in rows])
    return tuple(
        SentSpecimen(
            specimen_id=row.id,
            patient_id=patient_id,
            service_date=row.service_date,
            sent_at=row.occurred_at,
            laboratory=row.laboratory,
            readings=read.get(row.id, {}),
        )
        for row in rows
    )


def specimen(work: Work, *, patient_id: UUID, specimen_id: UUID) -> LaboratorySpecimen:
    """A collected specimen with what cup and laboratory read of it.

    Raises: NotFound for one that is not the patient's or was not collected.
    """
    row = work.session.execute(
        sa.select(
            Specimen.id,
            Specimen.service_date,
            ConfirmationRequest.occurred_at,
            ConfirmationRequest.laboratory,
        )
        .outerjoin(
            ConfirmationRequest,
            (ConfirmationRequest.site_id == Specimen.site_id)
            & (ConfirmationRequest.specimen_id == Specimen.id),
        )
        .where(
            Specimen.site_id == work.site.id,
            Specimen.patient_id == patient_id,
            Specimen.id == specimen_id,
            Specimen.outcome == CollectionOutcome.COLLECTED,
        )
    ).first()
    if row is None:
        raise NotFound("specimen")
    confirmed = confirmed_by_laboratory(work, patient_id=patient_id)
    return LaboratorySpecimen(
        specimen_id=row.id,
        service_date=row.service_date,
        sent_at=row.occurred_at,
        laboratory=row.laboratory or "",
        readings=readings_of(work, specimen_ids=[specimen_id]).get(specimen_id, {}),
        confirmed=confirmed.get(specimen_id, {}),
    )


def readings_of(
    work: Work, *, specimen_ids: Collection[UUID]
) -> dict[UUID, dict[Analyte, Reading]]:
    """What the cup read of each specimen."""
    found: defaultdict[UUID, dict[Analyte, Reading]] = defaultdict(dict)
    for specimen_id, analyte, reading in work.session.execute(
        sa.select(Result.specimen_id, Result.analyte, Result.reading).where(
            Result.site_id == work.site.id, Result.specimen_id.in_(specimen_ids)
        )
    ):
        found[specimen_id][analyte] = reading
    return dict(found)


def confirmed_by_laboratory(work: Work, *, patient_id: UUID) -> dict[UUID, dict[Analyte, Reading]]:
    """What laboratories read of the patient's specimens."""
    found: defaultdict[UUID, dict[Analyte, Reading]] = defaultdict(dict)
    for specimen_id, analyte, reading in work.session.execute(
        sa.select(
            ConfirmedResult.specimen_id, ConfirmedResult.analyte, ConfirmedResult.reading
        ).where(ConfirmedResult.site_id == work.site.id, ConfirmedResult.patient_id == patient_id)
    ):
        found[specimen_id][analyte] = reading
    return dict(found)


def tests_this_year(work: Work, *, patient_id: UUID) -> YearOfTests:
    """How many tests the patient gave in the year up to today, and how many of them at random.

    Source: 42 CFR 8.12(f)(6).
    """
    today = work.service_date
    collected, random = work.session.execute(
        sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(sa.case((Specimen.was_random, 1), else_=0)), 0),
        ).where(
            Specimen.site_id == work.site.id,
            Specimen.patient_id == patient_id,
            Specimen.outcome == CollectionOutcome.COLLECTED,
            Specimen.service_date > today - _YEAR,
            Specimen.service_date <= today,
        )
    ).one()
    return YearOfTests(collected=collected, random=random, terms=_TERMS)


def negative_rates(work: Work, *, first: date, until: date) -> NegativeRates:
    """The site's share of negative tests with a service date in ``[first, until)``."""
    found = urine_counts(work, first=first, until=until)
    return uds_rates(found.due, collected=found.collected, negative=found.negative)


def urine_counts(work: Work, *, first: date, until: date) -> UrineCounts:
    """How many tests of ``[first, until)`` were due, collected and negative; one statement.

    See ``tests_due`` for what each word means.
    """
    read = tests_due(work, first=first, until=until)
    row = work.session.execute(
        sa.select(
            sa.func.count(), _count(read.c.is_collected), _count(read.c.is_negative)
        ).select_from(read)
    ).one()
    return UrineCounts(*row)


def tests_due(work: Work, *, first: date, until: date) -> sa.Subquery:
    """Every test due with a service date in ``[first, until)``, and how it came out.

    An excused test was not due. One positive only for the medication the patient was on that day
    counts as negative; one of which nothing could be read was collected and is not negative.

    Shape: patient_id, service_date, outcome, is_collected, is_negative.
    """
    negatives = _count(Result.reading == Reading.NEGATIVE)
    positives = _count(Result.reading == Reading.POSITIVE)
    expected = _count(_is_expected())
    return (
        sa.select(
            Specimen.patient_id,
            Specimen.service_date,
            Specimen.outcome,
            (Specimen.outcome == CollectionOutcome.COLLECTED).label("is_collected"),
            sa.case((positives == 0, negatives > 0), else_=positives == expected).label(
                "is_negative"
            ),
        )
        .outerjoin(Result, Result.specimen_id == Specimen.id)
        .where(
            Specimen.site_id == work.site.id,
            Specimen.service_date >= first,
            Specimen.service_date < until,
            Specimen.outcome != CollectionOutcome.EXCUSED,
        )
        .group_by(Specimen.id, Specimen.patient_id, Specimen.service_date, Specimen.outcome)
        .subquery("tests_due")
    )


def _is_expected() -> sa.ColumnElement[bool]:
    """A positive reading of what the patient is treated with on that day."""
    medication = (
        sa.select(MedicationTransition.to_medication)
        # By way of the patient's episodes: that is how the transitions are indexed.
        .join(Episode, Episode.id == MedicationTransition.episode_id)
        .where(
            Episode.patient_id == Specimen.patient_id,
            MedicationTransition.site_id == Specimen.site_id,
            MedicationTransition.service_date <= Specimen.service_date,
        )
        .order_by(
            MedicationTransition.service_date.desc(),
            MedicationTransition.occurred_at.desc(),
            MedicationTransition.sequence.desc(),
        )
        .limit(1)
        .correlate(Specimen)
        .scalar_subquery()
    )
    treated_with = {
        MedicationState.METHADONE: (Analyte.METHADONE, Analyte.EDDP),
        MedicationState.BUPRENORPHINE: (Analyte.BUPRENORPHINE,),
    }
    return (Result.reading == Reading.POSITIVE) & sa.or_(
        *(
            Result.analyte.in_(analytes) & (medication == state)
            for state, analytes in treated_with.items()
        )
    )


def _one_if(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.case((condition, 1), else_=0)


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(_one_if(condition)), 0)
