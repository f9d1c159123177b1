"""Who comes when, through which levels of care, on which medication, and how it ends. Pure.

A history is planned whole, from the request for treatment to a discharge that may lie ahead; the
rest of the demo tells of it what has happened by today.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from random import Random

from clinic.core.service_dates import ONE_DAY
from clinic.demo import calibration
from clinic.demo.calibration import chance
from clinic.demo.paths import BED_LEVELS, MEDICATIONS, PATHS, Stay
from clinic.demo.people import Person
from clinic.demo.titration import (
    BuprenorphineTitration,
    Days,
    MethadoneTitration,
    Run,
    daily_run,
)
from clinic.programs.facts import (
    RESIDENTIAL,
    WAITING,
    CareState,
    DischargeReason,
    MedicationState,
    ReferralSource,
)
from clinic.stock.facts import Medication

DISCHARGE_NOTES: Mapping[DischargeReason, str] = {
    DischargeReason.TERMINATED_BY_FACILITY: "Threatened staff; helped to another program.",
    DischargeReason.OTHER: "Moved out of the area.",
    DischargeReason.TRANSFERRED: "Continues at a program closer to home.",
    DischargeReason.LEFT_AGAINST_ADVICE: "Called, wrote and asked the contact; no answer.",
}
ADMITTED_TODAY = 4
"""Which of those who waited is admitted today."""
LONG_DAYS = 3650
NALTREXONE_WAIT_DAYS = 14
"""Opioid-free days before the first injection. Source: Vivitrol label, the longer interval."""


class Part(StrEnum):
    """What the story needs of its first patients, so that every screen has its case."""

    PORTAL = "portal"
    """Steady on methadone for months, earns rewards, has a sign-in."""
    MISSED_THREE = "missed_three"
    HELD = "held"
    ORDER_ENDS = "order_ends"
    CONFLICT = "conflict"
    """Another system lists naltrexone."""
    DOSE_QUESTION = "dose_question"
    MISSED_ONE = "missed_one"
    NALTREXONE = "naltrexone"
    RESIDENTIAL = "residential"
    APP = "app"
    """On buprenorphine with rewards and the phone program that goes with both."""


PART_MEDICATION: Mapping[Part, MedicationState] = {
    Part.APP: MedicationState.BUPRENORPHINE,
    Part.NALTREXONE: MedicationState.NALTREXONE,
    Part.RESIDENTIAL: MedicationState.NONE,
}


@dataclass(frozen=True, slots=True)
class Move:
    """A step into a state of care on a day."""

    on: date
    to: CareState
    planned_days: int | None = None
    reason: DischargeReason | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class EpisodePlan:
    """One episode up to today. ``run`` is the daily medication, if there is one; ``last_on`` is the
    last day the patient comes, which may lie ahead.
    """

    requested_on: date
    moves: tuple[Move, ...]
    medication: MedicationState
    medication_from: date | None
    last_on: date
    run: Run | None
    referral_source: ReferralSource
    injects: bool

    @property
    def admitted_on(self) -> date | None:
        return next((move.on for move in self.moves if move.to not in WAITING), None)

    @property
    def discharged_on(self) -> date | None:
        last = self.moves[-1]
        return last.on if last.to is CareState.DISCHARGED else None

    @property
    def in_care(self) -> bool:
        return self.admitted_on is not None and self.discharged_on is None

    def state_on(self, day: date) -> CareState | None:
        return next((move.to for move in reversed(self.moves) if move.on <= day), None)


@dataclass(frozen=True, slots=True)
class History:
    """One patient: who, which part of the story, and every episode."""

    person: Person
    part: Part | None
    episodes: tuple[EpisodePlan, ...]

    @property
    def current(self) -> EpisodePlan:
        return self.episodes[-1]


@dataclass(slots=True)
class Calendar:
    """A site's days and beds as the planning of histories needs them.

    ``is_under_way``: today has begun, so that a move can have happened on it.
    """

    today: date
    first: date
    closed: frozenset[date]
    beds: int
    is_under_way: bool
    taken: Counter[date] = field(default_factory=Counter)

    @property
    def last_day(self) -> date:
        """The last day on which something can have happened."""
        return self.today if self.is_under_way else self.today - ONE_DAY

    def working_day(self, day: date) -> date:
        """The day itself, or the one before it that is neither Sunday nor closed."""
        sunday = 6
        while day in self.closed or day.weekday() == sunday:
            day -= ONE_DAY
        return day

    def take_bed(self, first: date, until: date) -> bool:
        """Reserve a bed for every night of a stay, or none."""
        nights = [first + timedelta(days=night) for night in range((until - first).days)]
        if any(self.taken[night] >= self.beds for night in nights):
            return False
        self.taken.update(nights)
        return True


def histories(
    random: Random, *, persons: Iterator[Person], count: int, calendar: Calendar, has_parts: bool
) -> list[History]:
    """The patients of one site; with ``has_parts`` the first of them play the story's parts."""
    waiting = max(1, round(count * 0.045)) if has_parts else 0
    parts: list[Part | None] = [*Part] if has_parts else []
    parts = parts[: max(0, count - waiting)]
    told = [_told(random, next(persons), part, calendar) for part in parts]
    rest = count - waiting - len(told)
    told += [_told(random, next(persons), None, calendar) for _ in range(rest)]
    told += [_waiting(random, next(persons), number, calendar) for number in range(waiting)]
    return told


