"""Begin a course, end it, close it at discharge; refer where the program may not treat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.audit import services as audit
from clinic.core.decision import Decision, Effect, Verdict
from clinic.core.errors import Clash, NotFound, Refused
from clinic.data.work import STALE, Work
from clinic.patients import services as patients
from clinic.programs.facts import Discharged, ModalityBegun
from clinic.scheduling import services as scheduling
from clinic.scheduling.facts import BookingClash, SeriesRequest
from clinic.scheduling.facts import Setting as BookedSetting
from clinic.therapies.catalogue import modality as entry_of
from clinic.therapies.facts import Owner, Setting, StartFacts, Weekday
from clinic.therapies.models import Course, ModalityReferral
from clinic.therapies.queries import CourseProposal, CourseRequest, propose_course


@dataclass(frozen=True, slots=True)
class StartedCourse:
    """``last_on`` and ``series_id`` are None where no sessions are planned ahead."""

    course_id: UUID
    sessions: int
    last_on: date | None
    series_id: UUID | None


def start_course(
    work: Work,
    *,
    patient_id: UUID,
    modality: str,
    starts_on: date,
    wall_time: time | None = None,
    weekdays: tuple[Weekday, ...] = (),
    resource_ids: tuple[UUID, ...] = (),
    setting: Setting | None = None,
    facts: StartFacts | None = None,
    acknowledged: bool = False,
) -> StartedCourse:
    """Open a course and book all its sessions; what the gates said is kept with it.

    ``facts`` are the answers of the form; age, admission, medication and other courses are
    read here. ``acknowledged``: a person has looked at what the gates ask. Treatments that
    dosing, rewards or beds own open without sessions.
    Raises: Refused with every reason, research-only treatments among them; BookingClash with
    every date that cannot be had; NotFound.
    """
    patients.take_turn(work, patient_id=patient_id)
    request = CourseRequest(
        patient_id=patient_id,
        modality=modality,
        starts_on=starts_on,
        wall_time=wall_time,
        weekdays=weekdays,
        resource_ids=resource_ids,
        setting=setting,
    )
    proposal = propose_course(work, request=request, given=facts or StartFacts())
    _require(proposal.decision, acknowledged=acknowledged)
    if proposal.placement and proposal.placement.found:
        raise BookingClash(proposal.placement.found)
    if proposal.placement is None and _plans_ahead(proposal):
        raise Refused("Choose the time of day of the sessions.")
    return _open(work, request, proposal, acknowledged=acknowledged)


def end_course(work: Work, *, course_id: UUID, version: int, why: str) -> None:
    """End a course today and cancel what is still booked of it.

    Raises: NotFound; Refused without a reason or when it has ended; Clash when it was changed.
    """
    course = work.session.scalar(
        sa.select(Course)
        .where(Course.site_id == work.site.id, Course.id == course_id)
        .with_for_update()
    )
    if course is None:
        raise NotFound("course")
    if course.version != version:
        raise Clash(STALE)
    if course.ended_on is not None:
        raise Refused("The course has ended already.")
    if not why:
        raise Refused("Say why the course ends.")
    _end(work, course, on=work.service_date, why=why)
    scheduling.cancel_course_bookings(work, course_id=course_id, reason="course ended")
    work.session.flush()


def close_courses(work: Work, fact: Discharged) -> None:
    """Care has ended: every open course of the episode ends with it."""
    courses = work.session.scalars(
        sa.select(Course)
        .where(
            Course.site_id == work.site.id,
            Course.episode_id == fact.episode_id,
            Course.ended_on.is_(None),
        )
        .order_by(Course.id)
        .with_for_update()
    ).all()
    for course in courses:
        _end(work, course, on=fact.service_date, why=f"Discharged: {fact.reason.label}")
    work.session.flush()


def follow(work: Work, fact: ModalityBegun) -> None:
    """Another domain has begun a treatment's own work: show it as a course, unless one is open.

    Its gates were that domain's; the course plans no sessions.
    """
    entry = entry_of(fact.modality)
    is_open = work.session.scalar(
        sa.select(
            sa.exists().where(
                Course.site_id == work.site.id,
                Course.patient_id == fact.patient_id,
                Course.modality == entry.code,
                Course.ended_on.is_(None),
            )
        )
    )
    if is_open:
        return
    work.session.add(
        Course(
            id=work.new_id(),
            patient_id=fact.patient_id,
            episode_id=fact.episode_id,
            modality=entry.code,
            starts_on=fact.service_date,
            sessions_planned=0,
            decision=Decision().to_json(),
            site_id=work.site.id,
            **work.attribution,
        )
    )
    work.session.flush()


def refer_out(
    work: Work, *, patient_id: UUID, modality: str, referred_to: str, reason: str
) -> UUID:
    """Record that a patient was told of a treatment and referred to somebody who may give it.

    Raises: NotFound; Refused when it is not said to whom, or why.
    """
    entry = entry_of(modality)
    if not referred_to or not reason:
        raise Refused("A referral names who it goes to, and why.")
    patients.take_turn(work, patient_id=patient_id)
    referral = ModalityReferral(
        id=work.new_id(),
        patient_id=patient_id,
        modality=entry.code,
        referred_on=work.service_date,
        referred_to=referred_to,
        reason=reason,
        site_id=work.site.id,
        **work.attribution,
    )
    work.session.add(referral)
    work.session.flush()
    audit.record(
        work,
        action="therapies.refer",
        subject=entry.code,
        patient_id=patient_id,
        detail={"to": referred_to},
    )
    return referral.id


def _plans_ahead(proposal: CourseProposal) -> bool:
    return bool(proposal.entry.phases) and proposal.entry.owned_by is Owner.THERAPIES


def _require(decision: Decision, *, acknowledged: bool) -> None:
    """Raises: Refused with all that stops, or with all that nobody has looked at yet."""
    decision.require()
    if decision.verdict is Verdict.ASK and not acknowledged:
        asks = [each.message for each in decision.reasons if each.effect is Effect.ASK]
        raise Refused(["Look at this first, then say so:", *asks], decision=decision)


def _open(
    work: Work, request: CourseRequest, proposal: CourseProposal, *, acknowledged: bool
) -> StartedCourse:
    episode = proposal.episode
    if episode is None:
        raise Refused("The patient is not admitted.")
    course = Course(
        id=work.new_id(),
        patient_id=request.patient_id,
        episode_id=episode.id,
        modality=proposal.entry.code,
        starts_on=proposal.sessions[0].on if proposal.sessions else request.starts_on,
        sessions_planned=len(proposal.sessions),
        decision=_kept(proposal, acknowledged=acknowledged),
        site_id=work.site.id,
        **work.attribution,
    )
    work.session.add(course)
    work.session.flush()
    series_id = _book(work, request, proposal, course.id)
    audit.record(
        work,
        action="course.start",
        subject=proposal.entry.code,
        patient_id=request.patient_id,
        detail={"sessions": len(proposal.sessions), "verdict": proposal.decision.verdict.value},
    )
    last_on = proposal.sessions[-1].on if proposal.sessions else None
    return StartedCourse(course.id, len(proposal.sessions), last_on, series_id)


def _book(
    work: Work, request: CourseRequest, proposal: CourseProposal, course_id: UUID
) -> UUID | None:
    if proposal.placement is None or request.wall_time is None:
        return None
    booked = scheduling.book_series(
        work,
        request=SeriesRequest(
            modality=proposal.entry.code,
            title=proposal.entry.name,
            visits=proposal.visits,
            wall_time=request.wall_time,
            patient_id=request.patient_id,
            capacity=proposal.entry.group_size,
            setting=BookedSetting(proposal.setting),
            course_id=course_id,
        ),
    )
    return booked.series_id


def _kept(proposal: CourseProposal, *, acknowledged: bool) -> dict[str, Any]:
    """The gates' answer and the facts it rests on, as they were at the start."""
    facts = proposal.facts
    return proposal.decision.to_json() | {
        "acknowledged": acknowledged,
        "facts": {
            name: _plain(value)
            for name in facts.__dataclass_fields__
            if (value := getattr(facts, name)) is not None
        },
    }


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, bool | int):
        return value
    return dict(value) if hasattr(value, "items") else str(value)


def _end(work: Work, course: Course, *, on: date, why: str) -> None:
    course.ended_on = max(on, course.starts_on)
    course.ended_why = why
    audit.record(
        work,
        action="course.end",
        subject=course.modality,
        patient_id=course.patient_id,
        detail={"why": why},
    )
