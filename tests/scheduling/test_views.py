"""The schedule's pages, as the front desk uses them."""

from __future__ import annotations

from datetime import time
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.data.db import db
from clinic.scheduling import services
from clinic.scheduling.facts import BookingStatus
from clinic.scheduling.models import Booking, Resource, Session
from tests import cast
from tests.conftest import SignIn, WorkAs
from tests.scheduling.builders import NINE, TODAY, TOMORROW, a_patient, a_resource, a_visit, at


@pytest.fixture
def visit(work_as: WorkAs) -> tuple[UUID, UUID]:
    """A patient and their booking today at 09:30; it is 09:00."""
    with work_as(cast.ADA) as work:
        patient, room = a_patient(work), a_resource(work)
        booked = a_visit(
            work, starts_at=at(TODAY, time(9, 30)), patients=[patient], resources=[room]
        )
    return patient, booked.booking_ids[0]


def status(booking_id: UUID) -> BookingStatus:
    db.session.rollback()
    found = db.session.scalar(sa.select(Booking.status).where(Booking.id == booking_id))
    db.session.rollback()
    assert found
    return found


def a_wish(patient: UUID, **changes: str) -> dict[str, str]:
    return {
        "idempotency_key": "k1",
        "patient_id": str(patient),
        "kind": "counseling",
        "on": "2026-03-04",
        "at": "10:00",
        "minutes": "45",
        "setting": "in_person",
        "sessions": "1",
    } | changes


class TestBoard:
    @pytest.mark.usefixtures("visit")
    def test_it_shows_who_comes_for_what(self, sign_in: SignIn) -> None:
        page = sign_in(cast.FRANK).get("/schedule")

        assert page.status_code == 200
        for word in ("Ash", "09:30", "Counseling", "Room 1", "Check in"):
            assert word in page.text

    def test_one_press_checks_in_and_the_clock_of_waiting_starts(
        self, sign_in: SignIn, visit: tuple[UUID, UUID]
    ) -> None:
        patient, booking_id = visit
        client = sign_in(cast.FRANK)

        answer = client.post(f"/schedule/patients/{patient}/check-in", follow_redirects=True)

        assert status(booking_id) is BookingStatus.CHECKED_IN
        assert "0 min" in answer.text

    @pytest.mark.usefixtures("visit")
    def test_a_name_part_finds_and_another_does_not(self, sign_in: SignIn) -> None:
        client = sign_in(cast.FRANK)

        assert "Check in Test Ash" in client.get("/schedule?q=tes ash").text
        assert "Nobody matches" in client.get("/schedule?q=zebra").text

    def test_a_late_cancellation_says_so_and_can_be_undone(
        self, sign_in: SignIn, visit: tuple[UUID, UUID]
    ) -> None:
        client = sign_in(cast.FRANK)
        answer = client.post(
            f"/schedule/bookings/{visit[1]}/mark",
            data={
                "idempotency_key": "k1",
                "version": "1",
                "status": "timely_cancel",
                "reason": "ill",
            },
        )
        assert answer.status_code == 303

        cancelled = client.post(
            f"/schedule/bookings/{visit[1]}/mark",
            data={
                "idempotency_key": "k2",
                "version": "1",
                "status": "late_cancel",
                "reason": "ill",
            },
            follow_redirects=True,
        )

        assert status(visit[1]) is BookingStatus.LATE_CANCEL
        assert f"/schedule/bookings/{visit[1]}/undo/2" in cancelled.text
        client.post(f"/schedule/bookings/{visit[1]}/undo/2")
        assert status(visit[1]) is BookingStatus.BOOKED

    def test_a_cancellation_without_a_reason_changes_nothing(
        self, sign_in: SignIn, visit: tuple[UUID, UUID]
    ) -> None:
        answer = sign_in(cast.FRANK).post(
            f"/schedule/bookings/{visit[1]}/mark",
            data={"idempotency_key": "k1", "version": "1", "status": "clinic_cancel"},
            follow_redirects=True,
        )

        assert "needs a reason" in answer.text
        assert status(visit[1]) is BookingStatus.BOOKED

    def test_what_somebody_else_changed_is_a_clash(
        self, sign_in: SignIn, visit: tuple[UUID, UUID]
    ) -> None:
        client = sign_in(cast.FRANK)
        sent = {"version": "1", "status": "attended", "reason": ""}
        client.post(f"/schedule/bookings/{visit[1]}/mark", data=sent | {"idempotency_key": "k1"})

        again = client.post(
            f"/schedule/bookings/{visit[1]}/mark", data=sent | {"idempotency_key": "k2"}
        )

        assert again.status_code == 409

    @pytest.mark.usefixtures("visit")
    def test_it_exports(self, sign_in: SignIn) -> None:
        lines = sign_in(cast.FRANK).get("/schedule/day/2026-03-03?format=csv").text.splitlines()

        assert lines[0] == "Time,Patient,Code,Born,For,With,Status,Arrived,Reason"
        assert lines[1].startswith('09:30,"Ash, Test",T-')

    def test_a_day_that_is_none_is_not_found(self, sign_in: SignIn) -> None:
        assert sign_in(cast.FRANK).get("/schedule/day/yesterday").status_code == 404

    def test_an_inspector_looks_and_has_no_buttons(
        self, sign_in: SignIn, visit: tuple[UUID, UUID]
    ) -> None:
        client = sign_in(cast.INGRID)

        assert "Check in" not in client.get("/schedule").text.split("<main")[1]
        assert client.post(f"/schedule/patients/{visit[0]}/check-in").status_code == 403


