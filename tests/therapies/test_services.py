"""Courses begun, ended, closed and refused, with their bookings, on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.decision import Decision
from clinic.core.errors import Clash, NotFound, Refused
from clinic.core.service_dates import ONE_DAY
from clinic.data.db import db
from clinic.data.types import new_id
from clinic.data.work import Work
from clinic.scheduling import services as scheduling
from clinic.scheduling.facts import BookingClash, BookingStatus, ClashCause, ResourceKind
from clinic.scheduling.facts import Setting as BookedSetting
from clinic.scheduling.models import Booking, Resource, Session, SessionResource
from clinic.sites import services as sites
from clinic.sites.facts import ClosureKind
from clinic.therapies import services
from clinic.therapies.facts import Setting, StartFacts, Weekday
from clinic.therapies.models import Course, ModalityReferral
from tests import cast
from tests.conftest import WorkAs
from tests.therapies.builders import (
    NINE,
    TODAY,
    a_resource,
    a_talking_room,
    a_tms_suite,
    all_clear,
    discharged,
    in_care,
)


def cbt(work: Work, patient: UUID, **changes: object) -> services.StartedCourse:
    values: dict[str, object] = {
        "patient_id": patient,
        "modality": "cbt",
        "starts_on": TODAY,
        "wall_time": NINE,
        "facts": all_clear("cbt"),
    }
    return services.start_course(work, **values | changes)  # type: ignore[arg-type]


def held_names(work: Work) -> set[tuple[str, ...]]:
    """The sets of resources that sessions hold."""
    held: dict[UUID, list[str]] = {}
    rows = work.session.execute(
        sa.select(SessionResource.session_id, Resource.name)
        .join(Resource, Resource.id == SessionResource.resource_id)
        .order_by(Resource.name)
    )
    for session_id, name in rows:
        held.setdefault(session_id, []).append(name)
    return {tuple(names) for names in held.values()}


class TestStart:
    def test_a_tms_course_is_booked_to_its_last_session(self, work: Work) -> None:
        patient, _ = in_care(work)
        a_tms_suite(work)

        started = services.start_course(
            work,
            patient_id=patient,
            modality="tms",
            starts_on=date(2026, 3, 9),
            wall_time=NINE,
            facts=all_clear("tms"),
        )

        assert (started.sessions, started.last_on) == (36, date(2026, 5, 6))
        bookings = work.session.scalars(sa.select(Booking).order_by(Booking.starts_at)).all()
        assert len({each.service_date for each in bookings}) == 36
        assert {cast.NORTH.local(each.starts_at).time() for each in bookings} == {NINE}
        assert {each.course_id for each in bookings} == {started.course_id}
        assert held_names(work) == {("Coil 1", "Otto Operator", "TMS room")}

    def test_the_first_session_is_longer_for_mapping(self, work: Work) -> None:
        patient, _ = in_care(work)
        a_tms_suite(work)

        services.start_course(
            work,
            patient_id=patient,
            modality="tms",
            starts_on=date(2026, 3, 9),
            wall_time=NINE,
            facts=all_clear("tms"),
        )

        [first, second] = work.session.scalars(
            sa.select(Session).order_by(Session.starts_at).limit(2)
        )
        assert (first.ends_at - first.starts_at).seconds == 120 * 60
        assert (second.ends_at - second.starts_at).seconds == 60 * 60

    def test_a_closed_day_is_made_up_at_the_end(self, work: Work) -> None:
        patient, _ = in_care(work)
        a_talking_room(work)
        sites.close_day(
            work, closed_on=date(2026, 3, 10), kind=ClosureKind.PLANNED, reason="Training"
        )

        started = cbt(work, patient)

        dates = work.session.scalars(
            sa.select(Session.service_date).order_by(Session.service_date)
        ).all()
        assert (started.sessions, dates[0], dates[1], dates[-1]) == (
            12,
            date(2026, 3, 3),
            date(2026, 3, 17),
            date(2026, 5, 26),
        )

    def test_what_the_gates_said_is_kept_with_the_course(self, work: Work) -> None:
        patient, _ = in_care(work)
        a_tms_suite(work)

        services.start_course(
            work,
            patient_id=patient,
            modality="tms",
            starts_on=date(2026, 3, 9),
            wall_time=NINE,
            facts=all_clear("tms"),
        )

        kept = work.session.scalars(sa.select(Course.decision)).one()
        assert kept["verdict"] == "go"
        assert [reason["code"] for reason in kept["reasons"]] == ["off_label"]
        assert kept["facts"]["consents"] == ["off_label_tms", "treatment"]
        assert kept["facts"]["answers"]["metal_near_coil"] is False
        assert kept["facts"]["age_years"] == 40

    def test_video_holds_the_therapist_and_no_room(self, work: Work) -> None:
        patient, _ = in_care(work)
        a_talking_room(work)

        cbt(work, patient, setting=Setting.TELEHEALTH, wall_time=time(19, 0))

        assert held_names(work) == {("Thea Therapist",)}
        assert set(work.session.scalars(sa.select(Session.setting))) == {BookedSetting.TELEHEALTH}

    def test_own_weekdays_are_kept(self, work: Work) -> None:
        patient, _ = in_care(work)
        a_talking_room(work)

        cbt(work, patient, weekdays=(Weekday.FRIDAY,))

        assert {day.weekday() for day in work.session.scalars(sa.select(Session.service_date))} == {
            4
        }

    def test_the_second_patient_joins_the_same_group(self, work: Work) -> None:
        a_resource(work, kind=ResourceKind.STAFF, name="Mira", skill="mindfulness_teacher")
        a_resource(work, kind=ResourceKind.ROOM, name="Group room", skill="group_room")
        for name in ("Ash", "Birch"):
            patient, _ = in_care(work, name=name)
            services.start_course(
                work,
                patient_id=patient,
                modality="mbsr",
                starts_on=TODAY,
                wall_time=NINE,
                facts=all_clear("mbsr"),
            )

        assert len(work.session.scalars(sa.select(Session)).all()) == 9
        assert len(work.session.scalars(sa.select(Booking)).all()) == 18

    def test_a_retreat_day_too_long_for_the_hour_begins_earlier(self, work: Work) -> None:
        a_resource(work, kind=ResourceKind.STAFF, name="Mira", skill="mindfulness_teacher")
        a_resource(work, kind=ResourceKind.ROOM, name="Group room", skill="group_room")
        patient, _ = in_care(work)

        services.start_course(
            work,
            patient_id=patient,
            modality="mbsr",
            starts_on=TODAY,
            wall_time=time(15, 0),
            facts=all_clear("mbsr"),
        )

        starts = [
            cast.NORTH.local(each) for each in work.session.scalars(sa.select(Session.starts_at))
        ]
        assert {moment.time() for moment in starts} == {time(15, 0), time(11, 0)}
        assert [f"{each:%a}" for each in starts if each.hour == 11] == ["Sat"]

    @pytest.mark.parametrize("code", ["methadone", "contingency_management"])
    def test_what_another_room_gives_opens_without_sessions(self, work: Work, code: str) -> None:
        patient, _ = in_care(work)

        started = services.start_course(
            work,
            patient_id=patient,
            modality=code,
            starts_on=TODAY,
            facts=all_clear(code),
            acknowledged=True,
        )

        assert (started.sessions, started.series_id, started.last_on) == (0, None, None)
        assert work.session.get_one(Course, started.course_id).starts_on == TODAY


class TestRefusal:
    def test_research_only_is_refused_with_the_reason(self, work: Work) -> None:
        patient, _ = in_care(work)

        with pytest.raises(Refused, match="can only be referred") as refusal:
            services.start_course(
                work, patient_id=patient, modality="gene_therapy", starts_on=TODAY
            )

        assert isinstance(refusal.value.decision, Decision)
        assert [reason.code for reason in refusal.value.decision.reasons] == ["referral_only"]

    def test_nobody_begins_before_admission(self, work: Work) -> None:
        patient, episode = in_care(work)
        a_talking_room(work)

        with pytest.raises(Refused, match="was admitted on 03 Mar 2026"):
            cbt(work, patient, starts_on=TODAY - ONE_DAY)
        discharged(work, episode_id=episode)
        with pytest.raises(Refused, match="not admitted"):
            cbt(work, patient)

    def test_a_missing_consent_stops(self, work: Work) -> None:
        patient, _ = in_care(work)
        a_talking_room(work)

        with pytest.raises(Refused, match="Not signed: Informed, voluntary consent"):
            cbt(work, patient, facts=StartFacts())

    def test_what_is_asked_needs_a_yes_by_a_person(self, work: Work) -> None:
        patient, _ = in_care(work)
        a_tms_suite(work)
        unasked = replace(all_clear("tms"), answers={})

        def start(*, acknowledged: bool) -> services.StartedCourse:
            return services.start_course(
                work,
                patient_id=patient,
                modality="tms",
                starts_on=date(2026, 3, 9),
                wall_time=NINE,
                facts=unasked,
                acknowledged=acknowledged,
            )

        with pytest.raises(Refused, match="Not asked: Metal in the head"):
            start(acknowledged=False)
        assert start(acknowledged=True).sessions == 36

    def test_a_site_without_a_coil_is_told_for_every_date(self, work_as: WorkAs) -> None:
        with work_as(cast.PIA) as work:
            patient, _ = in_care(work)

        with pytest.raises(BookingClash) as clash, work_as(cast.PIA) as work:
            services.start_course(
                work,
                patient_id=patient,
                modality="tms",
                starts_on=date(2026, 3, 9),
                wall_time=NINE,
                facts=all_clear("tms"),
            )

        assert {each.cause for each in clash.value.found} == {ClashCause.NOBODY_FREE}
        assert len({each.on for each in clash.value.found}) == 36
        assert db.session.scalars(sa.select(Course)).all() == []

    def test_a_second_open_course_of_a_kind_is_refused(self, work: Work) -> None:
        patient, _ = in_care(work)
        a_talking_room(work)
        cbt(work, patient)

        with pytest.raises(Refused, match="already under way"):
            cbt(work, patient, wall_time=time(14, 0))

    def test_and_the_database_refuses_it_too(self, work_as: WorkAs) -> None:
        with work_as(cast.CARL) as work:
            patient, _ = in_care(work)
            a_talking_room(work)
            cbt(work, patient)

        row = db.session.execute(sa.select(Course.__table__)).mappings().one()
        copy = sa.insert(Course).values(dict(row) | {"id": new_id()})

        with pytest.raises(Clash, match="already has an open course"), work_as() as work:
            work.session.execute(copy)

    def test_an_hour_is_needed_where_sessions_are_planned(self, work: Work) -> None:
        patient, _ = in_care(work)

        with pytest.raises(Refused, match="Choose the time of day"):
            cbt(work, patient, wall_time=None)

    def test_an_unknown_treatment_is_not_found(self, work: Work) -> None:
        patient, _ = in_care(work)

        with pytest.raises(NotFound):
            cbt(work, patient, modality="leeches")


class TestEnd:
    def test_what_is_ahead_is_cancelled_and_the_past_stands(self, work: Work) -> None:
        patient, _ = in_care(work)
        a_talking_room(work)
        course = cbt(work, patient, wall_time=time(8, 0)).course_id

        services.end_course(work, course_id=course, version=1, why="Moved away")

        statuses = work.session.scalars(sa.select(Booking.status).order_by(Booking.starts_at)).all()
        assert statuses == [BookingStatus.BOOKED] + [BookingStatus.CLINIC_CANCEL] * 11
        ended = work.session.get_one(Course, course)
        assert (ended.ended_on, ended.ended_why) == (TODAY, "Moved away")

    def test_a_course_that_has_not_begun_never_was_open(self, work: Work) -> None:
        patient, _ = in_care(work)
        a_talking_room(work)
        course = cbt(work, patient, starts_on=date(2026, 3, 10)).course_id

        services.end_course(work, course_id=course, version=1, why="Changed their mind")

        assert work.session.get_one(Course, course).ended_on == date(2026, 3, 10)

    def test_it_ends_once_with_a_reason_and_by_who_saw_it(self, work: Work) -> None:
        patient, _ = in_care(work)
        a_talking_room(work)
        course = cbt(work, patient).course_id

        with pytest.raises(Refused, match="Say why"):
            services.end_course(work, course_id=course, version=1, why="")
        services.end_course(work, course_id=course, version=1, why="Done")
        with pytest.raises(Clash):
            services.end_course(work, course_id=course, version=1, why="Done")
        with pytest.raises(Refused, match="ended already"):
            services.end_course(work, course_id=course, version=2, why="Done")

    def test_after_it_another_may_begin(self, work: Work) -> None:
        patient, _ = in_care(work)
        a_talking_room(work)
        course = cbt(work, patient, wall_time=time(11, 0)).course_id
        services.end_course(work, course_id=course, version=1, why="Restart")

        assert cbt(work, patient, wall_time=time(11, 0)).sessions == 12

    def test_a_discharge_closes_courses_and_frees_the_calendar(self, work: Work) -> None:
        patient, episode = in_care(work)
        a_talking_room(work)
        course = cbt(work, patient, wall_time=time(11, 0)).course_id

        discharged(work, episode_id=episode)

        closed = work.session.get_one(Course, course)
        assert (closed.ended_on, closed.ended_why) == (TODAY, "Discharged: Completed")
        assert set(work.session.scalars(sa.select(Booking.status))) == {BookingStatus.CLINIC_CANCEL}
        assert not any(work.session.scalars(sa.select(SessionResource.is_held)))

    def test_another_site_s_course_is_not_found(self, work_as: WorkAs) -> None:
        with work_as(cast.CARL) as work:
            patient, _ = in_care(work)
            a_talking_room(work)
            course = cbt(work, patient).course_id

        with pytest.raises(NotFound), work_as(cast.OLGA) as work:
            services.end_course(work, course_id=course, version=1, why="Done")


class TestReferral:
    def test_it_names_who_and_why(self, work: Work) -> None:
        patient, _ = in_care(work)

        services.refer_out(
            work,
            patient_id=patient,
            modality="gene_therapy",
            referred_to="State university trial",
            reason="asks for it",
        )

        kept = work.session.scalars(sa.select(ModalityReferral)).one()
        assert (kept.modality, kept.referred_to, kept.referred_on) == (
            "gene_therapy",
            "State university trial",
            TODAY,
        )
        with pytest.raises(Refused):
            services.refer_out(
                work, patient_id=patient, modality="gene_therapy", referred_to="", reason="x"
            )


def test_a_taken_hour_moves_one_date_to_a_substitute(work: Work) -> None:
    patient, _ = in_care(work)
    room = a_talking_room(work)
    a_resource(work, kind=ResourceKind.ROOM, name="Room 2", skill="counseling_room")
    scheduling.book_session(
        work,
        modality="counseling",
        title="Counseling",
        starts_at=cast.NORTH.instant(date(2026, 3, 17), NINE),
        minutes=60,
        resource_ids=[room],
        patient_ids=[],
        setting=BookedSetting.IN_PERSON,
    )

    cbt(work, patient, resource_ids=(room,))

    rows = work.session.execute(
        sa.select(Session.service_date)
        .join(SessionResource, SessionResource.session_id == Session.id)
        .join(Resource, Resource.id == SessionResource.resource_id)
        .where(Resource.name == "Room 2")
    ).all()
    assert [row.service_date for row in rows] == [date(2026, 3, 17)]
