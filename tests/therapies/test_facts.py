"""A phase whose numbers contradict each other cannot be written down."""

from __future__ import annotations

from datetime import date

import pytest

from clinic.therapies.facts import (
    Between,
    Duration,
    Every,
    Evidence,
    Modality,
    Owner,
    Phase,
    StageGroup,
    Standing,
    Statement,
    Weekday,
    WeekdayPattern,
    Weekly,
)

SOURCE = "Site policy: for the test"


def equine_therapy(standing: Standing = Standing.INVESTIGATIONAL) -> Modality:
    return Modality(
        code="equine_therapy",
        name="Equine therapy",
        summary="Time with horses.",
        group=StageGroup.COMPLEMENTARY,
        evidence=Evidence(standing, "Small studies only.", "A paper"),
        indication=Statement("Anyone who likes horses.", SOURCE),
        duration=Duration(29, 29, SOURCE),
        staff=(),
        settings=(),
        consents=(),
        completion=Statement("Five rides.", SOURCE),
        outcome_instrument="mood_0_10",
        phases=(
            Phase("Groundwork", 2, 60, Weekly(1), "A manual"),
            Phase("Riding", 3, 60, Weekly(1), "A manual"),
        ),
    )


def test_weekdays_are_numbered_as_dates_number_them() -> None:
    assert [day.name for day in Weekday] == [
        "MONDAY",
        "TUESDAY",
        "WEDNESDAY",
        "THURSDAY",
        "FRIDAY",
        "SATURDAY",
        "SUNDAY",
    ]
    assert Weekday(date(2026, 11, 22).weekday()).name == "SUNDAY"


def test_two_sessions_a_week_need_two_different_weekdays() -> None:
    with pytest.raises(ValueError, match="2 sessions a week"):
        Weekly(2, (Weekday.MONDAY, Weekday.MONDAY))


@pytest.mark.parametrize(("sessions", "minutes", "spacing"), [(0, 60, 1), (1, 0, 1), (1, 60, 0)])
def test_sessions_minutes_and_spacing_start_at_one(
    sessions: int, minutes: int, spacing: int
) -> None:
    with pytest.raises(ValueError, match="start at one"):
        Phase("Ride", sessions, minutes, Every(1), SOURCE, spacing_days_minimum=spacing)


def test_a_weekday_pattern_adds_up_to_its_sessions() -> None:
    three = ((Weekday.MONDAY, Weekday.FRIDAY), (Weekday.WEDNESDAY,))
    assert Phase("Taper", 3, 30, WeekdayPattern(three), SOURCE).sessions == 3
    with pytest.raises(ValueError, match="do not add up to 4"):
        Phase("Taper", 4, 30, WeekdayPattern(three), SOURCE)


def test_a_weekday_pattern_has_no_other_spacing() -> None:
    with pytest.raises(ValueError, match="its own spacing"):
        Phase("Taper", 1, 30, WeekdayPattern(((Weekday.MONDAY,),)), SOURCE, spacing_days_minimum=2)


def test_one_session_only_stands_between_two_others() -> None:
    with pytest.raises(ValueError, match="only one session"):
        Phase("Retreat", 2, 420, Between("Class", 6, ()), SOURCE)


def test_only_a_phase_counted_in_days_begins_the_very_next_day() -> None:
    with pytest.raises(ValueError, match="counted in days"):
        Phase("Integration", 1, 60, Weekly(1), SOURCE, the_very_next_day=True)


def test_a_course_adds_up_its_phases() -> None:
    assert equine_therapy().total_sessions == 5


def test_without_a_group_a_session_is_for_one() -> None:
    assert equine_therapy().group_size == 1


def test_the_therapies_engine_owns_what_nobody_else_does() -> None:
    assert equine_therapy().owned_by is Owner.THERAPIES


def test_sources_are_named_once_in_the_order_of_the_entry() -> None:
    assert equine_therapy().sources == ("A paper", "Site policy: for the test", "A manual")


@pytest.mark.parametrize(
    ("standing", "schedulable"),
    [
        (Standing.ESTABLISHED, True),
        (Standing.OFF_LABEL, True),
        (Standing.INVESTIGATIONAL, True),
        (Standing.RESEARCH_ONLY, False),
    ],
)
def test_only_research_cannot_be_scheduled(standing: Standing, schedulable: bool) -> None:
    assert equine_therapy(standing).may_be_scheduled is schedulable