class TestBooking:
    def test_a_visit_is_booked_once_however_often_it_is_sent(
        self, sign_in: SignIn, visit: tuple[UUID, UUID]
    ) -> None:
        client = sign_in(cast.FRANK)

        answers = [client.post("/schedule/book", data=a_wish(visit[0])) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [303, 303]
        assert len(db.session.scalars(sa.select(Session)).all()) == 2
        page = client.get(f"/patients/{visit[0]}/schedule").text
        assert "10:00\u201310:45" in page

    def test_a_run_of_sessions_keeps_its_weekdays(
        self, sign_in: SignIn, visit: tuple[UUID, UUID]
    ) -> None:
        client = sign_in(cast.FRANK)
        wish = a_wish(visit[0], sessions="4") | {"weekdays": ["0", "2"]}

        answer = client.post("/schedule/book", data=wish, follow_redirects=True)

        assert "4 of 4 booked, the last on Mon 16 Mar 2026." in answer.text
        dates = db.session.scalars(
            sa.select(Session.service_date).order_by(Session.service_date)
        ).all()
        assert [day.isoformat() for day in dates] == [
            "2026-03-03",
            "2026-03-04",
            "2026-03-09",
            "2026-03-11",
            "2026-03-16",
        ]

    def test_a_clash_shows_the_form_again_with_every_cause(
        self, sign_in: SignIn, visit: tuple[UUID, UUID]
    ) -> None:
        room = db.session.scalars(sa.select(Resource.id)).one()
        db.session.rollback()
        wish = a_wish(visit[0], on="2026-03-03", at="09:45", room=str(room))

        answer = sign_in(cast.FRANK).post("/schedule/book", data=wish)

        assert answer.status_code == 409
        assert "2 things are in the way" in answer.text
        assert "Room 1 is taken" in answer.text
        assert "the patient has another visit then" in answer.text
        assert 'value="09:45"' in answer.text

    def test_an_unreadable_form_comes_back(self, sign_in: SignIn, visit: tuple[UUID, UUID]) -> None:
        answer = sign_in(cast.FRANK).post("/schedule/book", data=a_wish(visit[0], on="soon"))

        assert answer.status_code == 422
        assert len(db.session.scalars(sa.select(Session)).all()) == 1

    def test_a_walk_in_is_found_first(self, sign_in: SignIn, visit: tuple[UUID, UUID]) -> None:
        client = sign_in(cast.FRANK)

        assert f"patient_id={visit[0]}" in client.get("/schedule/book?q=ash").text
        assert 'value="09:00"' in client.get(f"/schedule/book?patient_id={visit[0]}").text

    def test_a_group_is_joined(
        self, sign_in: SignIn, work_as: WorkAs, visit: tuple[UUID, UUID]
    ) -> None:
        with work_as(cast.ADA) as work:
            group = a_visit(work, starts_at=at(TOMORROW, NINE), capacity=12, title="MBSR group")
        client = sign_in(cast.FRANK)
        assert "MBSR group" in client.get(f"/patients/{visit[0]}/schedule").text
        sent = {"session_id": str(group.session_id)}

        client.post(f"/patients/{visit[0]}/schedule/join", data=sent | {"idempotency_key": "k1"})
        again = client.post(
            f"/patients/{visit[0]}/schedule/join", data=sent | {"idempotency_key": "k2"}
        )

        assert again.status_code == 409
        assert "the patient has another visit then (MBSR group" in again.text


class TestResources:
    def test_one_is_added_and_its_week_opens(self, sign_in: SignIn) -> None:
        client = sign_in(cast.ADA)

        answer = client.post(
            "/resources",
            data={
                "idempotency_key": "k1",
                "kind": "device",
                "name": "Coil 1",
                "skills": "TMS stimulator",
            },
            follow_redirects=True,
        )

        resource = db.session.scalars(sa.select(Resource)).one()
        assert "Coil 1 can be booked now." in answer.text
        assert resource.skills == ["tms_stimulator"]
        week = client.get(f"/resources/{resource.id}?week=2026-03-04")
        assert "Week of 02 Mar 2026" in week.text
        assert "closed on Sundays" in week.text

    def test_without_a_name_the_form_comes_back(self, sign_in: SignIn) -> None:
        answer = sign_in(cast.ADA).post(
            "/resources", data={"idempotency_key": "k1", "kind": "room", "name": " "}
        )

        assert answer.status_code == 422

    def test_the_front_desk_cannot_add_one(self, sign_in: SignIn) -> None:
        assert sign_in(cast.FRANK).post("/resources", data={}).status_code == 403

    def test_a_session_is_called_off_for_everybody(
        self, sign_in: SignIn, visit: tuple[UUID, UUID]
    ) -> None:
        session = db.session.scalars(sa.select(Session.id)).one()
        db.session.rollback()

        answer = sign_in(cast.FRANK).post(
            f"/schedule/sessions/{session}/cancel",
            data={"idempotency_key": "k1", "version": "1", "reason": "counselor ill"},
            follow_redirects=True,
        )

        assert "Called off. 1 patients must be told." in answer.text
        assert status(visit[1]) is BookingStatus.CLINIC_CANCEL

    def test_out_of_use_and_back(self, sign_in: SignIn, work_as: WorkAs) -> None:
        with work_as(cast.ADA) as work:
            room = a_resource(work)
        client = sign_in(cast.ADA)

        out = client.post(
            f"/resources/{room}/use",
            data={"version": "1", "is_active": "no"},
            follow_redirects=True,
        )
        assert "Not in use" in out.text

        client.post(f"/resources/{room}/use", data={"version": "2", "is_active": "yes"})
        assert "Not in use" not in client.get(f"/resources/{room}").text


def test_a_patient_s_schedule_shows_what_became_of_the_past(
    sign_in: SignIn, work_as: WorkAs, visit: tuple[UUID, UUID]
) -> None:
    with work_as(cast.FRANK) as work:
        services.mark(
            work,
            booking_id=visit[1],
            status=BookingStatus.CLINIC_CANCEL,
            reason="flood",
            version=1,
        )

    page = sign_in(cast.CARL).get(f"/patients/{visit[0]}/schedule").text

    assert "Clinic cancel" in page
    assert "flood" in page
    assert (
        sign_in(cast.CARL)
        .get(f"/patients/{visit[0]}/schedule?format=csv")
        .text.startswith("Date,Time,For")
    )
