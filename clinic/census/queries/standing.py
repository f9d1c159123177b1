"""Where every episode stood when a clinic day ended, read from the transitions up to that day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, aliased

from clinic.census.facts import CARE_LEVELS
from clinic.data.work import Work
from clinic.programs.models import (
    CareTransition,
    Episode,
    EpisodeParticulars,
    MedicationTransition,
)

_Dated = type[CareTransition | MedicationTransition | EpisodeParticulars]


def standing(
    work: Work, *, day: date, at: datetime | None = None, known_by: datetime | None = None
) -> sa.Subquery:
    """Episodes not yet over at the end of ``day``, with the last of each of their facts by then.

    Shape: episode_id, patient_id, state, since, medication, particulars (the number of the last
    change); NULL before the first transition of that axis. With ``at`` the day is seen until that
    instant, with ``known_by`` from what had been recorded by then.
    Invariant: ``closed_on`` only spares looking at what was over before; the state itself is
    the last transition's. The cost follows the episodes open on that day, not the history.
    """

    def last(column: InstrumentedAttribute[Any], of: _Dated) -> sa.ScalarSelect[Any]:
        return _last(column, of=of, when=happened(of, day, at=at, known_by=known_by))

    return (
        sa.select(
            Episode.id.label("episode_id"),
            Episode.patient_id,
            last(CareTransition.to_state, CareTransition).label("state"),
            last(CareTransition.service_date, CareTransition).label("since"),
            last(MedicationTransition.to_medication, MedicationTransition).label("medication"),
            last(EpisodeParticulars.sequence, EpisodeParticulars).label("particulars"),
        )
        .where(Episode.site_id == work.site.id, _open(day, at=at, known_by=known_by))
        .subquery("standing")
    )


def happened(
    of: _Dated, day: date, *, at: datetime | None, known_by: datetime | None
) -> sa.ColumnElement[bool]:
    """The fact is of that day or before, of that instant or before, and was recorded by then."""
    until = [of.service_date <= day]
    if at is not None:
        until.append(of.occurred_at <= at)
    if known_by is not None:
        until.append(of.recorded_at <= known_by)
    return sa.and_(*until)


def _open(day: date, *, at: datetime | None, known_by: datetime | None) -> sa.ColumnElement[bool]:
    """The episode may not have been over, as far as ``closed_on`` can say."""
    closed_later = Episode.closed_on > day if at is None else Episode.closed_on >= day
    still = sa.or_(Episode.closed_on.is_(None), closed_later)
    if known_by is None:
        return still
    recorded_since = sa.select(CareTransition.episode_id).where(
        CareTransition.site_id == Episode.site_id, CareTransition.recorded_at > known_by
    )
    return sa.or_(still, Episode.id.in_(recorded_since.correlate(Episode)))


def _last(
    column: InstrumentedAttribute[Any], *, of: _Dated, when: sa.ColumnElement[bool]
) -> sa.ScalarSelect[Any]:
    return (
        sa.select(column)
        .where(
            of.site_id == Episode.site_id,
            of.episode_id == Episode.id,
            when,
        )
        .order_by(of.sequence.desc())
        .limit(1)
        .correlate(Episode)
        .scalar_subquery()
    )


def enters_care() -> sa.ColumnElement[bool]:
    """The transition is an admission."""
    return sa.and_(
        CareTransition.to_state.in_(CARE_LEVELS),
        sa.or_(CareTransition.from_state.is_(None), CareTransition.from_state.not_in(CARE_LEVELS)),
    )


def leaves_care() -> sa.ColumnElement[bool]:
    """The transition ends a stay."""
    return sa.and_(
        CareTransition.from_state.in_(CARE_LEVELS), CareTransition.to_state.not_in(CARE_LEVELS)
    )


def has_returned() -> sa.ColumnElement[bool]:
    """The transition enters care, and an earlier episode of the patient here had left it."""
    before = aliased(CareTransition)
    earlier = aliased(Episode)
    return sa.and_(
        enters_care(),
        sa.select(sa.literal(1))
        .select_from(earlier)
        .join(
            before,
            sa.and_(before.site_id == earlier.site_id, before.episode_id == earlier.id),
        )
        .where(
            earlier.site_id == CareTransition.site_id,
            earlier.patient_id == CareTransition.patient_id,
            earlier.id != CareTransition.episode_id,
            before.from_state.in_(CARE_LEVELS),
            before.to_state.not_in(CARE_LEVELS),
            before.service_date <= CareTransition.service_date,
        )
        .correlate(CareTransition)
        .exists(),
    )
