"""The census of a day on both engines, told as a ward would tell it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from clinic.census.facts import CensusDay, LevelLine
from clinic.census.queries import census_on, doses_on, series
from clinic.data.db import db
from clinic.data.work import Work
from clinic.programs.facts import CareState, DischargeReason, MedicationState
from tests import cast
from tests.census import builders as ward
from tests.conftest import WorkAs

OTP = CareState.OPIOID_TREATMENT
OUTPATIENT = CareState.OUTPATIENT
RESIDENTIAL = CareState.RESIDENTIAL_HIGH
DETOX = CareState.WITHDRAWAL_MANAGEMENT

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 2, day) for day in range(16, 21))


def line(census: CensusDay, level: CareState) -> LevelLine:
    return next(each for each in census.levels if each.level is level)


def numbers(census: CensusDay, level: CareState) -> tuple[int, int, int, int, int, int]:
    """Yesterday, admitted, transferred in, transferred out, discharged, today."""
    found = line(census, level)
    return (
        found.yesterday,
        found.admitted,
        found.transferred_in,
        found.transferred_out,
        found.discharged,
        found.today,
    )


def groups(found: tuple[object, ...]) -> dict[str, int]:
    return {group.key: group.count for group in found}  # type: ignore[attr-defined]


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement sent to the database inside the block."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            sent.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def test_an_empty_clinic_reconciles_at_nought(work: Work) -> None:
    census = census_on(work, day=MONDAY)

    assert census.in_care == 0
    assert census.reconciles
    assert census.busy_levels == ()


def test_admission_is_counted_from_its_day_on(work: Work) -> None:
    ward.admitted(work, on=TUESDAY)

    assert numbers(census_on(work, day=MONDAY), OTP) == (0, 0, 0, 0, 0, 0)
    assert numbers(census_on(work, day=TUESDAY), OTP) == (0, 1, 0, 0, 0, 1)
    assert numbers(census_on(work, day=WEDNESDAY), OTP) == (1, 0, 0, 0, 0, 1)


def test_waiting_is_not_being_in_care(work: Work) -> None:
    episode = ward.asks(work, on=MONDAY)
    ward.moves(work, episode=episode, on=MONDAY, to=CareState.WAITLIST)
    ward.moves(work, episode=episode, on=WEDNESDAY, to=OTP)

    tuesday, wednesday = census_on(work, day=TUESDAY), census_on(work, day=WEDNESDAY)
    assert (tuesday.waiting, tuesday.in_care, tuesday.total.admitted) == (1, 0, 0)
    assert (wednesday.waiting, wednesday.in_care, wednesday.total.admitted) == (0, 1, 1)


def test_interim_services_are_waiting_too(work: Work) -> None:
    """45 CFR 96.126: they bridge the time until admission."""
    episode = ward.asks(work, on=MONDAY)
    ward.moves(work, episode=episode, on=MONDAY, to=CareState.INTERIM)
    ward.moves(work, episode=episode, on=WEDNESDAY, to=OTP)

    tuesday, wednesday = census_on(work, day=TUESDAY), census_on(work, day=WEDNESDAY)
    assert (tuesday.waiting, tuesday.in_care) == (1, 0)
    assert numbers(wednesday, OTP) == (0, 1, 0, 0, 0, 1)


def test_a_name_taken_off_the_waitlist_was_never_discharged_from_care(work: Work) -> None:
    episode = ward.asks(work, on=MONDAY)
    ward.discharged(work, episode=episode, on=TUESDAY, reason=DischargeReason.OTHER)

    census = census_on(work, day=TUESDAY)
    assert (census.total.discharged, census.discharge_reasons, census.reconciles) == (0, (), True)


def test_admitted_and_transferred_on_the_same_day(work: Work) -> None:
    episode = ward.admitted(work, on=MONDAY, to=DETOX)
    ward.moves(work, episode=episode, on=MONDAY, to=RESIDENTIAL)

    census = census_on(work, day=MONDAY)
    assert numbers(census, DETOX) == (0, 1, 0, 1, 0, 0)
    assert numbers(census, RESIDENTIAL) == (0, 0, 1, 0, 0, 1)
    assert census.reconciles
    assert census.beds_occupied == 1


def test_admitted_and_discharged_on_the_same_day_is_seen_and_not_in_the_night_count(
    work: Work,
) -> None:
    episode = ward.admitted(work, on=MONDAY)
    ward.discharged(work, episode=episode, on=MONDAY, reason=DischargeReason.LEFT_AGAINST_ADVICE)

    census = census_on(work, day=MONDAY)
    assert numbers(census, OTP) == (0, 1, 0, 0, 1, 0)
    assert groups(census.discharge_reasons) == {"left_against_advice": 1}


def test_there_and_back_in_one_day_leaves_the_count_alone(work: Work) -> None:
    episode = ward.admitted(work, on=MONDAY, to=OUTPATIENT)
    ward.moves(work, episode=episode, on=TUESDAY, to=CareState.MEDICALLY_MANAGED_INPATIENT)
    ward.moves(work, episode=episode, on=TUESDAY, to=OUTPATIENT)

    census = census_on(work, day=TUESDAY)
    assert numbers(census, OUTPATIENT) == (1, 0, 1, 1, 0, 1)
    assert census.reconciles


def test_discharge_and_readmission_are_two_stays(work: Work) -> None:
    first = ward.admitted(work, on=MONDAY)
    ward.discharged(work, episode=first, on=WEDNESDAY)
    ward.admitted(work, on=THURSDAY, patient_id=first.patient_id, to=OUTPATIENT)

    wednesday, thursday = census_on(work, day=WEDNESDAY), census_on(work, day=THURSDAY)
    assert numbers(wednesday, OTP) == (1, 0, 0, 0, 1, 0)
    assert groups(wednesday.discharge_reasons) == {"completed": 1}
    assert numbers(thursday, OUTPATIENT) == (0, 1, 0, 0, 0, 1)
    assert thursday.readmitted == 1


def test_discharged_and_readmitted_on_one_day(work: Work) -> None:
    first = ward.admitted(work, on=MONDAY)
    ward.discharged(work, episode=first, on=TUESDAY)
    ward.admitted(work, on=TUESDAY, patient_id=first.patient_id)

    census = census_on(work, day=TUESDAY)
    assert numbers(census, OTP) == (1, 1, 0, 0, 1, 1)
    assert census.readmitted == 1


def test_asking_once_more_after_never_having_come_is_not_a_readmission(work: Work) -> None:
    asked = ward.asks(work, on=MONDAY)
    ward.discharged(work, episode=asked, on=TUESDAY, reason=DischargeReason.OTHER)
    ward.admitted(work, on=THURSDAY, patient_id=asked.patient_id)

    census = census_on(work, day=THURSDAY)
    assert (census.total.admitted, census.readmitted) == (1, 0)


def test_a_transfer_recorded_later_changes_the_days_it_speaks_of(work: Work) -> None:
    episode = ward.admitted(work, on=MONDAY, to=RESIDENTIAL)
    assert line(census_on(work, day=WEDNESDAY), RESIDENTIAL).today == 1

    ward.moves(work, episode=episode, on=WEDNESDAY, to=OUTPATIENT)  # written on 3 March

    assert numbers(census_on(work, day=TUESDAY), RESIDENTIAL) == (1, 0, 0, 0, 0, 1)
    assert numbers(census_on(work, day=WEDNESDAY), RESIDENTIAL) == (1, 0, 0, 1, 0, 0)
    assert numbers(census_on(work, day=FRIDAY), OUTPATIENT) == (1, 0, 0, 0, 0, 1)


def test_a_past_day_gives_the_same_answer_after_the_patient_has_gone(work: Work) -> None:
    episode = ward.admitted(work, on=MONDAY)
    ward.takes(work, episode=episode, on=MONDAY, medication=MedicationState.METHADONE)
    ward.a_course(work, episode=episode, modality="cbt", on=MONDAY, until=FRIDAY)
    before = census_on(work, day=TUESDAY)

    ward.discharged(work, episode=episode, on=FRIDAY)

    assert census_on(work, day=TUESDAY) == before
    assert before.in_care == 1


def test_medication_is_the_last_one_of_those_in_care(work: Work) -> None:
    switching = ward.admitted(work, on=MONDAY, name="Switching")
    ward.takes(work, episode=switching, on=MONDAY, medication=MedicationState.METHADONE)
    ward.takes(work, episode=switching, on=WEDNESDAY, medication=MedicationState.BUPRENORPHINE)
    gone = ward.admitted(work, on=MONDAY, name="Gone")
    ward.takes(work, episode=gone, on=MONDAY, medication=MedicationState.METHADONE)
    ward.discharged(work, episode=gone, on=TUESDAY)
    ward.admitted(work, on=MONDAY, name="Without")

    assert groups(census_on(work, day=MONDAY).medications) == {"methadone": 2, "none": 1}
    assert groups(census_on(work, day=TUESDAY).medications) == {"methadone": 1, "none": 1}
    assert groups(census_on(work, day=WEDNESDAY).medications) == {"buprenorphine": 1, "none": 1}


def test_a_course_is_counted_until_the_day_before_it_ends(work: Work) -> None:
    episode = ward.admitted(work, on=MONDAY)
    ward.a_course(work, episode=episode, modality="cbt", on=TUESDAY, until=THURSDAY)
    ward.a_course(work, episode=episode, modality="tms", on=WEDNESDAY)

    found = [groups(census_on(work, day=day).modalities) for day in (MONDAY, TUESDAY)]
    assert found == [{}, {"cbt": 1}]
    assert groups(census_on(work, day=WEDNESDAY).modalities) == {"cbt": 1, "tms": 1}
    assert groups(census_on(work, day=THURSDAY).modalities) == {"tms": 1}


def test_another_site_counts_its_own(work_as: WorkAs) -> None:
    with work_as(cast.ADA) as north:
        ward.admitted(north, on=MONDAY)

    with work_as(cast.OLGA) as south:
        assert census_on(south, day=MONDAY).in_care == 0


def test_a_broken_history_is_shown_and_not_smoothed_over(work: Work) -> None:
    episode = ward.admitted(work, on=MONDAY)
    episode.closed_on = TUESDAY  # closed without a discharge
    work.session.flush()

    assert not census_on(work, day=TUESDAY).reconciles


def test_four_statements_for_a_day_however_many_patients(work: Work) -> None:
    def sent() -> int:
        with statements() as seen:
            census_on(work, day=TUESDAY)
        return len(seen)

    ward.admitted(work, on=MONDAY)
    for_one = sent()
    for number in range(25):
        ward.admitted(work, on=TUESDAY, name=f"Patient {number}")

    assert (for_one, sent()) == (4, 4)


def test_the_series_is_the_census_of_each_of_its_days(work: Work) -> None:
    staying = ward.admitted(work, on=MONDAY, to=DETOX)
    ward.moves(work, episode=staying, on=WEDNESDAY, to=OTP)
    leaving = ward.admitted(work, on=TUESDAY, name="Leaving")
    ward.discharged(work, episode=leaving, on=THURSDAY)

    found = series(work, first=TUESDAY, until=date(2026, 2, 21))

    assert found.days == (TUESDAY, WEDNESDAY, THURSDAY, FRIDAY)
    assert list(found.counts[DETOX]) == [1, 0, 0, 0]
    assert list(found.counts[OTP]) == [1, 2, 1, 1]
    assert found.totals == (2, 2, 1, 1)
    assert found.busy_levels == (DETOX, OTP)
    assert (list(found.admitted), list(found.discharged)) == ([1, 0, 0, 0], [0, 0, 1, 0])


@pytest.mark.parametrize("days", [1, 90, 1826])
def test_two_statements_for_a_series_however_long(work: Work, days: int) -> None:
    for number in range(3):
        ward.admitted(work, on=MONDAY, name=f"Patient {number}")

    with statements() as seen:
        series(work, first=FRIDAY - timedelta(days=days - 1), until=date(2026, 2, 21))

    assert len(seen) == 2


def test_doses_given_of_those_expected(work: Work) -> None:
    given, missed, spat = (
        ward.admitted(work, on=MONDAY, name=name) for name in ("Given", "Missed", "Spat")
    )
    orders = {one.id: ward.ordered(work, episode=one, on=MONDAY) for one in (given, missed, spat)}
    ward.dosed(work, episode=given, order_id=orders[given.id], on=TUESDAY)
    dose = ward.dosed(work, episode=spat, order_id=orders[spat.id], on=TUESDAY)
    ward.taken_back(work, episode=spat, dose_id=dose, on=TUESDAY)

    found = doses_on(work, day=TUESDAY)

    assert (found.expected, found.given) == (3, 1)


def test_an_order_that_has_ended_expects_nothing(work: Work) -> None:
    episode = ward.admitted(work, on=MONDAY)
    ward.ordered(work, episode=episode, on=MONDAY, until=WEDNESDAY)

    assert [doses_on(work, day=day).expected for day in (TUESDAY, WEDNESDAY)] == [1, 0]


def test_a_dose_of_an_imported_history_was_expected(work: Work) -> None:
    episode = ward.admitted(work, on=MONDAY)
    order_id = ward.ordered(work, episode=episode, on=MONDAY, until=TUESDAY)
    ward.dosed(work, episode=episode, order_id=order_id, on=WEDNESDAY)

    found = doses_on(work, day=WEDNESDAY)

    assert (found.expected, found.given) == (1, 1)


def test_nobody_is_expected_on_a_closed_sunday(work: Work) -> None:
    episode = ward.admitted(work, on=MONDAY)
    ward.ordered(work, episode=episode, on=MONDAY)

    assert doses_on(work, day=date(2026, 2, 22)).expected == 0
