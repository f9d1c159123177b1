"""The schedule as it is read: the board, a patient's bookings, resources, places, counts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import NotFound
from clinic.core.periods import Period
from clinic.data.db import db
from clinic.data.work import Work
from clinic.scheduling import queries, services
from clinic.scheduling.facts import (
    BookingStatus,
    DueItem,
    Need,
    ResourceKind,
    SeriesRequest,
    Visit,
)
from clinic.scheduling.queries import PlacementRequest
from clinic.sites import services as sites
from clinic.sites.facts import ClosureKind
from tests import cast
from tests.conftest import WorkAs
from tests.scheduling.builders import (
    NINE,
    TODAY,
    TOMORROW,
    a_counselor,
    a_patient,
    a_resource,
    a_visit,
    at,
)

MONDAY = date(2026, 3, 2)


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every statement the engine runs meanwhile."""
    heard: list[str] = []

    def hear(*args: object) -> None:
        heard.append(str(args[2]))

    sa.event.listen(db.engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", hear)


class TestDayBoard:
    def test_a_patient_stands_once_with_everything_of_the_day(self, work: Work) -> None:
        ash, birch, room = a_patient(work), a_patient(work, name="Birch"), a_resource(work)
        a_visit(work, starts_at=at(TODAY, time(11, 0)), patients=[ash], resources=[room])
        a_visit(work, starts_at=at(TODAY, time(9, 30)), patients=[ash], title="Drug test")
        a_visit(work, starts_at=at(TODAY, time(10, 0)), patients=[birch], resources=[room])
        a_visit(work, starts_at=at(TOMORROW, NINE), patients=[birch])

        rows = queries.day_board(work, day=TODAY)

        assert [(row.last_name, [item.title for item in row.items]) for row in rows] == [
            ("Ash", ["Drug test", "Counseling"]),
            ("Birch", ["Counseling"]),
        ]
        assert rows[0].items[1].resources == ("Room 1",)

    def test_who_waits_since_when(self, work: Work) -> None:
        ash = a_patient(work)
        visit = a_visit(work, starts_at=at(TODAY, time(9, 30)), patients=[ash]).booking_ids[0]
        services.check_in(work, booking_id=visit, version=1)

        [row] = queries.day_board(work, day=TODAY)
        assert (row.waiting_since, row.may_check_in) == (cast.NOW, False)

        services.mark(work, booking_id=visit, status=BookingStatus.ATTENDED, reason="", version=2)
        [row] = queries.day_board(work, day=TODAY)
        assert row.waiting_since is None
        assert row.items[0].arrived_at == cast.NOW

    def test_an_undone_arrival_is_no_arrival(self, work: Work) -> None:
        ash = a_patient(work)
        visit = a_visit(work, starts_at=at(TODAY, time(9, 30)), patients=[ash]).booking_ids[0]
        services.check_in(work, booking_id=visit, version=1)
        services.undo(work, booking_id=visit, version=2)

        [row] = queries.day_board(work, day=TODAY)
        assert row.items[0].arrived_at is None

    def test_what_others_add_stands_in_the_same_row(self, work: Work) -> None:
        ash, birch = a_patient(work), a_patient(work, name="Birch")
        a_visit(work, starts_at=at(TODAY, time(11, 0)), patients=[ash])

        def doses(_work: Work, _day: date) -> list[DueItem]:
            return [DueItem(ash, "Dose"), DueItem(birch, "Dose", at=at(TODAY, time(6, 0)))]

        rows = queries.day_board(work, day=TODAY, sources=[doses])

        assert [(row.last_name, len(row.items), len(row.due)) for row in rows] == [
            ("Birch", 0, 1),
            ("Ash", 1, 1),
        ]

    def test_statements_do_not_grow_with_the_rows(self, work_as: WorkAs) -> None:
        with work_as(cast.ADA) as work:
            a_visit(work, starts_at=at(TODAY, time(9, 0)), patients=[a_patient(work)], minutes=5)
            with counted() as of_one:
                queries.day_board(work, day=TODAY)
            for number in range(12):
                starts_at = at(TODAY, time(10, 0)) + timedelta(minutes=5 * number)
                patient = a_patient(work, name=f"Ash {number}")
                visit = a_visit(work, starts_at=starts_at, patients=[patient], minutes=5)
                services.check_in(work, booking_id=visit.booking_ids[0], version=1)
            with counted() as of_many:
                rows = queries.day_board(work, day=TODAY)

        assert len(rows) == 13
        assert len(of_many) == len(of_one) == 5

    def test_another_site_sees_nothing(self, work_as: WorkAs) -> None:
        with work_as(cast.ADA) as work:
            a_visit(work, starts_at=at(TODAY, time(9, 30)), patients=[a_patient(work)])

        with work_as(cast.OLGA) as work:
            assert queries.day_board(work, day=TODAY) == []


def test_bookings_of_a_patient_come_in_order_and_half_open(work: Work) -> None:
    ash = a_patient(work)
    for day in (TOMORROW, TODAY, date(2026, 3, 5)):
        a_visit(work, starts_at=at(day, time(9, 30)), patients=[ash])

    found = queries.bookings_of(work, patient_id=ash, first=TODAY, until=date(2026, 3, 5))

    assert [item.service_date for item in found] == [TODAY, TOMORROW]


class TestResources:
    def test_the_list_tells_the_load_of_the_week(self, work: Work) -> None:
        room, carl = a_resource(work), a_counselor(work)
        a_visit(work, starts_at=at(TODAY, NINE), resources=[room, carl], minutes=90)
        a_visit(work, starts_at=at(date(2026, 3, 9), NINE), resources=[room])

        assert [(row.kind, row.name, row.booked_minutes) for row in queries.resources(work)] == [
            (ResourceKind.STAFF, "Carl Counselor", 90),
            (ResourceKind.ROOM, "Room 1", 90),
        ]

    def test_a_week_shows_each_day_and_what_holds_it(self, work: Work) -> None:
        room = a_resource(work)
        sites.close_day(
            work, closed_on=date(2026, 3, 6), kind=ClosureKind.PLANNED, reason="Training"
        )
        a_visit(
            work,
            starts_at=at(TOMORROW, NINE),
            resources=[room],
            patients=[a_patient(work)],
            capacity=12,
        )

        week = queries.resource_week(work, resource_id=room, monday=TODAY)

        assert [(day.on, day.closed, len(day.held)) for day in week.days] == [
            (MONDAY, None, 0),
            (TODAY, None, 0),
            (TOMORROW, None, 1),
            (date(2026, 3, 5), None, 0),
            (date(2026, 3, 6), "Training", 0),
            (date(2026, 3, 7), None, 0),
            (date(2026, 3, 8), "closed on Sundays", 0),
        ]
        assert (week.days[2].held[0].patients, week.days[2].held[0].capacity) == (1, 12)
        assert (week.booked_minutes, week.open_minutes) == (60, 5 * 12 * 60 + 5 * 30)

    def test_another_site_s_room_is_not_found(self, work_as: WorkAs) -> None:
        with work_as(cast.ADA) as work:
            room = a_resource(work)

        with pytest.raises(NotFound), work_as(cast.OLGA) as work:
            queries.resource_week(work, resource_id=room, monday=MONDAY)

    def test_free_is_active_and_held_by_nothing(self, work: Work) -> None:
        room = a_resource(work)
        free = a_resource(work, name="Room 2")
        resting = a_resource(work, name="Room 3")
        services.set_resource_active(work, resource_id=resting, version=1, is_active=False)
        a_counselor(work)
        a_visit(work, starts_at=at(TOMORROW, NINE), resources=[room])

        found = queries.free_resources(
            work,
            period=Period(at(TOMORROW, time(9, 30)), at(TOMORROW, time(10, 30))),
            kind=ResourceKind.ROOM,
            skill="counseling_room",
        )

        assert [each.id for each in found] == [free]


class TestCounts:
    def test_a_rate_counts_late_cancellations_and_leaves_timely_ones_out(self, work: Work) -> None:
        def marked(hour: int, status: BookingStatus, day: date = TODAY) -> None:
            visit = a_visit(
                work,
                starts_at=at(day, time(hour, 0)),
                patients=[a_patient(work, name=f"{day} {hour}")],
                minutes=30,
            )
            services.mark(
                work, booking_id=visit.booking_ids[0], status=status, reason="ill", version=1
            )

        marked(6, BookingStatus.NO_SHOW)
        for hour in (7, 8):
            marked(hour, BookingStatus.ATTENDED)
        marked(10, BookingStatus.LATE_CANCEL)
        marked(16, BookingStatus.TIMELY_CANCEL, day=TOMORROW)
        marked(11, BookingStatus.CLINIC_CANCEL)
        a_visit(work, starts_at=at(TODAY, time(15, 0)), patients=[a_patient(work)])

        counts = queries.attendance_counts(work, first=TODAY, until=date(2026, 3, 5))

        assert (counts.attended, counts.no_show, counts.late_cancel) == (2, 1, 1)
        assert (counts.timely_cancel, counts.clinic_cancel, counts.open) == (1, 1, 1)
        assert counts.no_show_percent == Decimal("50.0")

    def test_a_course_knows_what_is_behind_and_ahead(self, work: Work) -> None:
        course, ash = work.new_id(), a_patient(work)
        booked = services.book_series(
            work,
            request=SeriesRequest(
                modality="cbt",
                title="CBT",
                visits=(Visit(TODAY, 30), Visit(TOMORROW, 30), Visit(date(2026, 3, 5), 30)),
                wall_time=time(8, 0),
                patient_id=ash,
                course_id=course,
            ),
        )
        services.mark(
            work,
            booking_id=booked.sessions[0].booking_ids[0],
            status=BookingStatus.ATTENDED,
            reason="",
            version=1,
        )

        progress = queries.course_progress(work, course_ids=[course])[course]

        assert (progress.attended, progress.missed, progress.ahead) == (1, 0, 2)
        assert progress.next_at == at(TOMORROW, time(8, 0))
        assert progress.last_on == date(2026, 3, 5)


class TestPlacement:
    def request(self, patient: UUID, **changes: object) -> PlacementRequest:
        values: dict[str, object] = {
            "modality": "tms",
            "patient_id": patient,
            "visits": (Visit(TODAY, 60), Visit(TOMORROW, 60)),
            "wall_time": time(10, 0),
            "needs": (Need(ResourceKind.ROOM, "counseling_room"),),
        }
        return PlacementRequest(**values | changes)  # type: ignore[arg-type]

    def test_times_nearby_are_offered_when_the_hour_is_taken(self, work: Work) -> None:
        room, ash = a_resource(work), a_patient(work)
        a_visit(work, starts_at=at(TOMORROW, time(10, 0)), resources=[room])

        proposal = queries.propose_placement(work, request=self.request(ash))
        times = queries.times_that_fit(work, request=self.request(ash))

        assert not proposal.is_complete
        assert times == [time(9, 0), time(11, 0), time(8, 30)]

    def test_a_group_under_way_is_joined_without_a_room(self, work: Work) -> None:
        ash, birch = a_patient(work), a_patient(work, name="Birch")
        room = a_resource(work)
        services.book_series(
            work,
            request=SeriesRequest(
                modality="mbsr",
                title="MBSR",
                visits=(Visit(TOMORROW, 60),),
                wall_time=time(10, 0),
                resource_ids=(room,),
                patient_id=ash,
                capacity=12,
            ),
        )

        proposal = queries.propose_placement(
            work, request=self.request(birch, modality="mbsr", capacity=12)
        )

        assert proposal.is_complete
        assert [len(visit.resources) for visit in proposal.placed] == [1, 0]
