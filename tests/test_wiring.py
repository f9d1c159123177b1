"""One fact, and everything it wakes across the house."""

from __future__ import annotations

from clinic.programs.facts import Discharged, ModalityBegun
from clinic.rewards import services as rewards
from clinic.scheduling import queries as scheduling
from clinic.scheduling.facts import AttendanceRecorded
from clinic.therapies import queries as therapies
from clinic.toxicology.facts import ResultConfirmed, ResultRecorded
from clinic.wiring import DUE_SOURCES, REACTIONS
from tests import cast
from tests.conftest import WorkAs
from tests.dosing.builders import an_order, in_treatment


def test_every_announcement_of_the_house_wakes_somebody() -> None:
    assert set(REACTIONS) == {
        ResultRecorded,
        ResultConfirmed,
        AttendanceRecorded,
        ModalityBegun,
        Discharged,
    }


def test_enrolling_in_rewards_shows_contingency_management_as_a_course(work_as: WorkAs) -> None:
    with work_as(cast.CARL) as work:
        patient_id = in_treatment(work)
        rewards.enrol(work, patient_id=patient_id, protocol_code="higgins")

        courses = therapies.courses_of(work, patient_id=patient_id)

    assert [(one.code, one.sessions_planned) for one in courses] == [("contingency_management", 0)]


def test_the_day_board_tells_who_comes_for_a_dose_and_not_what(work_as: WorkAs) -> None:
    with work_as(cast.NORA) as work:
        patient_id = in_treatment(work)
    with work_as(cast.PIA) as work:
        an_order(work, patient_id=patient_id)
    with work_as(cast.NORA) as work:
        board = scheduling.day_board(work, day=work.service_date, sources=DUE_SOURCES)

    assert [(row.patient_id, [due.label for due in row.due]) for row in board] == [
        (patient_id, ["Dose"])
    ]