def _told(random: Random, person: Person, part: Part | None, calendar: Calendar) -> History:
    first = _episode(random, part=part, admitted_on=None, calendar=calendar)
    if first.discharged_on is None or part or not chance(random, calibration.RETURNS):
        return History(person, part, (first,))
    if first.moves[-1].reason is DischargeReason.DIED:
        return History(person, part, (first,))
    back_on = first.discharged_on + timedelta(days=random.randint(*calibration.RETURN_AFTER_DAYS))
    if calendar.working_day(back_on) >= calendar.today - ONE_DAY:
        return History(person, part, (first,))
    again = _episode(random, part=None, admitted_on=back_on, calendar=calendar)
    return History(person, part, (first, again))


def _episode(
    random: Random,
    *,
    part: Part | None,
    admitted_on: date | None,
    calendar: Calendar,
) -> EpisodePlan:
    medication = _medication(random, part)
    day_in = calendar.working_day(admitted_on or _admission_day(random, part, calendar))
    stays = LONG_DAYS if part else calibration.day_left(random.random())
    last_on = day_in + timedelta(days=stays - 1)
    reason = _drawn_reason(random)
    lag = random.randint(*calibration.DAYS_TO_DISCHARGE[reason])
    out_on = max(last_on + ONE_DAY, calendar.working_day(last_on + timedelta(days=lag + 1)))
    path = _path(random, medication, part)
    moves = list(_levels(random, path, day_in=day_in, until=out_on, calendar=calendar))
    if out_on <= calendar.last_day:
        note = DISCHARGE_NOTES.get(reason, "")
        moves.append(Move(out_on, CareState.DISCHARGED, reason=reason, note=note))
    requested_on = day_in - timedelta(days=random.choice((0, 0, 1, 1, 2, 3, 5, 9)))
    before = [Move(requested_on, CareState.INQUIRY)]
    waits_days = 3
    if (day_in - requested_on).days >= waits_days:
        before.append(Move(requested_on + ONE_DAY, CareState.WAITLIST))
    run = _run(random, medication, part, first=day_in, last=last_on, calendar=calendar)
    return EpisodePlan(
        requested_on=requested_on,
        moves=(*before, *moves),
        medication=medication,
        medication_from=_medication_from(medication, path, day_in=day_in, until=last_on),
        last_on=last_on,
        run=run,
        referral_source=_source(random),
        injects=chance(random, 0.4),
    )


def _medication(random: Random, part: Part | None) -> MedicationState:
    if part:
        return PART_MEDICATION.get(part, MedicationState.METHADONE)
    [medication] = random.choices(list(MEDICATIONS), list(MEDICATIONS.values()))
    return medication


def _admission_day(random: Random, part: Part | None, calendar: Calendar) -> date:
    """Two in five came before the demo's first day, the others spread over its days."""
    days = (calendar.today - calendar.first).days
    if part is Part.RESIDENTIAL:
        return calendar.today - timedelta(days=min(12, days))
    if part:
        return calendar.today - timedelta(days=min(days - 1, random.randint(100, 130)))
    if chance(random, 0.4):
        return calendar.first - timedelta(days=random.randint(1, 420))
    return calendar.today - timedelta(days=random.randint(1, days))


