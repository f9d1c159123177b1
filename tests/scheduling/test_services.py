"""Bookings on both engines: all or nothing, every cause, what becomes of them, the way back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import Clash, NotFound, Refused
from clinic.data.db import db
from clinic.data.work import Work
from clinic.programs.facts import Discharged, DischargeReason
from clinic.scheduling import queries, services
from clinic.scheduling.facts import (
    AttendanceRecorded,
    BookingClash,
    BookingStatus,
    ClashCause,
    ResourceKind,
    SeriesRequest,
    SessionStatus,
    Setting,
    Visit,
)
from clinic.scheduling.models import AttendanceEvent, Booking, Series, Session, SessionResource
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


def causes(clash: BookingClash) -> list[tuple[date, ClashCause]]:
    return [(each.on, each.cause) for each in clash.found]


def booking(work: Work, booking_id: UUID) -> Booking:
    found = work.session.get_one(Booking, booking_id)
    work.session.refresh(found)
    return found


def steps(work: Work, booking_id: UUID) -> list[tuple[BookingStatus, str]]:
    rows = work.session.execute(
        sa.select(AttendanceEvent.status, AttendanceEvent.reason)
        .where(AttendanceEvent.booking_id == booking_id)
        .order_by(AttendanceEvent.sequence)
    )
    return [(row.status, row.reason) for row in rows]


def a_series(patient_id: UUID | None, *days: date, **changes: Any) -> SeriesRequest:
    plain = SeriesRequest(
        modality="cbt",
        title="CBT",
        visits=tuple(Visit(day, 60) for day in days),
        wall_time=NINE,
        patient_id=patient_id,
    )
    return replace(plain, **changes)


class TestOneSession:
    def test_it_holds_patient_and_resources_for_its_minutes(self, work: Work) -> None:
        patient, room = a_patient(work), a_resource(work)

        booked = a_visit(
            work, starts_at=at(TOMORROW, NINE), patients=[patient], resources=[room], minutes=45
        )

        held = work.session.scalars(sa.select(SessionResource)).one()
        [place] = work.session.scalars(sa.select(Booking)).all()
        assert (held.starts_at, held.ends_at) == (
            at(TOMORROW, NINE),
            at(TOMORROW, time(9, 45)),
        )
        assert (place.id, place.place, place.service_date) == (booked.booking_ids[0], 1, TOMORROW)

    def test_every_cause_is_told_at_once(self, work: Work) -> None:
        patient, room, carl = a_patient(work), a_resource(work), a_counselor(work)
        coil = a_resource(work, kind=ResourceKind.DEVICE, name="Coil", skills=["tms_stimulator"])
        a_visit(
            work,
            starts_at=at(TOMORROW, NINE),
            patients=[patient],
            resources=[room, carl, coil],
        )

        with pytest.raises(BookingClash) as clash:
            a_visit(
                work,
                starts_at=at(TOMORROW, time(9, 30)),
                patients=[patient],
                resources=[room, carl, coil],
            )

        assert [each.cause for each in clash.value.found] == [
            ClashCause.PATIENT_BUSY,
            ClashCause.STAFF_TAKEN,
            ClashCause.ROOM_TAKEN,
            ClashCause.DEVICE_TAKEN,
        ]
        assert "Wed 04 Mar 2026 09:30-10:30: Room 1 is taken (Counseling)." in str(clash.value)

    def test_one_may_begin_when_the_other_ends(self, work: Work) -> None:
        room = a_resource(work)
        a_visit(work, starts_at=at(TOMORROW, NINE), resources=[room])

        a_visit(work, starts_at=at(TOMORROW, time(10, 0)), resources=[room])

        assert len(work.session.scalars(sa.select(Session)).all()) == 2

    def test_nothing_is_booked_on_a_closed_day_or_outside_hours(self, work: Work) -> None:
        sites.close_day(work, closed_on=TOMORROW, kind=ClosureKind.EMERGENCY, reason="Flood")

        with pytest.raises(BookingClash, match="the site is closed \\(Flood\\)"):
            a_visit(work, starts_at=at(TOMORROW, NINE))
        with pytest.raises(BookingClash, match="closed on Sundays"):
            a_visit(work, starts_at=at(date(2026, 3, 8), NINE))
        with pytest.raises(BookingClash, match="open from 05:30 to 18:00"):
            a_visit(work, starts_at=at(TODAY, time(17, 30)))

    def test_a_video_visit_may_be_in_the_evening(self, work: Work) -> None:
        a_visit(work, starts_at=at(TODAY, time(19, 0)), setting=Setting.TELEHEALTH)

        assert work.session.scalars(sa.select(Session)).one().setting is Setting.TELEHEALTH

    def test_a_resource_out_of_use_is_a_cause(self, work: Work) -> None:
        room = a_resource(work)
        services.set_resource_active(work, resource_id=room, version=1, is_active=False)

        with pytest.raises(BookingClash, match="Room 1 is not in use"):
            a_visit(work, starts_at=at(TOMORROW, NINE), resources=[room])

    def test_what_is_not_ours_is_not_found(self, work: Work) -> None:
        patient = a_patient(work)

        with pytest.raises(NotFound):
            a_visit(work, starts_at=at(TOMORROW, NINE), resources=[patient])
        with pytest.raises(NotFound):
            a_visit(work, starts_at=at(TOMORROW, NINE), patients=[cast.NORA.id])

    def test_more_patients_than_places_are_refused(self, work: Work) -> None:
        with pytest.raises(Refused, match="1 places"):
            a_visit(
                work,
                starts_at=at(TOMORROW, NINE),
                patients=[a_patient(work), a_patient(work, name="Birch")],
            )


class TestSeries:
    def test_all_dates_are_booked_at_the_same_wall_time(self, work: Work) -> None:
        patient = a_patient(work)
        before, after = date(2026, 3, 6), date(2026, 3, 9)  # clocks go forward on 8 March

        booked = services.book_series(work, request=a_series(patient, before, after))

        assert [each.period.starts_at.isoformat() for each in booked.sessions] == [
            "2026-03-06T14:00:00+00:00",
            "2026-03-09T13:00:00+00:00",
        ]

    def test_one_clash_saves_nothing_and_every_date_is_told(self, work_as: WorkAs) -> None:
        with work_as(cast.ADA) as work:
            patient, room = a_patient(work), a_resource(work)
            a_visit(work, starts_at=at(TOMORROW, time(9, 30)), resources=[room])
            a_visit(work, starts_at=at(date(2026, 3, 6), NINE), patients=[patient])
        days = [TOMORROW, date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 8)]

        with pytest.raises(BookingClash) as clash, work_as(cast.CARL) as work:
            services.book_series(work, request=a_series(patient, *days, resource_ids=(room,)))

        assert causes(clash.value) == [
            (TOMORROW, ClashCause.ROOM_TAKEN),
            (date(2026, 3, 6), ClashCause.PATIENT_BUSY),
            (date(2026, 3, 8), ClashCause.CLOSED_DAY),
        ]
        assert db.session.scalars(sa.select(Series)).all() == []

    def test_a_date_twice_is_refused(self, work: Work) -> None:
        with pytest.raises(Refused, match="one session a day"):
            services.book_series(work, request=a_series(a_patient(work), TOMORROW, TOMORROW))

    def test_a_date_may_have_a_room_of_its_own(self, work: Work) -> None:
        usual, other = a_resource(work), a_resource(work, name="Room 2")
        visits = (Visit(TOMORROW, 60), Visit(date(2026, 3, 5), 60, (other,)))

        booked = services.book_series(
            work,
            request=a_series(a_patient(work), visits=visits, resource_ids=(usual,)),
        )

        held = {
            each.session_id: each.resource_id
            for each in work.session.scalars(sa.select(SessionResource))
        }
        assert [held[each.session_id] for each in booked.sessions] == [usual, other]

    def test_the_next_patient_joins_the_group_and_needs_no_second_room(self, work: Work) -> None:
        room, request = a_resource(work), {"capacity": 12, "modality": "mbsr", "title": "MBSR"}
        ash, birch = a_patient(work), a_patient(work, name="Birch")

        first = services.book_series(
            work, request=a_series(ash, TOMORROW, resource_ids=(room,), **request)
        )
        second = services.book_series(
            work, request=a_series(birch, TOMORROW, resource_ids=(room,), **request)
        )

        assert first.sessions[0].session_id == second.sessions[0].session_id
        assert booking(work, second.sessions[0].booking_ids[0]).place == 2


class TestGroup:
    def test_a_cancelled_place_is_given_again(self, work: Work) -> None:
        people = [a_patient(work, name=name) for name in ("Ash", "Birch", "Cedar")]
        group = a_visit(
            work, starts_at=at(TOMORROW, NINE), patients=people[:2], capacity=3, minutes=90
        )
        services.mark(
            work,
            booking_id=group.booking_ids[0],
            status=BookingStatus.TIMELY_CANCEL,
            reason="moved away",
            version=1,
        )

        joined = services.join_session(work, session_id=group.session_id, patient_id=people[2])

        assert joined.place == 1

    def test_a_full_group_takes_nobody(self, work: Work) -> None:
        group = a_visit(work, starts_at=at(TOMORROW, NINE), patients=[a_patient(work)], capacity=1)

        with pytest.raises(BookingClash, match="all 1 places are taken") as clash:
            services.join_session(
                work, session_id=group.session_id, patient_id=a_patient(work, name="Birch")
            )
        assert clash.value.found[0].cause is ClashCause.FULL


class TestAttendance:
    @pytest.fixture
    def visit(self, work: Work) -> UUID:
        """Booked today at 09:30; it is 09:00."""
        return a_visit(
            work,
            starts_at=at(TODAY, time(9, 30)),
            patients=[a_patient(work)],
            resources=[a_resource(work)],
        ).booking_ids[0]

    def test_arrived_then_seen(self, work: Work, visit: UUID) -> None:
        services.check_in(work, booking_id=visit, version=1)
        services.mark(work, booking_id=visit, status=BookingStatus.ATTENDED, reason="", version=2)

        assert steps(work, visit) == [
            (BookingStatus.CHECKED_IN, ""),
            (BookingStatus.ATTENDED, ""),
        ]
        assert booking(work, visit).status is BookingStatus.ATTENDED

    def test_somebody_faster_is_a_clash(self, work: Work, visit: UUID) -> None:
        services.check_in(work, booking_id=visit, version=1)

        with pytest.raises(Clash, match="Somebody changed this"):
            services.check_in(work, booking_id=visit, version=1)

    def test_one_key_checks_in_to_everything_today(self, work: Work) -> None:
        patient = a_patient(work)
        for hour, day in ((10, TODAY), (11, TODAY), (10, TOMORROW)):
            a_visit(work, starts_at=at(day, time(hour, 0)), patients=[patient], minutes=30)

        assert services.check_in_patient(work, patient_id=patient) == 2
        assert services.check_in_patient(work, patient_id=patient) == 0

    def test_somebody_without_a_booking_is_here_all_the_same(self, work: Work) -> None:
        patient = a_patient(work)

        assert services.check_in_patient(work, patient_id=patient) == 0
        assert services.check_in_patient(work, patient_id=patient) == 0
        assert queries.arrivals(work, day=TODAY) == {patient: work.site.local(work.now)}
        assert services.arrive(work, patient_id=patient) == 2

    def test_nobody_is_missed_before_the_hour(self, work: Work, visit: UUID) -> None:
        with pytest.raises(Refused, match="has not begun"):
            services.mark(
                work, booking_id=visit, status=BookingStatus.NO_SHOW, reason="", version=1
            )

    @pytest.mark.parametrize(
        ("starts_in", "expected"),
        [
            (timedelta(hours=24, minutes=15), BookingStatus.TIMELY_CANCEL),
            (timedelta(hours=24), BookingStatus.TIMELY_CANCEL),
            (timedelta(hours=23, minutes=45), BookingStatus.LATE_CANCEL),
        ],
    )
    def test_a_day_ahead_is_timely_less_is_late(
        self, work: Work, starts_in: timedelta, expected: BookingStatus
    ) -> None:
        visit = a_visit(work, starts_at=work.now + starts_in, patients=[a_patient(work)])

        given = services.mark(
            work,
            booking_id=visit.booking_ids[0],
            status=BookingStatus.LATE_CANCEL,
            reason="work",
            version=1,
        )

        assert given is expected

    def test_a_cancellation_needs_a_reason(self, work: Work, visit: UUID) -> None:
        with pytest.raises(Refused, match="needs a reason"):
            services.mark(
                work, booking_id=visit, status=BookingStatus.LATE_CANCEL, reason="", version=1
            )

    def test_a_cancelled_visit_frees_its_room(self, work: Work, visit: UUID) -> None:
        services.mark(
            work, booking_id=visit, status=BookingStatus.LATE_CANCEL, reason="ill", version=1
        )

        held = work.session.scalars(sa.select(SessionResource)).one()
        assert not held.is_held
        a_visit(work, starts_at=at(TODAY, time(9, 30)), resources=[held.resource_id])

    def test_a_missed_visit_held_its_time(self, work: Work, visit: UUID) -> None:
        work.now += timedelta(minutes=45)
        services.mark(work, booking_id=visit, status=BookingStatus.NO_SHOW, reason="", version=1)

        held = work.session.scalars(sa.select(SessionResource)).one()
        with pytest.raises(BookingClash, match="is taken"):
            a_visit(work, starts_at=at(TODAY, time(9, 30)), resources=[held.resource_id])

    def test_it_is_announced(self, work: Work, visit: UUID) -> None:
        heard: list[AttendanceRecorded] = []
        work.reactions = {AttendanceRecorded: [lambda _work, fact: heard.append(fact)]}

        services.mark(work, booking_id=visit, status=BookingStatus.ATTENDED, reason="", version=1)

        assert [(fact.booking_id, fact.status) for fact in heard] == [
            (visit, BookingStatus.ATTENDED)
        ]


class TestUndo:
    @pytest.fixture
    def cancelled(self, work: Work) -> UUID:
        visit = a_visit(
            work,
            starts_at=at(TODAY, time(9, 30)),
            patients=[a_patient(work)],
            resources=[a_resource(work)],
        ).booking_ids[0]
        services.mark(
            work, booking_id=visit, status=BookingStatus.LATE_CANCEL, reason="ill", version=1
        )
        return visit

    def test_it_is_a_step_of_its_own_and_holds_the_room_again(
        self, work: Work, cancelled: UUID
    ) -> None:
        work.now += timedelta(minutes=10)
        services.undo(work, booking_id=cancelled, version=2)

        assert steps(work, cancelled) == [
            (BookingStatus.LATE_CANCEL, "ill"),
            (BookingStatus.BOOKED, "undone"),
        ]
        assert work.session.scalars(sa.select(SessionResource)).one().is_held
        assert work.session.scalars(sa.select(Session)).one().status is SessionStatus.PLANNED

    def test_after_ten_minutes_it_stands(self, work: Work, cancelled: UUID) -> None:
        work.now += timedelta(minutes=10, seconds=1)

        with pytest.raises(Refused, match="within 10 minutes"):
            services.undo(work, booking_id=cancelled, version=2)

    def test_a_room_given_away_meanwhile_is_a_clash(self, work_as: WorkAs) -> None:
        with work_as(cast.ADA) as work:
            room, patient = a_resource(work), a_patient(work)
            visit = a_visit(
                work, starts_at=at(TODAY, time(9, 30)), patients=[patient], resources=[room]
            ).booking_ids[0]
        with work_as(cast.FRANK) as work:
            services.mark(
                work, booking_id=visit, status=BookingStatus.LATE_CANCEL, reason="ill", version=1
            )
            a_visit(work, starts_at=at(TODAY, time(9, 30)), resources=[room])

        with pytest.raises(Clash, match="One of the resources is taken"), work_as() as work:
            services.undo(work, booking_id=visit, version=2)

    def test_there_is_nothing_to_undo_before_the_first_step(self, work: Work) -> None:
        visit = a_visit(work, starts_at=at(TODAY, time(9, 30)), patients=[a_patient(work)])

        with pytest.raises(Refused, match="nothing to undo"):
            services.undo(work, booking_id=visit.booking_ids[0], version=1)


class TestCallingOff:
    def test_the_clinic_frees_everybody_and_everything(self, work: Work) -> None:
        people = [a_patient(work), a_patient(work, name="Birch")]
        group = a_visit(
            work,
            starts_at=at(TOMORROW, NINE),
            patients=people,
            resources=[a_resource(work)],
            capacity=12,
        )

        assert (
            services.cancel_session(
                work, session_id=group.session_id, reason="counselor ill", version=1
            )
            == 2
        )

        assert [booking(work, each).status for each in group.booking_ids] == [
            BookingStatus.CLINIC_CANCEL
        ] * 2
        assert not work.session.scalars(sa.select(SessionResource)).one().is_held

    def test_what_took_place_is_not_called_off(self, work: Work) -> None:
        visit = a_visit(work, starts_at=at(TODAY, NINE), patients=[a_patient(work)])
        services.mark(
            work,
            booking_id=visit.booking_ids[0],
            status=BookingStatus.ATTENDED,
            reason="",
            version=1,
        )

        with pytest.raises(Refused, match="has taken place"):
            services.cancel_session(work, session_id=visit.session_id, reason="mistake", version=1)

    def test_a_discharge_cancels_what_is_ahead_and_leaves_the_past(self, work: Work) -> None:
        ash, birch = a_patient(work), a_patient(work, name="Birch")
        room = a_resource(work)
        past = a_visit(work, starts_at=at(TODAY, time(8, 0)), patients=[ash], resources=[room])
        ahead = a_visit(work, starts_at=at(TOMORROW, NINE), patients=[ash], resources=[room])
        other = a_visit(work, starts_at=at(TOMORROW, time(11, 0)), patients=[birch])

        services.cancel_future_bookings(
            work, Discharged(work.new_id(), ash, TODAY, DischargeReason.COMPLETED)
        )

        assert [booking(work, each.booking_ids[0]).status for each in (past, ahead, other)] == [
            BookingStatus.BOOKED,
            BookingStatus.CLINIC_CANCEL,
            BookingStatus.BOOKED,
        ]
        assert steps(work, ahead.booking_ids[0]) == [
            (BookingStatus.CLINIC_CANCEL, "discharged: completed")
        ]
        a_visit(work, starts_at=at(TOMORROW, NINE), resources=[room])


class TestResources:
    def test_two_of_one_name_are_a_clash(self, work_as: WorkAs) -> None:
        with work_as(cast.ADA) as work:
            a_resource(work)

        with pytest.raises(Clash, match="resource of that name"), work_as(cast.ADA) as work:
            a_resource(work)

    def test_without_a_name_it_is_refused(self, work: Work) -> None:
        with pytest.raises(Refused):
            a_resource(work, name="")
