"""How a course unrolls over the calendar: one date for each session, before anything is booked.

Closed days are skipped and made up at the end, so a course keeps its number of sessions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from clinic.core.errors import Refused
from clinic.core.service_dates import ONE_DAY
from clinic.therapies.facts import (
    Between,
    Every,
    Phase,
    PlannedSession,
    Weekday,
    WeekdayPattern,
    Weekly,
)

PLANNING_HORIZON_DAYS: Final = 730
"""Longest stretch a course is planned over unless the caller says otherwise. Site policy."""

_ONE_WEEK: Final = timedelta(weeks=1)


def session_dates(
    phases: Sequence[Phase],
    *,
    start: date,
    closed_dates: Collection[date] = (),
    closed_weekdays: Collection[Weekday] = (),
    weekdays: tuple[Weekday, ...] = (),
    horizon_days: int = PLANNING_HORIZON_DAYS,
) -> tuple[PlannedSession, ...]:
    """Every session of a course that may begin on ``start`` or the first fitting day after it.

    ``weekdays`` are the patient's own; a weekly phase takes them when they are enough for it.

    Shape: in date order, numbered from 1 through all phases.
    Invariant: the number of sessions is kept; never two a day, never one on a closed day, never
    closer than the phase's spacing.
    Raises: Refused when the last session would fall beyond the horizon, or when no open day
    lies between two sessions that need one.
    Source: site policy for closed days; each phase names the source of its own rhythm.
    """
    plan = _Plan(
        start=start,
        closed_dates=frozenset(closed_dates),
        closed_weekdays=frozenset(closed_weekdays),
        own_weekdays=weekdays,
        last_day=start + timedelta(days=horizon_days),
    )
    for index, phase in enumerate(phases):
        following = phases[index + 1 : index + 2]
        plan.add(phase, day_after_open=any(each.the_very_next_day for each in following))
    return plan.sessions(phases)


@dataclass(slots=True)
class _Plan:
    """The dates taken so far, by phase."""

    start: date
    closed_dates: frozenset[date]
    closed_weekdays: frozenset[Weekday]
    own_weekdays: tuple[Weekday, ...]
    last_day: date
    dates: dict[str, list[date]] = field(default_factory=dict)

    def add(self, phase: Phase, *, day_after_open: bool) -> None:
        """Place all sessions of a phase after those placed before it."""
        self.dates[phase.name] = self._placed(phase, day_after_open=day_after_open)

    def _placed(self, phase: Phase, *, day_after_open: bool) -> list[date]:
        match phase.rhythm:
            case Weekly() as rhythm:
                return self._weekly(phase, rhythm, day_after_open=day_after_open)
            case Every() as rhythm:
                return self._every(phase, rhythm, day_after_open=day_after_open)
            case WeekdayPattern() as rhythm:
                return self._pattern(rhythm, earliest=self._earliest(phase))
            case Between() as rhythm:
                return [self._between(rhythm)]

    def sessions(self, phases: Sequence[Phase]) -> tuple[PlannedSession, ...]:
        placed = sorted(
            (day, phase.minutes + (0 if index else phase.first_session_extra_minutes), phase.name)
            for phase in phases
            for index, day in enumerate(self.dates[phase.name])
        )
        return tuple(
            PlannedSession(number=number, on=day, minutes=minutes, phase=name)
            for number, (day, minutes, name) in enumerate(placed, start=1)
        )

    def _weekly(self, phase: Phase, rhythm: Weekly, *, day_after_open: bool) -> list[date]:
        fitting = self._weekdays_of(rhythm)
        in_week: Counter[date] = Counter()
        taken: list[date] = []
        earliest = self._earliest(phase)
        for day in self._open_days(earliest):
            if day < earliest or day.weekday() not in fitting:
                continue
            is_last = len(taken) == phase.sessions - 1
            if in_week[_monday_of(day)] == rhythm.per_week or (
                is_last and day_after_open and not self._is_open(day + ONE_DAY)
            ):
                continue
            taken.append(day)
            if is_last:
                break
            in_week[_monday_of(day)] += 1
            earliest = day + timedelta(days=phase.spacing_days_minimum)
        return taken

    def _every(self, phase: Phase, rhythm: Every, *, day_after_open: bool) -> list[date]:
        step = timedelta(days=max(rhythm.days, phase.spacing_days_minimum))
        taken: list[date] = []
        earliest = self._earliest(phase)
        while len(taken) < phase.sessions:
            bound = day_after_open and len(taken) == phase.sessions - 1
            taken.append(
                next(
                    day
                    for day in self._open_days(earliest)
                    if not bound or self._is_open(day + ONE_DAY)
                )
            )
            earliest = taken[-1] + step
        return taken

    def _pattern(self, rhythm: WeekdayPattern, *, earliest: date) -> list[date]:
        """Each week of the pattern in the next calendar week that has days enough for it."""
        monday = _monday_of(earliest - ONE_DAY) + _ONE_WEEK
        taken: list[date] = []
        for weekdays in rhythm.weeks:
            while len(self._open_weekdays(monday)) < len(weekdays):
                monday += _ONE_WEEK
            taken += _fit_week(
                [monday + timedelta(days=weekday) for weekday in weekdays],
                open_days=self._open_weekdays(monday),
            )
            monday += _ONE_WEEK
        return taken

    def _between(self, rhythm: Between) -> date:
        dates = self.dates[rhythm.phase]
        before, after = dates[rhythm.after_session - 1 : rhythm.after_session + 1]
        used = {day for taken in self.dates.values() for day in taken}
        free = [
            day
            for offset in range(1, (after - before).days)
            if self._is_open(day := before + timedelta(days=offset)) and day not in used
        ]
        if not free:
            raise Refused(f"No open day lies between {before} and {after}.")
        preferred = [day for wanted in rhythm.weekdays for day in free if day.weekday() == wanted]
        return [*preferred, *free][0]

    def _earliest(self, phase: Phase) -> date:
        """The first day the phase may begin, open or not."""
        if not self.dates:
            return self.start
        last = max(day for taken in self.dates.values() for day in taken)
        gap = 1 if phase.the_very_next_day else phase.spacing_days_minimum
        earliest = last + timedelta(days=gap)
        if phase.not_before:
            after = self.dates[phase.not_before.phase][-1]
            earliest = max(earliest, after + timedelta(days=phase.not_before.days))
        return earliest

    def _weekdays_of(self, rhythm: Weekly) -> tuple[Weekday, ...]:
        if len(set(self.own_weekdays)) >= rhythm.per_week:
            return self.own_weekdays
        return rhythm.weekdays or (self._weekday_of_start(),)

    def _weekday_of_start(self) -> Weekday:
        """The start's weekday, or the next one the site works on."""
        week = [
            Weekday((self.start.weekday() + offset) % len(Weekday))
            for offset in range(len(Weekday))
        ]
        return next((day for day in week if day not in self.closed_weekdays), week[0])

    def _open_days(self, first: date) -> Iterator[date]:
        """Open days from ``first`` on. Raises: Refused past the horizon."""
        day = first
        while day <= self.last_day:
            if self._is_open(day):
                yield day
            day += ONE_DAY
        raise Refused(f"The course does not fit between {self.start} and {self.last_day}.")

    def _open_weekdays(self, monday: date) -> list[date]:
        friday = monday + timedelta(days=Weekday.FRIDAY)
        if friday > self.last_day:
            raise Refused(f"The course does not fit between {self.start} and {self.last_day}.")
        days = (monday + timedelta(days=offset) for offset in range((friday - monday).days + 1))
        return [day for day in days if self._is_open(day)]

    def _is_open(self, day: date) -> bool:
        return day not in self.closed_dates and day.weekday() not in self.closed_weekdays


def _fit_week(wanted: Sequence[date], *, open_days: Sequence[date]) -> list[date]:
    """The week's sessions; a closed day moves forward inside its week, or else back."""
    used = {day for day in wanted if day in open_days}
    for day in wanted:
        if day not in used:
            free = [other for other in open_days if other not in used]
            used.add(next((other for other in free if other > day), free[-1]))
    return sorted(used)


def _monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
