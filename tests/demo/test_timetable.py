from __future__ import annotations

from datetime import date
from uuid import UUID

from clinic.demo.house import Thing
from clinic.demo.timetable import Timetable, Wanted
from clinic.scheduling.facts import ResourceKind

MONDAY = date(2026, 3, 2)
ROOM = Thing(UUID(int=1), ResourceKind.ROOM, "Room", "counseling_room")
TESS = Thing(UUID(int=2), ResourceKind.STAFF, "Tess", "tms_operator")
TOM = Thing(UUID(int=3), ResourceKind.STAFF, "Tom", "tms_operator")


def wanted(*pools: list[Thing], people: tuple[str, ...] = ("Sage",)) -> Wanted:
    return Wanted(
        on=MONDAY,
        minutes=60,
        preferred_minute=540,
        opens=480,
        closes=720,
        pools=pools,
        people=people,
    )


def test_the_preferred_time_is_taken_when_everything_is_free() -> None:
    slot = Timetable().place(wanted([ROOM], [TESS, TOM]))
    assert slot is not None
    assert (slot.start, slot.end, slot.things) == (540, 600, (ROOM, TESS))


def test_another_of_the_same_skill_serves_when_the_first_is_taken() -> None:
    timetable = Timetable()
    timetable.place(wanted([TESS]))
    slot = timetable.place(wanted([TESS, TOM], people=("Wren",)))
    assert slot is not None
    assert (slot.start, slot.things) == (540, (TOM,))


def test_a_taken_room_moves_the_session_later_then_earlier() -> None:
    timetable = Timetable()
    starts = []
    for person in ("Sage", "Wren", "Robin", "Sky"):
        slot = timetable.place(wanted([ROOM], people=(person,)))
        starts.append(slot and slot.start)
    assert starts == [540, 600, 660, 480]
    assert timetable.place(wanted([ROOM], people=("Lake",))) is None


def test_nobody_is_in_two_places() -> None:
    timetable = Timetable()
    timetable.place(wanted([TESS]))
    slot = timetable.place(wanted([TOM]))
    assert slot is not None
    assert slot.start == 600


def test_two_needs_for_one_skill_take_two_people() -> None:
    slot = Timetable().place(wanted([TESS, TOM], [TESS, TOM]))
    assert slot is not None
    assert slot.things == (TESS, TOM)
