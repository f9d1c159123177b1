"""Around the code with plain SQL: what the database itself does not let happen, on both engines."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from clinic.core.errors import Clash
from clinic.data.types import new_id
from clinic.data.work import Work
from clinic.scheduling import services
from clinic.scheduling.facts import BookingStatus
from clinic.scheduling.models import AttendanceEvent, Booking, Session, SessionResource
from tests import cast
from tests.conftest import WorkAs
from tests.scheduling.builders import NINE, TODAY, TOMORROW, a_patient, a_resource, a_visit, at

HALF_PAST_NINE = time(9, 30)


def copied(work: Work, table: type[Any], **changes: Any) -> None:
    """A second row like the only one there is, written past every rule."""
    row = work.session.execute(sa.select(table.__table__)).mappings().first()
    assert row is not None
    values = dict(row) | {"id": new_id()} | changes
    work.session.execute(sa.insert(table.__table__).values(values))


def test_a_resource_is_held_once_at_a_time(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        room = a_resource(work)
        a_visit(work, starts_at=at(TOMORROW, NINE), resources=[room])
        other = a_visit(work, starts_at=at(TOMORROW, HALF_PAST_NINE)).session_id

    with pytest.raises(Clash, match="One of the resources is taken"), work_as() as work:
        copied(
            work,
            SessionResource,
            session_id=other,
            starts_at=at(TOMORROW, HALF_PAST_NINE),
            ends_at=at(TOMORROW, time(10, 30)),
        )


def test_moving_a_held_time_onto_another_is_refused_too(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        room = a_resource(work)
        a_visit(work, starts_at=at(TOMORROW, NINE), resources=[room])
        later = a_visit(work, starts_at=at(TOMORROW, time(11, 0)), resources=[room]).session_id

    with pytest.raises(Clash, match="One of the resources is taken"), work_as() as work:
        work.session.execute(
            sa.update(SessionResource)
            .where(SessionResource.session_id == later)
            .values(starts_at=at(TOMORROW, HALF_PAST_NINE))
        )


def test_a_patient_is_in_one_place_at_a_time(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        patient = a_patient(work)
        a_visit(work, starts_at=at(TOMORROW, NINE), patients=[patient])
        other = a_visit(work, starts_at=at(TOMORROW, HALF_PAST_NINE)).session_id

    with pytest.raises(Clash, match="has another booking at that time"), work_as() as work:
        copied(
            work,
            Booking,
            session_id=other,
            starts_at=at(TOMORROW, HALF_PAST_NINE),
            ends_at=at(TOMORROW, time(10, 30)),
        )


def test_a_cancelled_booking_does_not_stand_in_the_way(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        patient = a_patient(work)
        visit = a_visit(work, starts_at=at(TOMORROW, NINE), patients=[patient])
        services.mark(
            work,
            booking_id=visit.booking_ids[0],
            status=BookingStatus.LATE_CANCEL,
            reason="ill",
            version=1,
        )

    with work_as(cast.ADA) as work:
        copied(work, Booking, status=BookingStatus.BOOKED)


@pytest.mark.parametrize("place", [0, 3])
def test_there_is_no_place_beyond_the_capacity(work_as: WorkAs, place: int) -> None:
    with work_as(cast.ADA) as work:
        a_visit(work, starts_at=at(TOMORROW, NINE), patients=[a_patient(work)], capacity=2)
        birch = a_patient(work, name="Birch")

    with pytest.raises(IntegrityError, match="place_within_capacity"), work_as() as work:
        copied(work, Booking, patient_id=birch, place=place)


def test_a_place_cannot_claim_a_larger_session_than_there_is(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        a_visit(work, starts_at=at(TOMORROW, NINE), patients=[a_patient(work)], capacity=2)
        birch = a_patient(work, name="Birch")

    with pytest.raises(IntegrityError), work_as() as work:
        copied(work, Booking, patient_id=birch, place=3, capacity=3)


def test_a_place_is_taken_once(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        a_visit(work, starts_at=at(TOMORROW, NINE), patients=[a_patient(work)], capacity=2)
        birch = a_patient(work, name="Birch")

    with pytest.raises(Clash, match="That place in the session was taken"), work_as() as work:
        copied(work, Booking, patient_id=birch)


def test_a_session_cannot_end_before_it_starts(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as work:
        a_visit(work, starts_at=at(TOMORROW, NINE))

    with pytest.raises(IntegrityError, match="ck_session_order"), work_as() as work:
        work.session.execute(sa.update(Session).values(ends_at=at(TODAY, NINE)))


@pytest.mark.parametrize(
    "statement",
    [
        sa.update(AttendanceEvent).values(reason="rewritten"),
        sa.delete(AttendanceEvent),
    ],
)
def test_a_step_of_attendance_is_never_rewritten(work_as: WorkAs, statement: sa.Executable) -> None:
    with work_as(cast.ADA) as work:
        visit = a_visit(work, starts_at=at(TODAY, time(9, 30)), patients=[a_patient(work)])
        services.check_in(work, booking_id=visit.booking_ids[0], version=1)

    with work_as() as work, pytest.raises(IntegrityError, match="append_only_attendance_event"):
        work.session.execute(statement)
