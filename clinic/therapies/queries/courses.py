"""The courses of a patient and of a day, and the third lane of the pathway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from clinic.data.work import Work
from clinic.programs import queries as programs
from clinic.programs.facts import Bar, Lane, Pathway
from clinic.scheduling import queries as scheduling
from clinic.scheduling.queries import CourseProgress
from clinic.therapies.catalogue import CATALOGUE
from clinic.therapies.facts import Modality, Standing
from clinic.therapies.models import Course, ModalityReferral

STANDING_KINDS: Final[Mapping[Standing, str]] = {
    Standing.ESTABLISHED: "ok",
    Standing.OFF_LABEL: "info",
    Standing.INVESTIGATIONAL: "attention",
    Standing.RESEARCH_ONLY: "research",
}
"""How a standing looks, everywhere the same."""

_MARGIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class CourseRow:
    """One course with how far it has come. ``decision`` is what its gates answered at the start."""

    id: UUID
    code: str
    name: str
    standing: Standing | None
    starts_on: date
    ended_on: date | None
    ended_why: str | None
    sessions_planned: int
    decision: Mapping[str, Any]
    recorded_by_name: str
    version: int
    progress: CourseProgress

    @property
    def is_open(self) -> bool:
        return self.ended_on is None


@dataclass(frozen=True, slots=True)
class OpenCourse:
    course_id: UUID
    patient_id: UUID
    modality: str
    starts_on: date


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """A patient sent elsewhere for a treatment this program may not give."""

    name: str
    referred_on: date
    referred_to: str
    reason: str
    recorded_by_name: str


def courses_of(work: Work, *, patient_id: UUID) -> list[CourseRow]:
    """Every course of the patient at this site, open ones first, then the latest.

    Shape: two statements.
    """
    rows = work.session.scalars(
        sa.select(Course)
        .where(Course.site_id == work.site.id, Course.patient_id == patient_id)
        .order_by(Course.ended_on.is_not(None), Course.starts_on.desc(), Course.id)
    ).all()
    progress = scheduling.course_progress(work, course_ids=[row.id for row in rows])
    return [_row(row, progress.get(row.id, CourseProgress())) for row in rows]


def open_courses_on(work: Work, *, day: date) -> list[OpenCourse]:
    """The site's courses that had begun and not ended on a day, as it is known now."""
    rows = work.session.execute(
        sa.select(Course.id, Course.patient_id, Course.modality, Course.starts_on)
        .where(
            Course.site_id == work.site.id,
            Course.starts_on <= day,
            sa.or_(Course.ended_on.is_(None), Course.ended_on > day),
        )
        .order_by(Course.modality, Course.starts_on, Course.id)
    )
    return [OpenCourse(*row) for row in rows]


def referrals_of(work: Work, *, patient_id: UUID) -> list[ReferralRow]:
    """Where the patient was referred for treatments not given here, latest first."""
    rows = work.session.scalars(
        sa.select(ModalityReferral)
        .where(ModalityReferral.site_id == work.site.id, ModalityReferral.patient_id == patient_id)
        .order_by(ModalityReferral.referred_on.desc(), ModalityReferral.id.desc())
    )
    return [
        ReferralRow(
            _name(row.modality),
            row.referred_on,
            row.referred_to,
            row.reason,
            row.recorded_by_name,
        )
        for row in rows
    ]


def pathway(work: Work, *, patient_id: UUID) -> Pathway:
    """Care over time on all three axes: level of care, medication, courses of treatment."""
    two = programs.pathway(work, patient_id=patient_id)
    courses = courses_of(work, patient_id=patient_id)
    bars = tuple(
        Bar(
            row.name,
            STANDING_KINDS[row.standing] if row.standing else "neutral",
            row.starts_on,
            row.ended_on,
        )
        for row in reversed(courses)
        if row.ended_on != row.starts_on
    )
    return replace(
        two,
        lanes=(*two.lanes, Lane("Treatments", bars)),
        start=min([two.start, *(bar.first - _MARGIN for bar in bars)]),
        end=max([two.end, *(bar.first + _MARGIN for bar in bars)]),
    )


def _row(course: Course, progress: CourseProgress) -> CourseRow:
    entry: Modality | None = CATALOGUE.get(course.modality)
    return CourseRow(
        id=course.id,
        code=course.modality,
        name=_name(course.modality),
        standing=entry.evidence.standing if entry else None,
        starts_on=course.starts_on,
        ended_on=course.ended_on,
        ended_why=course.ended_why,
        sessions_planned=course.sessions_planned,
        decision=course.decision,
        recorded_by_name=course.recorded_by_name,
        version=course.version,
        progress=progress,
    )


def _name(code: str) -> str:
    """The catalogue's name; a code it no longer holds reads as words."""
    entry = CATALOGUE.get(code)
    return entry.name if entry else code.replace("_", " ").capitalize()
