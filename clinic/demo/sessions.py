"""Courses as rows: sessions with what they hold, places in them, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final
from uuid import UUID

from clinic.core.decision import Decision
from clinic.demo import calibration
from clinic.demo.charts import Chart
from clinic.demo.courses import NALTREXONE, CoursePlan, Planner
from clinic.demo.house import DemoSite, Thing
from clinic.demo.rows import Row, Rows
from clinic.demo.timetable import Slot, Timetable, Wanted
from clinic.programs.facts import CareState
from clinic.rewards.facts import Protocol
from clinic.scheduling.facts import CANCELLED, BookingStatus, SessionStatus, Setting
from clinic.scheduling.models import AttendanceEvent, Booking, Series, Session, SessionResource
from clinic.staff.facts import Role
from clinic.therapies.catalogue import CATALOGUE
from clinic.therapies.facts import Modality, PlannedSession
from clinic.therapies.models import Course, ModalityReferral

RESIDENTIAL_MODALITY: Final = "inpatient_rehabilitation"
LONG_SESSION_MINUTES: Final = 300
SOON: Final = timedelta(minutes=30)
REASONS: Final[Mapping[BookingStatus, Sequence[str]]] = {
    BookingStatus.LATE_CANCEL: ("No ride", "Called in: shift changed", "Child is ill"),
    BookingStatus.TIMELY_CANCEL: ("Court date", "Work", "Travels to family"),
    BookingStatus.CLINIC_CANCEL: ("Staff member is ill", "Device being serviced"),
}


@dataclass(frozen=True, slots=True)
class Visit:
    """A booking as the rest of the demo needs it."""

    chart: Chart
    modality: str
    on: date
    starts_at: datetime
    status: BookingStatus


@dataclass(frozen=True, slots=True)
class RewardCourse:
    """A patient on a reward protocol with the visits of it that are past or under way."""

    chart: Chart
    protocol: Protocol
    starts_on: date
    visits: tuple[Visit, ...]


@dataclass(slots=True)
class Schedule:
    """Everything booked at one site, and what the other parts want to know of it."""

    rows: Rows
    random: Random
    site: DemoSite
    timetable: Timetable = field(default_factory=Timetable)
    rewards: list[RewardCourse] = field(default_factory=list)
    injections: list[Visit] = field(default_factory=list)
    waiting: set[UUID] = field(default_factory=set)
    """Patients checked in at this moment."""

    def fill(self, charts: Sequence[Chart], *, days: int, scale: float) -> None:
        """Book every course the planner gives, and record stays and referrals."""
        planner = Planner(self.random, self.site, charts, days, scale)
        for number, plan in enumerate(planner.plans()):
            self._book(plan, number)
        for chart in charts:
            self._stays(chart)
        self._refer(charts)

    def _book(self, plan: CoursePlan, number: int) -> None:
        pools = _pools(plan.modality, self.site.things, number)
        if pools is None:
            return
        arranged_at = self.site.no_later(
            self.site.instant(plan.starts_on - timedelta(days=1), 14 * 60 + number % 60)
        )
        slots = [(planned, slot) for planned, slot in self._slots(plan, pools) if slot is not None]
        if not slots:
            return
        course_ids = [
            self._course(plan.modality, member.chart, member.decision, slots, arranged_at)
            for member in plan.members
        ]
        series_id = self._series(plan, slots, arranged_at)
        visits: dict[UUID, list[Visit]] = {}
        for planned, slot in slots:
            session = self._session(plan, planned, slot, series_id, arranged_at)
            for place, (member, course_id) in enumerate(
                zip(plan.members, course_ids, strict=True), start=1
            ):
                visit = self._booking(
                    plan,
                    session,
                    chart=member.chart,
                    course_id=course_id,
                    place=place,
                    at=arranged_at,
                )
                visits.setdefault(member.chart.id, []).append(visit)
            self._holds(session, slot)
        self._note(plan, visits)

    def _slots(
        self, plan: CoursePlan, pools: Sequence[Sequence[Thing]]
    ) -> Iterator[tuple[PlannedSession, Slot | None]]:
        """A time for every session; one that finds none is given up."""
        preferred = 30 * self.random.randint(15, 31)
        for planned in plan.sessions:
            hours = self.site.hours(planned.on)
            if hours is None:
                continue
            opens, closes = map(_minute, hours)
            is_long = planned.minutes >= LONG_SESSION_MINUTES
            yield (
                planned,
                self.timetable.place(
                    Wanted(
                        on=planned.on,
                        minutes=planned.minutes,
                        preferred_minute=8 * 60 + 30 if is_long else preferred,
                        opens=opens + 60,
                        closes=closes,
                        pools=pools,
                        people=[member.chart.id for member in plan.members],
                    )
                ),
            )

    def _course(
        self,
        modality: Modality,
        chart: Chart,
        decision: Decision,
        slots: Sequence[tuple[PlannedSession, Slot]],
        at: datetime,
    ) -> UUID:
        course_id = self.rows.id_at(at)
        last_on = slots[-1][1].on
        is_over = last_on < self.site.today
        self.rows.add(
            Course,
            id=course_id,
            site_id=self.site.clock.id,
            patient_id=chart.id,
            episode_id=chart.open_episode_id,
            modality=modality.code,
            starts_on=slots[0][1].on,
            ended_on=last_on if is_over else None,
            ended_why="Completed: every session offered" if is_over else None,
            sessions_planned=len(slots),
            decision=decision.to_json(),
            **self.site.on_duty(Role.PRESCRIBER, on=last_on).signs(at),
        )
        return course_id

    def _series(
        self, plan: CoursePlan, slots: Sequence[tuple[PlannedSession, Slot]], at: datetime
    ) -> UUID:
        series_id = self.rows.id_at(at)
        first = slots[0][1]
        self.rows.add(
            Series,
            id=series_id,
            site_id=self.site.clock.id,
            patient_id=plan.members[0].chart.id if plan.capacity == 1 else None,
            modality=plan.modality.code,
            pattern={
                "wall_time": time(first.start // 60, first.start % 60).isoformat("minutes"),
                "setting": plan.modality.settings[0].value,
                "visits": [
                    {
                        "on": slot.on.isoformat(),
                        "minutes": slot.end - slot.start,
                        "resources": [str(thing.id) for thing in slot.things],
                    }
                    for _, slot in slots
                ],
            },
            **self._desk(at),
        )
        return series_id

    def _session(
        self, plan: CoursePlan, planned: PlannedSession, slot: Slot, series_id: UUID, at: datetime
    ) -> Row:
        session: Row = {
            "id": self.rows.id_at(at),
            "site_id": self.site.clock.id,
            "modality": plan.modality.code,
            "title": f"{plan.modality.name}: {planned.phase.lower()}",
            "setting": Setting(plan.modality.settings[0].value),
            "starts_at": self.site.instant(slot.on, slot.start),
            "ends_at": self.site.instant(slot.on, slot.end),
            "service_date": slot.on,
            "time_zone": self.site.clock.time_zone,
            "capacity": plan.capacity,
            "status": SessionStatus.PLANNED,
            "series_id": series_id,
            **self._desk(at),
        }
        self.rows.add(Session, **session)
        return self.rows.tables[Session.__tablename__][-1]

    def _booking(
        self,
        plan: CoursePlan,
        session: Row,
        *,
        chart: Chart,
        course_id: UUID,
        place: int,
        at: datetime,
    ) -> Visit:
        starts_at, ends_at = session["starts_at"], session["ends_at"]
        steps = list(self._steps(plan, starts_at, ends_at))
        status = steps[-1][0] if steps else BookingStatus.BOOKED
        booking_id = self.rows.id_at(at)
        self.rows.add(
            Booking,
            id=booking_id,
            site_id=self.site.clock.id,
            session_id=session["id"],
            capacity=plan.capacity,
            place=place,
            patient_id=chart.id,
            course_id=course_id,
            starts_at=starts_at,
            ends_at=ends_at,
            service_date=session["service_date"],
            status=status,
            version=1 + len(steps),
            **self._desk(at),
        )
        for sequence, (step, step_at) in enumerate(steps, start=1):
            self.rows.add(
                AttendanceEvent,
                id=self.rows.id_at(step_at),
                site_id=self.site.clock.id,
                booking_id=booking_id,
                patient_id=chart.id,
                sequence=sequence,
                status=step,
                reason=self.random.choice(REASONS.get(step, ("",))),
                **self.site.happened(step_at),
                **self._desk(step_at),
            )
        if status in CANCELLED and plan.capacity == 1:
            session.update(status=SessionStatus.CANCELLED, version=2)
        if status is BookingStatus.CHECKED_IN:
            self.waiting.add(chart.id)
        return Visit(chart, plan.modality.code, session["service_date"], starts_at, status)

    def _steps(
        self, plan: CoursePlan, starts_at: datetime, ends_at: datetime
    ) -> Iterator[tuple[BookingStatus, datetime]]:
        """What has become of a booking by now, step by step; nothing while it lies ahead."""
        as_of = self.site.as_of
        is_kept = plan.modality.code == NALTREXONE or self.random.random() < calibration.VISITS_KEPT
        came_at = starts_at - timedelta(minutes=self.random.randint(2, 14))
        if ends_at > as_of:
            is_here = starts_at <= as_of or (
                starts_at - as_of <= SOON and came_at <= as_of and self.site.done_share > 0
            )
            if is_here and is_kept:
                yield BookingStatus.CHECKED_IN, came_at
        elif is_kept:
            yield BookingStatus.CHECKED_IN, came_at
            yield BookingStatus.ATTENDED, ends_at
        else:
            shares = calibration.VISITS_NOT_KEPT
            [word] = self.random.choices(list(shares), list(shares.values()))
            status = BookingStatus(word)
            yield status, _told_at(self.random, status, starts_at)

    def _holds(self, session: Row, slot: Slot) -> None:
        for thing in slot.things:
            self.rows.add(
                SessionResource,
                id=self.rows.id_at(session["recorded_at"]),
                site_id=self.site.clock.id,
                session_id=session["id"],
                resource_id=thing.id,
                starts_at=session["starts_at"],
                ends_at=session["ends_at"],
                is_held=session["status"] is SessionStatus.PLANNED,
            )

    def _note(self, plan: CoursePlan, visits: Mapping[UUID, Sequence[Visit]]) -> None:
        """Keep what rewards and the injection room go on with."""
        for member in plan.members:
            own = [visit for visit in visits[member.chart.id] if visit.on <= self.site.today]
            if plan.protocol:
                self.rewards.append(
                    RewardCourse(member.chart, plan.protocol, plan.starts_on, tuple(own))
                )
            elif plan.modality.code == NALTREXONE:
                self.injections += own

    def _stays(self, chart: Chart) -> None:
        """Inpatient rehabilitation is a course without sessions: its days are bed days."""
        modality = CATALOGUE[RESIDENTIAL_MODALITY]
        for episode_id, episode in chart.episodes:
            for move, after in zip(episode.moves, (*episode.moves[1:], None), strict=True):
                if move.to is not CareState.RESIDENTIAL_HIGH:
                    continue
                at = self.site.instant(move.on, 13 * 60 + 10)
                ended_on = after.on if after else None
                self.rows.add(
                    Course,
                    id=self.rows.id_at(at),
                    site_id=self.site.clock.id,
                    patient_id=chart.id,
                    episode_id=episode_id,
                    modality=modality.code,
                    starts_on=move.on,
                    ended_on=ended_on,
                    ended_why=f"Moved on: {after.to.label}" if after else None,
                    sessions_planned=0,
                    decision=Decision().to_json(),
                    **self.site.on_duty(Role.PRESCRIBER, on=move.on).signs(at),
                )

    def _refer(self, charts: Sequence[Chart]) -> None:
        """Research-only treatments: told about, and referred to a trial."""
        in_care = [chart for chart in charts if chart.current.in_care]
        for modality in CATALOGUE.values():
            if modality.may_be_scheduled:
                continue
            for back, chart in enumerate(in_care[:2], start=1):
                on = self.site.today - timedelta(days=9 * back)
                at = self.site.instant(on, 11 * 60)
                self.rows.add(
                    ModalityReferral,
                    id=self.rows.id_at(at),
                    site_id=self.site.clock.id,
                    patient_id=chart.id,
                    modality=modality.code,
                    referred_on=on,
                    referred_to="Example University, trial registry",
                    reason=modality.evidence.why[:200],
                    **self.site.on_duty(Role.PRESCRIBER, on=on).signs(at),
                )

    def _desk(self, at: datetime) -> Row:
        return self.site.on_duty(Role.FRONT_DESK, on=self.site.clock.service_date(at)).signs(at)


def _pools(modality: Modality, things: Sequence[Thing], number: int) -> list[list[Thing]] | None:
    """For every resource a session needs, who could serve; None when the site has none."""
    codes = [need.skill.value for need in modality.staff for _ in range(need.count)]
    codes += [need.code for need in modality.resources]
    pools = []
    for code in codes:
        pool = [thing for thing in things if thing.skill == code]
        if not pool:
            return None
        first = number % len(pool)
        pools.append([*pool[first:], *pool[:first]])
    return pools


def _told_at(random: Random, status: BookingStatus, starts_at: datetime) -> datetime:
    hours = {
        BookingStatus.NO_SHOW: (-0.5, -0.3),
        BookingStatus.LATE_CANCEL: (1, 20),
        BookingStatus.TIMELY_CANCEL: (26, 70),
        BookingStatus.CLINIC_CANCEL: (1, 3),
    }[status]
    minutes_before = round(60 * random.uniform(*hours))
    return starts_at - timedelta(minutes=minutes_before)


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute
