"""Courses unrolled over real calendars: nothing lost, nothing doubled, nothing on a closed day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.errors import Refused
from clinic.therapies.catalogue import CATALOGUE, modality
from clinic.therapies.facts import (
    AfterPhase,
    Every,
    HolidayCalendar,
    Phase,
    PlannedSession,
    TmsTaper,
    Weekday,
    WeekdayPattern,
    Weekly,
)
from clinic.therapies.rules.cadence import session_dates
from clinic.therapies.rules.tms import plan_tms_course

SOURCE = "Site policy: for the test"
FEDERAL_2026_AND_2027 = [
    date(2026, 1, 1),
    date(2026, 1, 19),
    date(2026, 2, 16),
    date(2026, 5, 25),
    date(2026, 6, 19),
    date(2026, 7, 3),
    date(2026, 9, 7),
    date(2026, 10, 12),
    date(2026, 11, 11),
    date(2026, 11, 26),
    date(2026, 12, 25),
    date(2027, 1, 1),
    date(2027, 1, 18),
    date(2027, 2, 15),
]


def dates(planned: tuple[PlannedSession, ...], phase: str | None = None) -> list[date]:
    return [session.on for session in planned if phase in {None, session.phase}]


def weekly(sessions: int, *weekdays: Weekday, per_week: int = 1, spacing: int = 1) -> Phase:
    return Phase(
        "Session",
        sessions,
        60,
        Weekly(per_week, weekdays),
        SOURCE,
        spacing_days_minimum=spacing,
    )


class TestTms:
    """30 acute sessions and the 3-2-1 taper, federal holidays closed."""

    def course(self, start: date) -> tuple[PlannedSession, ...]:
        return session_dates(
            modality("tms").phases, start=start, closed_dates=FEDERAL_2026_AND_2027
        )

    def test_veterans_day_thanksgiving_christmas_and_new_year(self) -> None:
        planned = self.course(date(2026, 11, 9))
        acute = dates(planned, "Acute")
        assert acute[2] == date(2026, 11, 12)
        assert (len(acute), acute[29]) == (30, date(2026, 12, 22))
        assert dates(planned, "Taper") == [
            date(2026, 12, 28),
            date(2026, 12, 30),
            date(2026, 12, 31),
            date(2027, 1, 5),
            date(2027, 1, 7),
            date(2027, 1, 13),
        ]

    def test_labor_day_is_made_up_at_the_end(self) -> None:
        planned = self.course(date(2026, 8, 3))
        acute = dates(planned, "Acute")
        assert acute[24:26] == [date(2026, 9, 4), date(2026, 9, 8)]
        assert acute[29] == date(2026, 9, 14)
        assert planned[-1].on == date(2026, 10, 7)

    def test_memorial_day_falls_into_the_taper(self) -> None:
        planned = self.course(date(2026, 4, 6))
        assert dates(planned, "Acute")[29] == date(2026, 5, 15)
        assert dates(planned, "Taper") == [
            date(2026, 5, 18),
            date(2026, 5, 20),
            date(2026, 5, 22),
            date(2026, 5, 26),
            date(2026, 5, 28),
            date(2026, 6, 3),
        ]

    def test_only_the_first_slot_is_longer(self) -> None:
        planned = self.course(date(2026, 4, 6))
        assert [session.minutes for session in planned[:3]] == [120, 60, 60]
        assert {session.minutes for session in planned[1:]} == {60}

    def test_sessions_are_numbered_through_both_phases(self) -> None:
        planned = self.course(date(2026, 4, 6))
        assert [session.number for session in planned] == list(range(1, 37))

    def test_a_taper_week_without_room_waits_for_the_next(self) -> None:
        shut = [date(2026, 5, 18) + timedelta(days=offset) for offset in range(7)]
        planned = session_dates(modality("tms").phases, start=date(2026, 4, 6), closed_dates=shut)
        assert dates(planned, "Taper")[:3] == [
            date(2026, 5, 25),
            date(2026, 5, 27),
            date(2026, 5, 29),
        ]

    @given(
        start=st.dates(date(2026, 1, 5), date(2026, 10, 1)),
        closed=st.lists(st.dates(date(2026, 1, 5), date(2027, 3, 1)), max_size=12),
    )
    def test_the_catalogue_and_the_tms_rule_agree(self, start: date, closed: list[date]) -> None:
        planned = session_dates(modality("tms").phases, start=start, closed_dates=closed)
        try:
            course = plan_tms_course(
                start,
                acute_sessions=30,
                taper=TmsTaper.THREE_TWO_ONE,
                holiday_calendar=HolidayCalendar.NONE,
                closed_dates=closed,
            )
        except Refused:
            return  # the rule refuses a taper week without room, the catalogue waits a week
        assert tuple(dates(planned)) == course.acute_dates + course.taper_dates


class TestMbsr:
    def test_the_retreat_lies_between_weeks_six_and_seven(self) -> None:
        planned = session_dates(modality("mbsr").phases, start=date(2026, 9, 2))
        assert [(s.on, s.minutes, s.phase) for s in planned][5:8] == [
            (date(2026, 10, 7), 150, "Weekly class"),
            (date(2026, 10, 10), 420, "Retreat day"),
            (date(2026, 10, 14), 150, "Weekly class"),
        ]
        assert planned[-1].on == date(2026, 10, 21)

    def test_a_clinic_shut_at_weekends_holds_it_on_another_open_day(self) -> None:
        planned = session_dates(
            modality("mbsr").phases,
            start=date(2026, 9, 2),
            closed_weekdays=[Weekday.SATURDAY, Weekday.SUNDAY],
        )
        assert dates(planned, "Retreat day") == [date(2026, 10, 8)]

    def test_no_open_day_between_is_refused(self) -> None:
        shut = [date(2026, 10, 8) + timedelta(days=offset) for offset in range(6)]
        with pytest.raises(Refused, match="No open day lies between"):
            session_dates(modality("mbsr").phases, start=date(2026, 9, 2), closed_dates=shut)


class TestPsychedelic:
    def test_integration_is_the_day_after_and_the_doses_lie_three_weeks_apart(self) -> None:
        planned = session_dates(modality("psychedelic_assisted").phases, start=date(2026, 4, 6))
        assert [(s.on, s.phase) for s in planned] == [
            (date(2026, 4, 6), "Preparation"),
            (date(2026, 4, 13), "Preparation"),
            (date(2026, 4, 20), "Preparation"),
            (date(2026, 4, 22), "First dosing"),
            (date(2026, 4, 23), "First integration"),
            (date(2026, 4, 30), "First integration"),
            (date(2026, 5, 7), "First integration"),
            (date(2026, 5, 13), "Second dosing"),
            (date(2026, 5, 14), "Second integration"),
            (date(2026, 5, 21), "Second integration"),
            (date(2026, 5, 28), "Second integration"),
        ]

    def test_a_dosing_day_waits_when_the_day_after_is_closed(self) -> None:
        planned = session_dates(
            modality("psychedelic_assisted").phases,
            start=date(2026, 4, 6),
            closed_dates=[date(2026, 4, 23)],
        )
        assert dates(planned, "First dosing") == [date(2026, 4, 24)]
        assert dates(planned, "First integration")[0] == date(2026, 4, 25)


class TestWeekly:
    def test_the_course_keeps_the_weekday_it_starts_on(self) -> None:
        assert dates(session_dates([weekly(3)], start=date(2026, 9, 2))) == [
            date(2026, 9, 2),
            date(2026, 9, 9),
            date(2026, 9, 16),
        ]

    def test_a_closed_week_is_made_up_at_the_end(self) -> None:
        planned = session_dates(
            [weekly(3)], start=date(2026, 9, 2), closed_dates=[date(2026, 9, 9)]
        )
        assert dates(planned) == [date(2026, 9, 2), date(2026, 9, 16), date(2026, 9, 23)]

    def test_a_start_on_a_day_the_site_never_works_takes_the_next_weekday(self) -> None:
        planned = session_dates(
            [weekly(2)],
            start=date(2026, 9, 5),
            closed_weekdays=[Weekday.SATURDAY, Weekday.SUNDAY],
        )
        assert dates(planned) == [date(2026, 9, 7), date(2026, 9, 14)]

    def test_the_patients_own_weekdays_come_first(self) -> None:
        phase = weekly(4, Weekday.MONDAY, Weekday.THURSDAY, per_week=2)
        planned = session_dates(
            [phase], start=date(2026, 9, 7), weekdays=(Weekday.TUESDAY, Weekday.FRIDAY)
        )
        assert dates(planned) == [
            date(2026, 9, 8),
            date(2026, 9, 11),
            date(2026, 9, 15),
            date(2026, 9, 18),
        ]

    def test_too_few_own_weekdays_leave_the_catalogues(self) -> None:
        phase = weekly(2, Weekday.MONDAY, Weekday.THURSDAY, per_week=2)
        planned = session_dates([phase], start=date(2026, 9, 7), weekdays=(Weekday.TUESDAY,))
        assert dates(planned) == [date(2026, 9, 7), date(2026, 9, 10)]

    def test_no_more_a_week_than_ordered_though_more_days_would_do(self) -> None:
        phase = weekly(4, Weekday.MONDAY, Weekday.TUESDAY, Weekday.FRIDAY, per_week=2)
        assert dates(session_dates([phase], start=date(2026, 9, 7))) == [
            date(2026, 9, 7),
            date(2026, 9, 8),
            date(2026, 9, 14),
            date(2026, 9, 15),
        ]

    def test_spacing_pushes_the_second_session_of_the_week(self) -> None:
        phase = weekly(2, Weekday.MONDAY, Weekday.TUESDAY, Weekday.FRIDAY, per_week=2, spacing=2)
        assert dates(session_dates([phase], start=date(2026, 9, 7))) == [
            date(2026, 9, 7),
            date(2026, 9, 11),
        ]


def test_an_injection_on_a_closed_day_moves_on_and_the_next_counts_from_it() -> None:
    # Four weeks from 2026-04-06 is 2026-05-04; closed, so the day after.
    planned = session_dates(
        modality("naltrexone").phases,
        start=date(2026, 4, 6),
        closed_dates=[date(2026, 5, 4)],
    )
    assert dates(planned)[:3] == [date(2026, 4, 6), date(2026, 5, 5), date(2026, 6, 2)]


def test_a_phase_waits_for_the_one_it_names() -> None:
    phases = [
        Phase("First", 1, 60, Every(1), SOURCE),
        Phase("Second", 1, 60, Every(1), SOURCE, not_before=AfterPhase("First", 21)),
    ]
    assert dates(session_dates(phases, start=date(2026, 4, 1))) == [
        date(2026, 4, 1),
        date(2026, 4, 22),
    ]


def test_a_course_beyond_the_horizon_is_refused() -> None:
    with pytest.raises(Refused, match="does not fit between 2026-04-06 and 2026-05-06"):
        session_dates([weekly(6)], start=date(2026, 4, 6), horizon_days=30)


def test_a_site_that_never_opens_is_refused() -> None:
    with pytest.raises(Refused, match="does not fit"):
        session_dates([weekly(1)], start=date(2026, 4, 6), closed_weekdays=list(Weekday))


def test_a_taper_for_a_site_that_never_opens_is_refused() -> None:
    taper = Phase("Taper", 1, 30, WeekdayPattern(((Weekday.MONDAY,),)), SOURCE)
    with pytest.raises(Refused, match="does not fit"):
        session_dates([taper], start=date(2026, 4, 6), closed_weekdays=list(Weekday))


def test_no_phases_no_sessions() -> None:
    assert session_dates((), start=date(2026, 4, 6)) == ()


@st.composite
def phases_of_a_course(draw: st.DrawFn) -> list[Phase]:
    phases = []
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["weekly", "every", "pattern"]))
        spacing = 1
        sessions = draw(st.integers(1, 12))
        rhythm: Weekly | Every | WeekdayPattern
        if kind == "weekly":
            chosen = draw(st.sets(st.sampled_from(list(Weekday)), min_size=1))
            per_week = draw(st.integers(1, len(chosen)))
            rhythm = Weekly(per_week, tuple(sorted(chosen)))
            spacing = draw(st.integers(1, 4))
        elif kind == "every":
            rhythm = Every(draw(st.integers(1, 28)))
            spacing = draw(st.integers(1, 4))
        else:
            weekdays = st.sets(st.sampled_from(list(Weekday)[:5]), min_size=1, max_size=5)
            weeks = draw(st.lists(weekdays.map(lambda days: tuple(sorted(days))), min_size=1))[:3]
            rhythm = WeekdayPattern(tuple(weeks))
            sessions = sum(map(len, weeks))
        phases.append(
            Phase(f"Phase {number}", sessions, 60, rhythm, SOURCE, spacing_days_minimum=spacing)
        )
    return phases


closures = st.lists(st.dates(date(2026, 1, 1), date(2027, 6, 30)), max_size=40)
starts = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(phases=phases_of_a_course(), start=starts, closed=closures)
def test_every_session_is_kept_on_its_own_open_day_and_spaced(
    phases: list[Phase], start: date, closed: list[date]
) -> None:
    planned = session_dates(phases, start=start, closed_dates=closed, horizon_days=3650)
    days = dates(planned)
    for phase in phases:
        assert len(dates(planned, phase.name)) == phase.sessions
    assert days == sorted(set(days))
    assert not set(days) & set(closed)
    assert days[0] >= start
    spacing = {phase.name: phase.spacing_days_minimum for phase in phases}
    for earlier, later in pairwise(planned):
        assert (later.on - earlier.on).days >= spacing[later.phase]


@given(phases=phases_of_a_course(), start=starts, closed=closures)
def test_a_week_never_holds_more_than_ordered(
    phases: list[Phase], start: date, closed: list[date]
) -> None:
    planned = session_dates(phases, start=start, closed_dates=closed, horizon_days=3650)
    for phase in phases:
        if isinstance(phase.rhythm, Weekly):
            weeks = [day.isocalendar()[:2] for day in dates(planned, phase.name)]
            assert all(weeks.count(week) <= phase.rhythm.per_week for week in weeks)


@given(
    code=st.sampled_from([code for code in CATALOGUE if code != "mbsr"]),
    start=starts,
    closed=closures,
)
def test_any_treatment_keeps_its_sessions_through_any_closures(
    code: str, start: date, closed: list[date]
) -> None:
    planned = session_dates(modality(code).phases, start=start, closed_dates=closed)
    days = dates(planned)
    assert len(days) == modality(code).total_sessions
    assert days == sorted(set(days))
    assert not set(days) & set(closed)


@given(start=starts, closed=closures)
def test_integration_always_follows_the_dosing_day(start: date, closed: list[date]) -> None:
    planned = session_dates(
        modality("psychedelic_assisted").phases, start=start, closed_dates=closed
    )
    for which in ("First", "Second"):
        dosing = dates(planned, f"{which} dosing")[0]
        assert dates(planned, f"{which} integration")[0] == dosing + timedelta(days=1)
