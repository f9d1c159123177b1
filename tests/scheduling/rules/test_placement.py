"""A proposal keeps the same people and rooms where it can, and says so where it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from clinic.core.periods import Period
from clinic.scheduling.facts import (
    Candidate,
    ClashCause,
    Diary,
    Engagement,
    Need,
    Occurrence,
    OpenDays,
    Placement,
    ResourceKind,
    ResourceName,
    Visit,
)
from clinic.scheduling.rules.occurrences import occurrences
from clinic.scheduling.rules.placement import place
from tests import cast

OPEN = OpenDays({day: (time(5, 30), time(18, 0)) for day in range(7)})
ASH = UUID(int=99)
MONDAY = date(2026, 3, 9)
WEEK = occurrences(
    [Visit(MONDAY + timedelta(days=day), 60) for day in range(5)],
    wall_time=time(9, 0),
    clock=cast.NORTH,
)
OPERATOR = Need(ResourceKind.STAFF, "tms_operator")
COIL = Need(ResourceKind.DEVICE, "tms_stimulator")


def held_on(*days: int) -> Diary:
    return Diary(tuple(Engagement(WEEK[day].period, "TMS") for day in days))


def operator(number: int, name: str, *busy: int, wanted: bool = False) -> Candidate:
    resource = ResourceName(UUID(int=number), ResourceKind.STAFF, name, frozenset({"tms_operator"}))
    return Candidate(resource, held_on(*busy), wanted)


def coil(number: int, name: str, *busy: int) -> Candidate:
    resource = ResourceName(
        UUID(int=number), ResourceKind.DEVICE, name, frozenset({"tms_stimulator"})
    )
    return Candidate(resource, held_on(*busy))


def proposal(
    *candidates: Candidate,
    needs: Sequence[Need] = (OPERATOR, COIL),
    patient: Diary | None = None,
    open_days: OpenDays = OPEN,
    dates: Sequence[Occurrence] = WEEK,
) -> Placement:
    return place(
        dates,
        needs=needs,
        candidates=candidates,
        patient=(ASH, patient or Diary()),
        open_days=open_days,
        clock=cast.NORTH,
    )


def names(found: Placement) -> list[list[str]]:
    return [[each.name for each in visit.resources] for visit in found.placed]


def test_the_first_who_is_free_all_the_way_through_serves_every_date() -> None:
    found = proposal(operator(1, "Ann", 2), operator(2, "Ben"), coil(3, "Coil 1"))

    assert found.is_complete
    assert names(found) == [["Ben", "Coil 1"]] * 5
    assert found.exceptions == ()


def test_a_substitute_is_named_with_the_reason() -> None:
    found = proposal(operator(1, "Ann", 2), operator(2, "Ben", 0, 1), coil(3, "Coil 1"))

    assert [each[0] for each in names(found)] == ["Ann", "Ann", "Ben", "Ann", "Ann"]
    assert found.exceptions == ("Wed 11 Mar 2026 09:00-10:00: Ben, because Ann is taken.",)


def test_the_wanted_person_serves_wherever_free() -> None:
    found = proposal(operator(1, "Ann"), operator(2, "Ben", 0, 1, wanted=True), coil(3, "Coil 1"))

    assert [each[0] for each in names(found)] == ["Ann", "Ann", "Ben", "Ben", "Ben"]


def test_a_date_nobody_can_serve_is_told_and_the_others_still_stand() -> None:
    found = proposal(operator(1, "Ann"), coil(3, "Coil 1", 4))

    assert len(found.placed) == 4
    assert [(each.on, each.cause) for each in found.found] == [
        (date(2026, 3, 13), ClashCause.NOBODY_FREE)
    ]
    assert "no TMS stimulator is free" in found.found[0].message


def test_a_site_without_the_device_is_told_for_every_date() -> None:
    found = proposal(operator(1, "Ann"))

    assert found.placed == ()
    assert {each.message.split(": ")[1] for each in found.found} == {
        "no TMS stimulator is entered at this site."
    }


def test_two_facilitators_are_two_people() -> None:
    two = Need(ResourceKind.STAFF, "tms_operator", count=2)

    assert (
        names(proposal(operator(1, "Ann"), operator(2, "Ben"), needs=[two])) == [["Ann", "Ben"]] * 5
    )
    assert not proposal(operator(1, "Ann"), needs=[two]).is_complete


def test_a_busy_patient_and_a_closed_day_are_causes() -> None:
    shut = OpenDays(OPEN.hours, {date(2026, 3, 10): "Training"})

    found = proposal(operator(1, "Ann"), coil(3, "Coil 1"), patient=held_on(0), open_days=shut)

    assert [(each.on, each.cause) for each in found.found] == [
        (date(2026, 3, 9), ClashCause.PATIENT_BUSY),
        (date(2026, 3, 10), ClashCause.CLOSED_DAY),
    ]
    assert [each.occurrence.number for each in found.placed] == [3, 4, 5]


def test_a_resource_out_of_use_is_never_proposed() -> None:
    resting = ResourceName(
        UUID(int=1), ResourceKind.STAFF, "Ann", frozenset({"tms_operator"}), is_active=False
    )

    assert not proposal(Candidate(resting, Diary()), needs=[OPERATOR]).is_complete


@given(
    busy=st.lists(st.lists(st.integers(0, 23), max_size=8, unique=True), min_size=1, max_size=4),
    hour=st.integers(6, 16),
    sessions=st.integers(1, 20),
)
def test_nobody_placed_is_ever_taken_and_no_date_is_lost(
    busy: list[list[int]], hour: int, sessions: int
) -> None:
    dates = occurrences(
        [Visit(MONDAY + timedelta(days=day), 60) for day in range(sessions)],
        wall_time=time(hour, 30),
        clock=cast.NORTH,
    )

    def diary(hours: list[int]) -> Diary:
        edges = [cast.NORTH.instant(MONDAY, time(each)) for each in sorted(hours)]
        return Diary(tuple(Engagement(Period(a, b), "CBT") for a, b in list(pairwise(edges))[::2]))

    candidates = [
        Candidate(operator(number, f"Operator {number}").resource, diary(hours))
        for number, hours in enumerate(busy, start=1)
    ]
    found = proposal(*candidates, needs=[OPERATOR], dates=dates)

    diaries = {each.resource.id: each.diary for each in candidates}
    assert not any(
        diaries[resource.id].during(visit.occurrence.period)
        for visit in found.placed
        for resource in visit.resources
    )
    placed = {visit.occurrence.on for visit in found.placed}
    missed = {each.on for each in found.found}
    assert placed | missed == {each.on for each in dates}
    assert not placed & missed
