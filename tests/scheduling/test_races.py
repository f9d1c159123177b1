"""Eight desks, one slot: real processes on the same database, on both engines."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from clinic.data.db import db
from clinic.scheduling.models import Booking, SessionResource
from tests import cast
from tests.conftest import WorkAs
from tests.scheduling import racers
from tests.scheduling.builders import NINE, TOMORROW, a_patient, a_resource, a_visit, at

DESKS = 8
ROUNDS = 100


@pytest.mark.timeout(180)
def test_of_eight_who_want_one_slot_exactly_one_gets_it_every_time(
    app: Flask, work_as: WorkAs
) -> None:
    with work_as(cast.ADA) as work:
        room = a_resource(work)
        people = [a_patient(work, name=f"Ash {number}") for number in range(DESKS)]
    db.session.remove()
    slots = [at(TOMORROW, NINE) + timedelta(minutes=5 * number) for number in range(ROUNDS)]

    outcomes = racers.race(
        app, racers.book_slot, [[(one, room, slot) for slot in slots] for one in people]
    )

    for number in range(ROUNDS):
        got = sorted(racer[number] for racer in outcomes)
        assert got.count("booked") == 1, got
        assert all("Room 1 is taken" in clash for clash in got if clash != "booked"), got
    assert overlaps() == 0


@pytest.mark.timeout(180)
def test_one_patient_asked_to_be_in_eight_rooms_is_in_one(app: Flask, work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        patient = a_patient(work)
        rooms = [a_resource(work, name=f"Room {number}") for number in range(DESKS)]
    db.session.remove()

    outcomes = racers.race(
        app, racers.book_slot, [[(patient, room, at(TOMORROW, NINE))] for room in rooms]
    )

    got = sorted(outcome for [outcome] in outcomes)
    assert got.count("booked") == 1, got
    assert sum("the patient has another visit then" in clash for clash in got) == DESKS - 1


@pytest.mark.timeout(180)
def test_a_group_of_twelve_takes_twelve_of_twenty(app: Flask, work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        group = a_visit(work, starts_at=at(TOMORROW, NINE), capacity=12).session_id
        people = [a_patient(work, name=f"Ash {number}") for number in range(20)]
    db.session.remove()
    tries = [[(group, one) for one in people[number::5]] for number in range(5)]

    outcomes = [
        outcome for racer in racers.race(app, racers.join_group, tries) for outcome in racer
    ]

    assert outcomes.count("booked") == 12
    assert sum("all 12 places are taken" in clash for clash in outcomes) == 8
    places = db.session.scalars(sa.select(Booking.place)).all()
    assert sorted(places) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]


def overlaps() -> int:
    one, other = sa.orm.aliased(SessionResource), sa.orm.aliased(SessionResource)
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(one)
            .join(
                other,
                (one.resource_id == other.resource_id)
                & (one.id < other.id)
                & (one.starts_at < other.ends_at)
                & (other.starts_at < one.ends_at),
            )
            .where(one.is_held, other.is_held)
        )
        or 0
    )
