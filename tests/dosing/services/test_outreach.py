"""Whoever does not come is asked after; what the clinic caused stands apart."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import Clash, Forbidden, NotFound, Refused
from clinic.data.db import db
from clinic.data.work import Work
from clinic.dosing import queries, services
from clinic.dosing.facts import (
    ClinicCause,
    ContactMethod,
    ContactOutcome,
    HoldReason,
    OrderPlanTerms,
    OutreachKind,
    PlanKind,
)
from clinic.dosing.models import (
    ClinicCausedMiss,
    DosingHold,
    OutreachAssignment,
    OutreachContact,
    OutreachTask,
)
from clinic.stock.facts import Form, Medication
from tests import cast
from tests.conftest import WorkAs
from tests.dosing.builders import FIRST_DAY, an_order, counted, in_treatment, ready_to_dose


def morning(days: int) -> datetime:
    """Shortly after midnight, so many days after the first one; a Tuesday."""
    return cast.NOW + timedelta(days=days) - timedelta(hours=8)


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    """Dosed on Tuesday 3 March and not since."""
    patient_id = ready_to_dose(work_as)
    with work_as(cast.NORA) as work:
        services.give_dose(work, patient_id=patient_id, order_number=1, window=1)
    return patient_id


def night(work_as: WorkAs, days: int) -> tuple[int, int]:
    """The night's two jobs: holds written down, tasks opened."""
    with work_as(now=morning(days)) as work:
        day = work.service_date
        return services.hold_after_misses(work, day), services.create_outreach_tasks(work, day)


def tasks() -> list[tuple[date, int, OutreachKind]]:
    found = db.session.scalars(sa.select(OutreachTask).order_by(OutreachTask.missed_on))
    return [(task.missed_on, task.missed_days, task.kind) for task in found]


@pytest.mark.usefixtures("patient_id")
def test_a_message_then_a_call_however_often_the_night_runs(work_as: WorkAs) -> None:
    assert night(work_as, 1) == (0, 0)
    assert night(work_as, 2) == (0, 1)
    assert night(work_as, 2)[1] == 0
    night(work_as, 3)
    assert tasks() == [
        (date(2026, 3, 4), 1, OutreachKind.MESSAGE),
        (date(2026, 3, 5), 2, OutreachKind.PHONE),
    ]


def test_the_night_writes_the_hold_down_once_and_a_newer_order_ends_it(
    work_as: WorkAs, patient_id: UUID
) -> None:
    assert night(work_as, 3)[0] == 1
    assert night(work_as, 3)[0] == 0
    hold = db.session.scalars(sa.select(DosingHold)).one()
    assert (hold.reason, hold.note) == (
        HoldReason.MISSED_DOSES,
        "2 days without a dose before 06 Mar",
    )
    with work_as(cast.PIA, now=cast.NOW + timedelta(days=3)) as work:
        an_order(work, patient_id=patient_id)
    with work_as(cast.NORA, now=cast.NOW + timedelta(days=3)) as work:
        assert queries.at_window(work, patient_id=patient_id, window=1).decision
    assert night(work_as, 4)[0] == 0


def test_a_night_made_up_late_is_judged_by_what_stands_now(
    work_as: WorkAs, patient_id: UUID
) -> None:
    friday, saturday = cast.NOW + timedelta(days=3), cast.NOW + timedelta(days=4)
    assert night(work_as, 3)[0] == 1
    with work_as(now=saturday) as work:
        assert services.hold_after_misses(work, friday.date()) == 0, "held this morning already"
    with work_as(cast.PIA, now=saturday) as work:
        an_order(work, patient_id=patient_id)
    with work_as(now=saturday) as work:
        assert services.hold_after_misses(work, friday.date()) == 0, "decided since"


