"""Where every episode stood when a clinic day ended, read from the transitions up to that day."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, aliased

from clinic.census.facts import CARE_LEVELS
from clinic.data.work import Work
from clinic.programs.models import CareTransition, Episode, MedicationTransition


def standing(work: Work, *, day: date) -> sa.Subquery:
    """Episodes not yet over at the end of ``day``, with the last of each of their facts by then.

    Shape: episode_id, patient_id, state, since, medication (NULL before the first transition of
    that axis).
    Invariant: ``closed_on`` only spares looking at what was over before; the state itself is
    the last transition's. The cost follows the episodes open on that day, not the history.
    """
    return (
        sa.select(
            Episode.id.label("episode_id"),
            Episode.patient_id,
            _last(CareTransition.to_state, of=CareTransition, day=day).label("state"),
            _last(CareTransition.service_date, of=CareTransition, day=day).label("since"),
            _last(MedicationTransition.to_medication, of=MedicationTransition, day=day).label(
                "medication"
            ),
        )
        .where(
            Episode.site_id == work.site.id,
            sa.or_(Episode.closed_on.is_(None), Episode.closed_on > day),
        )
        .subquery("standing")
    )


def _last(
    column: InstrumentedAttribute[Any],
    *,
    of: type[CareTransition | MedicationTransition],
    day: date,
) -> sa.ScalarSelect[Any]:
    return (
        sa.select(column)
        .where(
            of.site_id == Episode.site_id,
            of.episode_id == Episode.id,
            of.service_date <= day,
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
