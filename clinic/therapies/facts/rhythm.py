"""How often a treatment comes: weekdays, rhythms, phases, and the planned session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

from clinic.therapies.facts.gates import Gate


class Weekday(IntEnum):
    """Days numbered as ``date.weekday()`` numbers them."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


MONDAY_TO_FRIDAY: Final = (
    Weekday.MONDAY,
    Weekday.TUESDAY,
    Weekday.WEDNESDAY,
    Weekday.THURSDAY,
    Weekday.FRIDAY,
)


@dataclass(frozen=True, slots=True)
class Weekly:
    """So many sessions a calendar week, on these weekdays.

    Without weekdays (one a week only) the course keeps the weekday it starts on.
    """

    per_week: int
    weekdays: tuple[Weekday, ...] = ()

    def __post_init__(self) -> None:
        if self.per_week > 1 and len(set(self.weekdays)) < self.per_week:
            raise ValueError(f"{self.per_week} sessions a week need as many weekdays")


@dataclass(frozen=True, slots=True)
class Every:
    """A session this many days after the one before, or on the next open day."""

    days: int


@dataclass(frozen=True, slots=True)
class WeekdayPattern:
    """Fixed weekdays, week by week, from the Monday after the phase before."""

    weeks: tuple[tuple[Weekday, ...], ...]


@dataclass(frozen=True, slots=True)
class Between:
    """One session strictly between session ``after_session`` of an earlier phase and the next.

    ``weekdays`` are preferred in their order; any open day between serves when none is free.
    """

    phase: str
    after_session: int
    weekdays: tuple[Weekday, ...]


Rhythm = Weekly | Every | WeekdayPattern | Between


@dataclass(frozen=True, slots=True)
class AfterPhase:
    """Not before so many days after the last session of an earlier phase."""

    phase: str
    days: int


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of a course with one rhythm and one session length.

    ``the_very_next_day``: the phase begins the day after the one before it ends, whatever it
    takes; the planner then chooses the day before so that both are open.
    ``gates`` are asked again at every session of the phase.

    Raises: ValueError when the numbers contradict each other.
    """

    name: str
    sessions: int
    minutes: int
    rhythm: Rhythm
    source: str
    first_session_extra_minutes: int = 0
    spacing_days_minimum: int = 1
    not_before: AfterPhase | None = None
    the_very_next_day: bool = False
    gates: tuple[Gate, ...] = ()

    def __post_init__(self) -> None:
        if self.sessions < 1 or self.minutes < 1 or self.spacing_days_minimum < 1:
            raise ValueError(f"{self.name}: sessions, minutes and spacing start at one")
        if self.the_very_next_day and not isinstance(self.rhythm, Every):
            raise ValueError(f"{self.name}: only a phase counted in days can begin next day")
        match self.rhythm:
            case WeekdayPattern(weeks) if sum(map(len, weeks)) != self.sessions:
                raise ValueError(f"{self.name}: the weekdays do not add up to {self.sessions}")
            case WeekdayPattern() if self.spacing_days_minimum > 1:
                raise ValueError(f"{self.name}: a weekday pattern is its own spacing")
            case Between() if self.sessions != 1:
                raise ValueError(f"{self.name}: only one session stands between two others")


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """One session of a course before it is booked; ``number`` counts through all phases."""

    number: int
    on: date
    minutes: int
    phase: str
