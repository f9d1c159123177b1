"""A proposal for a run of dates: what is wanted in, who and what serves each date out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time
from typing import Final
from uuid import UUID

from clinic.core.periods import Period
from clinic.core.service_dates import ONE_DAY
from clinic.data.work import Work
from clinic.scheduling.facts import (
    Candidate,
    Diary,
    Need,
    OpenDays,
    Placement,
    Setting,
    Visit,
)
from clinic.scheduling.queries.calendar import diaries, open_days, openings
from clinic.scheduling.queries.resources import resource_names
from clinic.scheduling.rules.occurrences import ending_in_time, occurrences
from clinic.scheduling.rules.placement import place

MINUTES_AN_HOUR: Final = 60
MINUTES_A_DAY: Final = 24 * MINUTES_AN_HOUR
STEP_MINUTES: Final = 30
"""How far apart the other times are that a proposal tries. Source: site policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementRequest:
    """``resource_ids`` are the user's own choice; they serve wherever they are free."""

    modality: str
    patient_id: UUID
    visits: tuple[Visit, ...]
    wall_time: time
    needs: tuple[Need, ...]
    resource_ids: tuple[UUID, ...] = ()
    capacity: int = 1
    setting: Setting = Setting.IN_PERSON


@dataclass(frozen=True, slots=True)
class _Known:
    """What is given away from the first date to the last."""

    candidates: tuple[Candidate, ...]
    patient: Diary
    open_days: OpenDays


def propose_placement(work: Work, *, request: PlacementRequest) -> Placement:
    """Where every date would take place, before anything is saved.

    A group session already planned at that time is joined and needs nothing more.
    """
    return _proposal(work, request, _known(work, request))


def times_that_fit(work: Work, *, request: PlacementRequest, limit: int = 3) -> list[time]:
    """The nearest other times of day at which every date can be placed, nearest first."""
    known = _known(work, request)
    wanted = _minute_of_day(request.wall_time)
    found: list[time] = []
    for minute in sorted(
        range(0, MINUTES_A_DAY, STEP_MINUTES), key=lambda each: abs(each - wanted)
    ):
        other = time(minute // MINUTES_AN_HOUR, minute % MINUTES_AN_HOUR)
        if minute != wanted and _opens(known.open_days, other):
            proposal = _proposal(work, replace(request, wall_time=other), known)
            if proposal.is_complete:
                found.append(other)
        if len(found) == limit:
            break
    return found


def _known(work: Work, request: PlacementRequest) -> _Known:
    first = min(visit.on for visit in request.visits)
    until = max(visit.on for visit in request.visits) + ONE_DAY
    names = [each for each in resource_names(work) if each.is_active]
    held = diaries(
        work,
        span=Period(work.site.day_start(first), work.site.day_start(until + ONE_DAY)),
        resource_ids=[each.id for each in names],
        patient_ids=[request.patient_id],
    )
    return _Known(
        tuple(
            Candidate(each, held.get(each.id, Diary()), each.id in request.resource_ids)
            for each in names
        ),
        held.get(request.patient_id, Diary()),
        open_days(work, first=first, until=until),
    )


def _proposal(work: Work, request: PlacementRequest, known: _Known) -> Placement:
    visits = _in_time(request, known.open_days)
    dates = occurrences(visits, wall_time=request.wall_time, clock=work.site)
    starts = [each.period.starts_at for each in dates]
    groups = (
        openings(work, modality=request.modality, starts_at=starts) if request.capacity > 1 else {}
    )
    parts = [
        place(
            [each for each in dates if (each.period.starts_at in groups) is joins],
            needs=() if joins else request.needs,
            candidates=known.candidates,
            patient=(request.patient_id, known.patient),
            open_days=known.open_days,
            clock=work.site,
            setting=request.setting,
        )
        for joins in (True, False)
    ]
    return Placement(
        placed=tuple(
            sorted(
                (each for part in parts for each in part.placed),
                key=lambda each: each.occurrence.number,
            )
        ),
        exceptions=(
            *(_earlier(visit) for visit in visits if visit.at),
            *(each for part in parts for each in part.exceptions),
        ),
        found=tuple(
            sorted((each for part in parts for each in part.found), key=lambda each: each.on)
        ),
    )


def _in_time(request: PlacementRequest, opening: OpenDays) -> list[Visit]:
    if request.setting is not Setting.IN_PERSON:
        return list(request.visits)
    return [
        ending_in_time(visit, wall_time=request.wall_time, open_days=opening)
        for visit in request.visits
    ]


def _earlier(visit: Visit) -> str:
    return f"{visit.on:%a %d %b %Y}: begins at {visit.at:%H:%M}, to end before the site closes."


def _opens(opening: OpenDays, wall_time: time) -> bool:
    return any(opens <= wall_time < closes for opens, closes in opening.hours.values())


def _minute_of_day(wall_time: time) -> int:
    return wall_time.hour * MINUTES_AN_HOUR + wall_time.minute
