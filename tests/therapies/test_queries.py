"""Courses as they are read, and a course proposed before it begins."""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

from clinic.core.decision import Verdict
from clinic.data.work import Work
from clinic.scheduling import queries as scheduling_queries
from clinic.scheduling import services as scheduling
from clinic.scheduling.facts import BookingStatus
from clinic.scheduling.facts import Setting as BookedSetting
from clinic.sites import services as sites
from clinic.sites.facts import ClosureKind
from clinic.therapies import queries, services
from clinic.therapies.facts import Standing, StartFacts
from clinic.therapies.queries import CourseRequest
from tests import cast
from tests.therapies.builders import (
    NINE,
    TODAY,
    a_talking_room,
    a_tms_suite,
    all_clear,
    in_care,
)


def a_cbt_course(work: Work, patient: UUID, *, at: time = NINE) -> UUID:
    return services.start_course(
        work,
        patient_id=patient,
        modality="cbt",
        starts_on=TODAY,
        wall_time=at,
        facts=all_clear("cbt"),
    ).course_id


def test_a_course_tells_how_far_it_has_come(work: Work) -> None:
    patient, _ = in_care(work)
    a_talking_room(work)
    a_cbt_course(work, patient, at=time(8, 0))
    [first, *_] = scheduling_queries.bookings_of(
        work, patient_id=patient, first=TODAY, until=date(2026, 4, 1)
    )
    scheduling.mark(
        work,
        booking_id=first.booking_id,
        status=BookingStatus.ATTENDED,
        reason="",
        version=first.version,
    )

    [row] = queries.courses_of(work, patient_id=patient)

    assert (row.name, row.standing) == ("Cognitive behavioral therapy", Standing.ESTABLISHED)
    assert (row.sessions_planned, row.progress.attended, row.progress.ahead) == (12, 1, 11)
    assert row.progress.next_at == cast.NORTH.instant(date(2026, 3, 10), time(8, 0))
    assert row.progress.last_on == date(2026, 5, 19)


def test_open_courses_of_a_day_are_half_open(work: Work) -> None:
    patient, _ = in_care(work)
    a_talking_room(work)
    course = a_cbt_course(work, patient)
    yesterday, tomorrow = date(2026, 3, 2), date(2026, 3, 4)

    assert [len(queries.open_courses_on(work, day=day)) for day in (yesterday, TODAY)] == [0, 1]

    services.end_course(work, course_id=course, version=1, why="Done")
    assert [len(queries.open_courses_on(work, day=day)) for day in (TODAY, tomorrow)] == [0, 0]


def test_the_pathway_has_three_lanes(work: Work) -> None:
    patient, _ = in_care(work)
    a_talking_room(work)
    a_cbt_course(work, patient)

    shown = queries.pathway(work, patient_id=patient)

    assert [lane.label for lane in shown.lanes] == ["Level of care", "Medication", "Treatments"]
    assert [(bar.label, bar.kind, bar.first, bar.until) for bar in shown.lanes[2].bars] == [
        ("Cognitive behavioral therapy", "ok", TODAY, None)
    ]


class TestProposal:
    def request(self, patient: UUID, **changes: object) -> CourseRequest:
        values: dict[str, object] = {
            "patient_id": patient,
            "modality": "tms",
            "starts_on": date(2026, 3, 9),
            "wall_time": NINE,
        }
        return CourseRequest(**values | changes)  # type: ignore[arg-type]

    def test_it_says_how_many_are_placed_and_when_it_ends(self, work: Work) -> None:
        patient, _ = in_care(work)
        a_tms_suite(work)
        sites.close_day(
            work, closed_on=date(2026, 3, 12), kind=ClosureKind.HOLIDAY, reason="Founders' day"
        )

        proposal = queries.propose_course(
            work, request=self.request(patient), given=all_clear("tms")
        )

        assert proposal.summary == "36 of 36 placed, ends 13 May 2026"
        assert proposal.closures == ((date(2026, 3, 12), "Founders' day"),)
        assert proposal.decision.verdict is Verdict.GO

    def test_a_taken_hour_offers_the_nearest_that_fit(self, work: Work) -> None:
        patient, _ = in_care(work)
        a_tms_suite(work)
        scheduling.book_session(
            work,
            modality="visit",
            title="Visit",
            starts_at=cast.NORTH.instant(date(2026, 3, 9), NINE),
            minutes=60,
            resource_ids=[],
            patient_ids=[patient],
            setting=BookedSetting.IN_PERSON,
        )

        proposal = queries.propose_course(
            work, request=self.request(patient), given=all_clear("tms")
        )

        assert proposal.summary == "35 of 36 placed, ends 06 May 2026"
        assert proposal.other_times == (time(10, 0), time(10, 30), time(7, 0))

    def test_the_house_knows_age_admission_and_other_courses(self, work: Work) -> None:
        patient, _ = in_care(work, born=date(2009, 3, 4))
        a_talking_room(work)
        a_cbt_course(work, patient)

        known = queries.known_facts(work, patient_id=patient, given=StartFacts())

        assert known.age_years == 16
        assert known.admitted
        assert known.active_courses == frozenset({"cbt"})
        assert known.active_medications == frozenset()
        assert known.pregnant is False

    def test_a_dosing_treatment_plans_no_sessions(self, work: Work) -> None:
        patient, _ = in_care(work)

        proposal = queries.propose_course(
            work, request=self.request(patient, modality="naltrexone"), given=StartFacts()
        )

        assert proposal.placement is None
        assert proposal.summary == "No sessions are planned ahead."
