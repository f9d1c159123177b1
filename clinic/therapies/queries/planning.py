"""A course before it begins: what its gates say, and every date with who and what serves it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.core.decision import Decision, Reason
from clinic.core.service_dates import ONE_DAY
from clinic.data.work import Work
from clinic.patients import queries as patients
from clinic.patients.facts import Sex
from clinic.programs import queries as programs
from clinic.programs.facts import LEVELS_OF_CARE, EpisodeFacts, MedicationState
from clinic.scheduling import queries as scheduling
from clinic.scheduling.facts import Placement, Visit
from clinic.scheduling.facts import Setting as BookedSetting
from clinic.scheduling.queries import PlacementRequest
from clinic.sites import queries as sites
from clinic.therapies.catalogue import modality as entry_of
from clinic.therapies.facts import (
    Modality,
    Owner,
    PlannedSession,
    Setting,
    StartFacts,
    Weekday,
)
from clinic.therapies.models import Course
from clinic.therapies.rules.cadence import PLANNING_HORIZON_DAYS, session_dates
from clinic.therapies.rules.gates import ADMISSION_SOURCE, may_start
from clinic.therapies.rules.placement import needs_of

ONE_OPEN_SOURCE = "Site policy: one open course of a kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseRequest:
    """A course as it is asked for. What is left blank the house chooses.

    ``wall_time`` None: only where sessions are not planned ahead.
    """

    patient_id: UUID
    modality: str
    starts_on: date
    wall_time: time | None = None
    weekdays: tuple[Weekday, ...] = ()
    resource_ids: tuple[UUID, ...] = ()
    setting: Setting | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseProposal:
    """What would be saved. ``placement`` None: no sessions are planned ahead here.

    ``other_times``: the nearest hours at which every date could be had, when this one cannot.
    """

    entry: Modality
    decision: Decision
    facts: StartFacts
    episode: EpisodeFacts | None
    setting: Setting
    sessions: tuple[PlannedSession, ...] = ()
    placement: Placement | None = None
    closures: tuple[tuple[date, str], ...] = ()
    other_times: tuple[time, ...] = ()

    @property
    def visits(self) -> tuple[Visit, ...]:
        """The placed sessions as the schedule books them."""
        minutes = {each.on: each.minutes for each in self.sessions}
        return tuple(
            Visit(
                each.occurrence.on,
                minutes[each.occurrence.on],
                tuple(resource.id for resource in each.resources),
                each.occurrence.at,
            )
            for each in (self.placement.placed if self.placement else ())
        )

    @property
    def summary(self) -> str:
        """The proposal in one line."""
        if self.placement is None:
            return "No sessions are planned ahead."
        count = f"{len(self.placement.placed)} of {len(self.sessions)} placed"
        return f"{count}, ends {self.sessions[-1].on:%d %b %Y}"


def known_facts(work: Work, *, patient_id: UUID, given: StartFacts) -> StartFacts:
    """What was answered on the form, completed by what the house itself knows.

    Raises: NotFound outside the organisation.
    """
    return _known(work, patient_id, given, programs.open_episode(work, patient_id=patient_id))


def propose_course(work: Work, *, request: CourseRequest, given: StartFacts) -> CourseProposal:
    """The gates' answer and, where sessions are planned ahead, every date placed or explained.

    Raises: NotFound for an unknown patient or treatment; Refused when the course does not fit
    in two years.
    """
    entry = entry_of(request.modality)
    episode = programs.open_episode(work, patient_id=request.patient_id)
    facts = _known(work, request.patient_id, given, episode)
    setting = request.setting or next(iter(entry.settings), Setting.IN_PERSON)
    proposal = CourseProposal(
        entry=entry,
        decision=may_start(entry, facts) + _timing(entry, facts, request, episode),
        facts=facts,
        episode=episode,
        setting=setting,
    )
    plans_ahead = entry.owned_by is Owner.THERAPIES and entry.phases and entry.may_be_scheduled
    if not plans_ahead or request.wall_time is None:
        return proposal
    return _placed(work, request, request.wall_time, proposal)


def _placed(
    work: Work, request: CourseRequest, wall_time: time, proposal: CourseProposal
) -> CourseProposal:
    entry = proposal.entry
    until = request.starts_on + timedelta(days=PLANNING_HORIZON_DAYS + 1)
    sessions = session_dates(
        entry.phases,
        start=request.starts_on,
        closed_dates=sites.closed_dates(work, first=request.starts_on, until=until),
        weekdays=request.weekdays,
    )
    wish = PlacementRequest(
        modality=entry.code,
        patient_id=request.patient_id,
        visits=tuple(Visit(each.on, each.minutes) for each in sessions),
        wall_time=wall_time,
        needs=needs_of(entry, setting=proposal.setting),
        resource_ids=request.resource_ids,
        capacity=entry.group_size,
        setting=BookedSetting(proposal.setting),
    )
    placement = scheduling.propose_placement(work, request=wish)
    closures = sites.closures(work, first=request.starts_on, until=sessions[-1].on + ONE_DAY)
    return replace(
        proposal,
        sessions=sessions,
        placement=placement,
        closures=tuple(closures.items()),
        other_times=()
        if placement.is_complete
        else tuple(scheduling.times_that_fit(work, request=wish)),
    )


def _known(
    work: Work, patient_id: UUID, given: StartFacts, episode: EpisodeFacts | None
) -> StartFacts:
    patient = patients.get(work, patient_id=patient_id)
    open_codes = work.session.scalars(
        sa.select(Course.modality).where(
            Course.site_id == work.site.id,
            Course.patient_id == patient_id,
            Course.ended_on.is_(None),
        )
    )
    medication = episode.medication if episode else MedicationState.NONE
    return replace(
        given,
        admitted=episode is not None and episode.state in LEVELS_OF_CARE,
        age_years=_age(patient.birth_date, work.service_date),
        pregnant=_pregnant(patient.sex, answered=given.pregnant, recorded=patient.is_pregnant),
        active_medications=frozenset({medication} - {MedicationState.NONE}),
        active_courses=frozenset(open_codes),
    )


def _timing(
    entry: Modality, facts: StartFacts, request: CourseRequest, episode: EpisodeFacts | None
) -> Decision:
    reasons = []
    if facts.active_courses and entry.code in facts.active_courses:
        message = f"{entry.name} is already under way for this patient."
        reasons.append(Reason("course_open", message, ONE_OPEN_SOURCE))
    if episode and episode.admitted_on and request.starts_on < episode.admitted_on:
        message = f"The patient was admitted on {episode.admitted_on:%d %b %Y}, after that start."
        reasons.append(Reason("before_admission", message, ADMISSION_SOURCE))
    return Decision.of(reasons)


def _age(born: date, today: date) -> int:
    had_birthday = (today.month, today.day) >= (born.month, born.day)
    return today.year - born.year - (not had_birthday)


def _pregnant(sex: Sex, *, answered: bool | None, recorded: bool) -> bool | None:
    if recorded:
        return True
    return False if sex is Sex.MALE and answered is None else answered