def _path(random: Random, medication: MedicationState, part: Part | None) -> tuple[Stay, ...]:
    paths = PATHS[medication]
    if part:
        return paths[0][1]
    [path] = random.choices([path for _, path in paths], [share for share, _ in paths])
    return path


def _levels(
    random: Random, path: Sequence[Stay], *, day_in: date, until: date, calendar: Calendar
) -> Iterator[Move]:
    """The moves of a path up to ``until``; a level without a free bed is left out."""
    day = day_in
    for number, (state, fewest, most) in enumerate(path):
        if number and (day >= until or day > calendar.last_day):
            return
        length = random.randint(fewest, most)
        if state in BED_LEVELS:
            ends = calendar.working_day(day + timedelta(days=length))
            if number < len(path) - 1 and not calendar.take_bed(day, ends):
                continue
        yield Move(day, state, planned_days=max(30, length) if state in RESIDENTIAL else None)
        day = max(day + ONE_DAY, calendar.working_day(day + timedelta(days=length)))


def _medication_from(
    medication: MedicationState, path: Sequence[Stay], *, day_in: date, until: date
) -> date | None:
    if medication is MedicationState.NONE:
        return None
    if medication is not MedicationState.NALTREXONE:
        return day_in
    wait = NALTREXONE_WAIT_DAYS if path[0][0] is CareState.WITHDRAWAL_MANAGEMENT else 0
    first = day_in + timedelta(days=wait)
    return first if first <= until else None


def _run(
    random: Random,
    medication: MedicationState,
    part: Part | None,
    *,
    first: date,
    last: date,
    calendar: Calendar,
) -> Run | None:
    today = calendar.today
    days = Days(
        first=first,
        last=last,
        today=today,
        closed=calendar.closed,
        absent=_absent(part, today),
        reliable=part is not None,
    )
    if medication is MedicationState.METHADONE:
        titration = MethadoneTitration(1.0) if part else MethadoneTitration.of(random)
        return daily_run(random, titration=titration, days=days)
    if medication is MedicationState.BUPRENORPHINE:
        mono = Medication.BUPRENORPHINE
        combined = Medication.BUPRENORPHINE_NALOXONE
        kind = mono if chance(random, 0.12) else combined
        titration_of = BuprenorphineTitration.of(random, medication=kind)
        return daily_run(random, titration=titration_of, days=days)
    return None


def _absent(part: Part | None, today: date) -> frozenset[date]:
    missed = {Part.MISSED_THREE: 3, Part.MISSED_ONE: 1}.get(part, 0) if part else 0
    return frozenset(today - timedelta(days=back) for back in range(1, missed + 1))


def _drawn_reason(random: Random) -> DischargeReason:
    shares = calibration.DISCHARGE_REASONS
    [reason] = random.choices(list(shares), list(shares.values()))
    return reason


def _source(random: Random) -> ReferralSource:
    [source] = random.choices(list(ReferralSource), [0.42, 0.14, 0.2, 0.01, 0.02, 0.08, 0.13], k=1)
    return source


def _waiting(random: Random, person: Person, number: int, calendar: Calendar) -> History:
    """Somebody not admitted before today: an inquiry, a place on the list, interim services."""
    state = (CareState.WAITLIST, CareState.INQUIRY, CareState.INTERIM)[number % 3]
    days_ago = {CareState.INQUIRY: (0, 3), CareState.WAITLIST: (2, 20), CareState.INTERIM: (8, 40)}
    requested_on = calendar.working_day(
        calendar.today - timedelta(days=1 + random.randint(*days_ago[state]))
    )
    moves = [Move(requested_on, CareState.INQUIRY)]
    if state is not CareState.INQUIRY:
        moves.append(Move(requested_on, CareState.WAITLIST))
    if state is CareState.INTERIM:
        moves.append(Move(calendar.working_day(requested_on + ONE_DAY), CareState.INTERIM))
    if number == ADMITTED_TODAY and calendar.is_under_way:
        moves.append(Move(calendar.today, CareState.INTENSIVE_OUTPATIENT))
    episode = EpisodePlan(
        requested_on=requested_on,
        moves=tuple(moves),
        medication=MedicationState.NONE,
        medication_from=None,
        last_on=calendar.today + timedelta(days=LONG_DAYS),
        run=None,
        referral_source=_source(random),
        injects=chance(random, 0.55),
    )
    return History(person, None, (episode,))