def test_a_patient_who_cannot_be_held_stops_nobody_else(
    work_as: WorkAs, patient_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shut(_work: Work, *, day: date) -> list[tuple[UUID, str]]:
        return [(UUID(int=7), f"{day}"), (patient_id, f"{day}"), (patient_id, f"{day}")]

    monkeypatch.setattr(queries, "shut_by_misses", shut)
    with work_as(now=morning(3)) as work:
        assert services.hold_after_misses(work, work.service_date) == 1
    assert db.session.scalars(sa.select(DosingHold.patient_id)).all() == [patient_id]


@pytest.mark.usefixtures("patient_id")
def test_a_closed_day_asks_nothing_of_anybody(work_as: WorkAs) -> None:
    for days in (2, 3, 4, 5):
        night(work_as, days)
    before = len(tasks())
    with work_as(now=morning(6)) as work:  # Monday: Sunday has no opening hours
        assert services.create_outreach_tasks(work, work.service_date) == 0
    assert len(tasks()) == before


def open_task(work_as: WorkAs, days: int = 2) -> UUID:
    night(work_as, days)
    with work_as(cast.CARL, now=morning(days)) as work:
        (task,) = queries.open_tasks(work, day=work.service_date)
        return task.id


@pytest.mark.usefixtures("patient_id")
def test_attempts_are_counted_and_an_answer_ends_the_task(work_as: WorkAs) -> None:
    task_id = open_task(work_as)

    def record(outcome: ContactOutcome, by: cast.Member = cast.CARL) -> int:
        with work_as(by, now=morning(2)) as work:
            return services.record_contact(
                work, task_id=task_id, method=ContactMethod.PHONE, outcome=outcome
            )

    assert record(ContactOutcome.NO_ANSWER) == 1
    assert record(ContactOutcome.COMING_BACK) == 2
    with pytest.raises(Clash, match="Carl Counselor reached the patient"):
        record(ContactOutcome.NO_ANSWER)
    with work_as(cast.CARL, now=morning(2)) as work:
        assert queries.open_tasks(work, day=work.service_date) == []
        assert len(queries.contacts_of_day(work, day=work.service_date)) == 2
    with pytest.raises(Forbidden):
        record(ContactOutcome.NO_ANSWER, by=cast.INGRID)


def test_a_patient_who_came_back_is_off_the_list(work_as: WorkAs, patient_id: UUID) -> None:
    open_task(work_as)
    later = cast.NOW + timedelta(days=2)
    with work_as(cast.NORA, now=later) as work:
        services.give_dose(
            work,
            patient_id=patient_id,
            order_number=1,
            window=1,
            confirmed=("nurse_assessment",),
        )
        assert queries.open_tasks(work, day=work.service_date) == []


@pytest.mark.usefixtures("patient_id")
def test_a_task_is_given_to_somebody_and_stays_with_them_tomorrow(work_as: WorkAs) -> None:
    task_id = open_task(work_as)

    def give(to: UUID | None, by: cast.Member = cast.NORA, days: int = 2) -> str:
        with work_as(by, now=morning(days)) as work:
            return services.assign_outreach(work, task_id=task_id, to=to)

    assert give(cast.CARL.id) == "Carl Counselor"
    assert give(cast.CARL.id, by=cast.CARL) == "Carl Counselor"
    night(work_as, 3)
    with work_as(cast.CARL, now=morning(3)) as work:
        (task,) = queries.open_tasks(work, day=work.service_date)
    assert (task.kind, task.with_name, task.with_id) == (
        OutreachKind.PHONE,
        "Carl Counselor",
        cast.CARL.id,
    )
    assert give(None, days=3) == ""
    with work_as(cast.CARL, now=morning(3)) as work:
        (task,) = queries.open_tasks(work, day=work.service_date)
    assert (task.with_name, task.with_id) == ("", None)
    kept = db.session.scalars(
        sa.select(OutreachAssignment.assigned_to_name).order_by(OutreachAssignment.number)
    )
    assert list(kept) == ["Carl Counselor", ""]
    db.session.rollback()
    with pytest.raises(Refused, match="works here and makes calls"):
        give(cast.INGRID.id)
    with pytest.raises(Forbidden):
        give(cast.CARL.id, by=cast.INGRID)
    with pytest.raises(Clash, match="cannot be changed"), work_as() as work:
        work.session.execute(sa.delete(OutreachAssignment))


def test_whose_order_ran_out_is_still_missed_and_asked_after(
    work_as: WorkAs, patient_id: UUID
) -> None:
    with work_as(cast.PIA, now=cast.NOW + timedelta(days=1)) as work:
        an_order(work, patient_id=patient_id, ends_on=FIRST_DAY + timedelta(days=3))
    with work_as(cast.NORA, now=cast.NOW + timedelta(days=8)) as work:
        assert queries.queue(work, day=work.service_date).rows == (), "not expected at the window"
        (missed,) = queries.missed_list(work, day=work.service_date)
        assert (missed.missed_days, missed.has_run_out, missed.order.number) == (7, True, 2)
        assert not missed.is_shut
    assert night(work_as, 8) == (0, 0), "nobody asks on day 7: the week's call is due on day 10"
    assert night(work_as, 11) == (0, 1)
    with work_as(cast.NORA, now=cast.NOW + timedelta(days=40)) as work:
        assert queries.missed_list(work, day=work.service_date) == []


def test_a_taper_that_came_to_its_end_is_no_miss(work_as: WorkAs, patient_id: UUID) -> None:
    terms = OrderPlanTerms(
        kind=PlanKind.TAPER,
        medication=Medication.METHADONE,
        form=Form.ORAL_CONCENTRATE,
        first_mg=Decimal(2),
        last_mg=Decimal(0),
        step_mg=Decimal(2),
        every_days=2,
        starts_on=FIRST_DAY + timedelta(days=1),
        rationale="The patient asks for it; all of it was talked over.",
    )
    with work_as(cast.PIA, now=cast.NOW + timedelta(days=1)) as work:
        decision = queries.decide_plan(work, patient_id=patient_id, terms=terms)
        asked = {reason.code for reason in decision.reasons}
        services.accept_plan(work, patient_id=patient_id, terms=terms, confirmed=asked)
    with work_as(cast.NORA, now=cast.NOW + timedelta(days=8)) as work:
        assert queries.missed_list(work, day=work.service_date) == []


def test_the_list_takes_the_same_statements_for_any_number(work_as: WorkAs) -> None:
    asked = []
    for begins, count in ((0, 1), (6, 6)):
        for _ in range(count):
            with work_as(cast.FRANK, now=cast.NOW + timedelta(days=begins)) as work:
                patient_id = in_treatment(work)
            with work_as(cast.PIA, now=cast.NOW + timedelta(days=begins)) as work:
                an_order(work, patient_id=patient_id)
        night(work_as, begins + 2)
        with work_as(cast.NORA, now=morning(begins + 2)) as work, counted() as statements:
            shown = queries.open_tasks(work, day=work.service_date)
            queries.outreach_due(work, day=work.service_date)
        assert len(shown) >= count
        asked.append(len(statements))
    assert asked[0] == asked[1]


@pytest.mark.usefixtures("patient_id")
def test_another_site_sees_no_task(work_as: WorkAs) -> None:
    task_id = open_task(work_as)
    with pytest.raises(NotFound), work_as(cast.CARL, site=cast.SOUTH) as work:
        services.record_contact(
            work, task_id=task_id, method=ContactMethod.PHONE, outcome=ContactOutcome.NO_ANSWER
        )


@pytest.mark.usefixtures("patient_id")
def test_walls_of_outreach(work_as: WorkAs) -> None:
    task_id = open_task(work_as)
    with work_as(cast.CARL, now=morning(2)) as work:
        services.record_contact(
            work, task_id=task_id, method=ContactMethod.PHONE, outcome=ContactOutcome.IN_HOSPITAL
        )
    task = db.session.execute(sa.select(OutreachTask.__table__)).mappings().one()
    contact = db.session.execute(sa.select(OutreachContact.__table__)).mappings().one()
    db.session.rollback()
    with pytest.raises(Clash), work_as() as work:
        work.session.execute(sa.insert(OutreachTask), dict(task) | {"id": work.new_id()})
    second = {"attempt": 2}
    with pytest.raises(Clash, match="reached this patient already"), work_as() as work:
        work.session.execute(
            sa.insert(OutreachContact), dict(contact) | {"id": work.new_id()} | second
        )
    with pytest.raises(Clash, match="cannot be changed"), work_as() as work:
        work.session.execute(sa.delete(OutreachContact))


def test_the_clinic_s_misses_count_for_the_gate_and_not_against_attendance(
    work_as: WorkAs, patient_id: UUID
) -> None:
    wednesday = FIRST_DAY + timedelta(days=1)
    with work_as(cast.NORA, now=morning(3)) as work:
        made = services.record_clinic_caused(
            work, missed_on=wednesday, cause=ClinicCause.NO_STOCK, note="delivery late"
        )
        again = services.record_clinic_caused(work, missed_on=wednesday, cause=ClinicCause.NO_STOCK)
        kept = queries.attendance(
            work, patient_id=patient_id, first=FIRST_DAY, until=work.service_date
        )
        (missed,) = queries.missed_list(work, day=work.service_date)
        with pytest.raises(Refused, match="not over"):
            services.record_clinic_caused(
                work, missed_on=work.service_date, cause=ClinicCause.WINDOW_DOWN
            )
    assert (made, again) == (1, 0)
    assert (kept.expected, kept.attended) == (3, 1)
    assert kept.clinic_caused == (wednesday,)
    assert kept.missed == (FIRST_DAY + timedelta(days=2),)
    assert missed.missed_days == 2
    with pytest.raises(Clash, match="cannot be changed"), work_as() as work:
        work.session.execute(sa.update(ClinicCausedMiss).values(note=""))
