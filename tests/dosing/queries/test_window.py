"""The derived queue and strip of a real day, and what they cost."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from clinic.core.errors import NotFound
from clinic.data.work import Work
from clinic.dosing import queries, services
from clinic.dosing.facts import HoldReason, Place, VoidReason
from clinic.scheduling.facts import BookingStatus, SessionStatus, Setting
from clinic.scheduling.models import AttendanceEvent, Booking, Session
from clinic.sites import services as sites
from clinic.sites.facts import ClosureKind
from clinic.stock import queries as stock
from tests import cast
from tests.conftest import WorkAs
from tests.dosing.builders import FIRST_DAY, a_bottle, an_order, counted, in_treatment

ONE_DAY = timedelta(days=1)


def patients(work_as: WorkAs, count: int, *, orders: bool = True) -> list[UUID]:
    with work_as(cast.FRANK) as work:
        found = [in_treatment(work, family_name=f"Test{chr(65 + n)}") for n in range(count)]
    if orders:
        with work_as(cast.PIA) as work:
            for patient_id in found:
                an_order(work, patient_id=patient_id)
    return found


def check_in(work: Work, patient_id: UUID) -> None:
    """A visit booked for today whose patient the front desk has seen."""
    session = Session(
        id=work.new_id(),
        site_id=work.site.id,
        modality="methadone",
        title="Dosing",
        setting=Setting.IN_PERSON,
        starts_at=work.now,
        ends_at=work.now + timedelta(minutes=5),
        service_date=work.service_date,
        time_zone=work.site.time_zone,
        capacity=1,
        status=SessionStatus.PLANNED,
        recorded_at=work.now,
        recorded_by_name="test",
    )
    work.session.add(session)
    work.session.flush()
    booking = Booking(
        id=work.new_id(),
        site_id=work.site.id,
        session_id=session.id,
        capacity=1,
        place=1,
        patient_id=patient_id,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        service_date=work.service_date,
        status=BookingStatus.CHECKED_IN,
        recorded_at=work.now,
        recorded_by_name="test",
    )
    work.session.add(booking)
    work.session.flush()
    work.session.add(
        AttendanceEvent(
            id=work.new_id(),
            site_id=work.site.id,
            booking_id=booking.id,
            patient_id=patient_id,
            sequence=1,
            status=BookingStatus.CHECKED_IN,
            occurred_at=work.now,
            service_date=work.service_date,
            time_zone=work.site.time_zone,
            recorded_at=work.now,
            recorded_by_name="test",
        )
    )


def places(work_as: WorkAs, day: date = FIRST_DAY) -> dict[str, Place]:
    with work_as(cast.NORA) as work:
        return {row.patient.last_name: row.place for row in queries.queue(work, day=day).rows}


def test_the_queue_is_what_orders_holds_doses_and_arrivals_make_of_it(work_as: WorkAs) -> None:
    _expected, here, held, dosed = patients(work_as, 4)
    patients(work_as, 1, orders=False)
    with work_as(cast.NORA) as work:
        a_bottle(work)
        check_in(work, here)
        services.hold(work, patient_id=held, reason=HoldReason.OTHER)
        services.give_dose(work, patient_id=dosed, order_number=1, window=1)

    assert places(work_as) == {
        "TestA": Place.EXPECTED,
        "TestB": Place.IN_LINE,
        "TestC": Place.HELD,
        "TestD": Place.DOSED,
    }


def test_a_past_day_gives_the_same_answer_after_later_acts(work_as: WorkAs) -> None:
    held, dosed = patients(work_as, 2)
    with work_as(cast.NORA) as work:
        a_bottle(work)
        services.hold(work, patient_id=held, reason=HoldReason.OTHER)
        services.give_dose(work, patient_id=dosed, order_number=1, window=1)
    before = places(work_as)

    with work_as(cast.PIA, now=cast.NOW + 2 * ONE_DAY) as work:
        an_order(work, patient_id=held)
        services.stop_order(work, patient_id=dosed, order_number=1, reason="wishes to stop")

    assert before == {"TestA": Place.HELD, "TestB": Place.DOSED}
    assert places(work_as) == before


def test_whoever_was_dosed_stays_in_the_queue_when_the_order_is_stopped(work_as: WorkAs) -> None:
    (patient_id,) = patients(work_as, 1)
    with work_as(cast.NORA) as work:
        a_bottle(work)
        services.give_dose(work, patient_id=patient_id, order_number=1, window=1)
    with work_as(cast.PIA) as work:
        services.stop_order(work, patient_id=patient_id, order_number=1, reason="wishes to stop")
    assert places(work_as) == {"TestA": Place.DOSED}


@pytest.mark.parametrize(("days", "shown"), [(2, True), (3, True), (4, True), (5, False)])
def test_a_patient_whose_order_ran_out_does_not_vanish_at_once(
    work_as: WorkAs, days: int, *, shown: bool
) -> None:
    """The order covers 3 and 4 March."""
    with work_as(cast.FRANK) as work:
        patient_id = in_treatment(work, family_name="TestA")
    with work_as(cast.PIA) as work:
        an_order(work, patient_id=patient_id, ends_on=FIRST_DAY + 2 * ONE_DAY)

    found = places(work_as, FIRST_DAY + days * ONE_DAY)
    assert found == ({"TestA": Place.HELD} if shown else {})


def test_another_site_sees_nothing_of_it(work_as: WorkAs) -> None:
    patients(work_as, 2)
    with work_as(cast.OLGA) as work:
        assert queries.queue(work, day=FIRST_DAY).rows == ()
        assert queries.log(work, day=FIRST_DAY) == []
        assert stock.bottles(work) == []


@pytest.mark.parametrize(
    "page", [queries.queue, queries.missed_list, queries.log], ids=["queue", "missed", "log"]
)
def test_the_number_of_statements_does_not_grow_with_the_patients(
    work_as: WorkAs, page: object
) -> None:
    assert callable(page)
    asked = []
    for count in (1, 12):
        for patient_id in patients(work_as, count):
            with work_as(cast.NORA) as work:
                a_bottle(work)
                services.give_dose(work, patient_id=patient_id, order_number=1, window=1)
        with work_as(cast.NORA) as work, counted() as statements:
            page(work, day=FIRST_DAY)
        asked.append(len(statements))
    assert asked[0] == asked[1]
    assert asked[0] <= 16


def test_the_missed_list_names_who_was_not_there_and_since_when(work_as: WorkAs) -> None:
    steady, gone = patients(work_as, 2)
    for offset in range(3):
        with work_as(cast.NORA, now=cast.NOW + offset * ONE_DAY) as work:
            a_bottle(work)
            services.give_dose(work, patient_id=steady, order_number=1, window=1)
            if offset == 0:
                services.give_dose(work, patient_id=gone, order_number=1, window=1)

    with work_as(cast.NORA, now=cast.NOW + 3 * ONE_DAY) as work:
        (missed,) = queries.missed_list(work, day=work.service_date)
    assert missed.patient.last_name == "TestB"
    assert (missed.missed_days, missed.last_covered) == (2, FIRST_DAY)
    assert missed.place is Place.HELD


def test_the_last_days_say_in_words_what_each_was(work_as: WorkAs) -> None:
    """Order from Tuesday 3 March; Sunday 8 is no opening day, Saturday 7 is closed by decision."""
    (patient_id,) = patients(work_as, 1)
    with work_as(cast.ADA) as work:
        sites.close_day(
            work,
            closed_on=date(2026, 3, 7),
            kind=ClosureKind.EMERGENCY,
            reason="Burst pipe",
        )
    with work_as(cast.NORA) as work:
        a_bottle(work)
        services.give_dose(work, patient_id=patient_id, order_number=1, window=1)
    with work_as(cast.NORA, now=cast.NOW + ONE_DAY) as work:
        given = services.give_dose(work, patient_id=patient_id, order_number=1, window=1)
    with work_as(cast.NORA, now=cast.NOW + ONE_DAY) as work:
        services.void_dose(
            work,
            dose_id=given.dose_id,
            service_date=given.service_date,
            reason=VoidReason.SPILLED,
            witness_id=cast.NELL.id,
        )

    with work_as(cast.NORA) as work:
        strip = queries.last_days(work, patient_id=patient_id, day=date(2026, 3, 9), days=8)
    assert [(tick.date.day, tick.label) for tick in strip] == [
        (2, "no order"),
        (3, "given 40 mg"),
        (4, "voided"),
        (5, "missed"),
        (6, "missed"),
        (7, "closed"),
        (8, "closed"),
        (9, "not yet given"),
    ]


def test_the_log_has_the_fields_of_the_law_and_keeps_a_voided_line(work_as: WorkAs) -> None:
    (patient_id,) = patients(work_as, 1)
    with work_as(cast.NORA) as work:
        a_bottle(work)
        given = services.give_dose(work, patient_id=patient_id, order_number=1, window=1)
    with work_as(cast.NORA) as work:
        services.void_dose(
            work,
            dose_id=given.dose_id,
            service_date=given.service_date,
            reason=VoidReason.SPILLED,
            witness_id=cast.NELL.id,
        )
        (line,) = queries.log(work, day=FIRST_DAY)

    assert (line.medication.label, line.concentration_mg_per_ml, line.form.label) == (
        "Methadone",
        Decimal(10),
        "Oral concentrate",
    )
    assert (line.dose_mg, line.volume_ml, line.consumed_mg) == (Decimal(40), Decimal(4), Decimal(0))
    assert (line.initials, line.lot, f"{line.dispensed_at:%H:%M}") == ("NN", "LOT-1", "09:00")
    assert (line.void_reason, line.voided_by, line.witnessed_by) == (
        VoidReason.SPILLED,
        "Nora Nurse",
        "Nell Secondnurse",
    )


def test_an_unknown_patient_has_no_window(work_as: WorkAs) -> None:
    with pytest.raises(NotFound), work_as(cast.NORA) as work:
        queries.at_window(work, patient_id=UUID("00000000-0000-7000-8000-00000000dead"), window=1)
