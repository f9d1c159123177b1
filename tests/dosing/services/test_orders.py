"""Orders: written by prescribers, ended by the next, never started by another system's record."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import Clash, Forbidden, NotFound, Refused
from clinic.data.db import db
from clinic.dosing import queries, services
from clinic.dosing.facts import HoldReason, OrderStatus
from clinic.dosing.models import DosingHold, MedicationOrder, ReportedMedication
from clinic.programs import queries as programs
from clinic.programs.facts import CareState, DischargeReason, MedicationState
from clinic.sites import services as sites
from clinic.stock.facts import Form, Medication
from tests import cast
from tests.conftest import WorkAs
from tests.dosing.builders import FIRST_DAY, an_order, in_treatment
from tests.patients.builders import a_patient
from tests.programs.builders import an_admission, moved

TOMORROW = FIRST_DAY + timedelta(days=1)


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    with work_as(cast.FRANK) as work:
        return in_treatment(work)


def order(work_as: WorkAs, patient_id: UUID, **changes: object) -> int:
    with work_as(cast.PIA) as work:
        return an_order(work, patient_id=patient_id, **changes)


def rows() -> list[tuple[int, date, date | None, OrderStatus]]:
    found = db.session.scalars(sa.select(MedicationOrder).order_by(MedicationOrder.number))
    return [(row.number, row.starts_on, row.ends_on, row.status) for row in found]


@pytest.mark.parametrize(
    "member", [cast.FRANK, cast.NORA, cast.CARL, cast.PHIL, cast.ADA, cast.INGRID]
)
def test_only_prescribers_order(work_as: WorkAs, patient_id: UUID, member: cast.Member) -> None:
    with pytest.raises(Forbidden), work_as(member) as work:
        an_order(work, patient_id=patient_id)


def test_an_order_is_kept_with_its_decision_and_moves_the_medication_axis(
    work_as: WorkAs, patient_id: UUID
) -> None:
    order(work_as, patient_id, dose_mg=Decimal(60), rationale="Transfer dose verified by phone.")

    kept = db.session.scalars(sa.select(MedicationOrder)).one()
    assert (kept.dose_ug, kept.recorded_by) == (60_000, cast.PIA.id)
    assert kept.decision["reasons"][0]["code"] == "first_day_documented"
    assert kept.decision["reasons"][0]["source"] == "42 CFR 8.12(h)(3)(ii)"
    with work_as(cast.PIA) as work:
        episode = programs.open_episode(work, patient_id=patient_id)
    assert episode is not None
    assert episode.medication is MedicationState.METHADONE


def test_more_than_50_mg_without_a_reason_writes_nothing(work_as: WorkAs, patient_id: UUID) -> None:
    with pytest.raises(Refused, match="at most 50 mg"):
        order(work_as, patient_id, dose_mg=Decimal(60), rationale="")
    assert rows() == []


def test_nobody_is_ordered_for_before_admission(work_as: WorkAs) -> None:
    with work_as(cast.FRANK) as work:
        stranger = a_patient(work)
    with pytest.raises(Refused, match="admit first"):
        order(work_as, stranger)


def test_a_change_is_a_new_order_that_ends_the_old_one(work_as: WorkAs, patient_id: UUID) -> None:
    order(work_as, patient_id)
    order(work_as, patient_id, starts_on=TOMORROW)

    assert rows() == [
        (1, FIRST_DAY, TOMORROW, OrderStatus.SUPERSEDED),
        (2, TOMORROW, None, OrderStatus.ACTIVE),
    ]


def test_an_order_for_later_gives_way_to_one_that_begins_before_it(
    work_as: WorkAs, patient_id: UUID
) -> None:
    order(work_as, patient_id, starts_on=TOMORROW)
    order(work_as, patient_id, starts_on=FIRST_DAY)

    assert rows() == [
        (1, TOMORROW, TOMORROW, OrderStatus.SUPERSEDED),
        (2, FIRST_DAY, None, OrderStatus.ACTIVE),
    ]


def test_two_orders_on_one_day_meet_the_wall(work_as: WorkAs, patient_id: UUID) -> None:
    order(work_as, patient_id)
    kept = db.session.execute(sa.select(*MedicationOrder.__table__.columns)).mappings().one()

    with pytest.raises(Clash, match="already covers some of these days"), work_as() as work:
        work.session.execute(
            sa.insert(MedicationOrder), dict(kept) | {"id": work.new_id(), "number": 2}
        )


def test_a_question_left_open_refuses(work_as: WorkAs, patient_id: UUID) -> None:
    order(work_as, patient_id)
    with pytest.raises(Refused, match="type the dose again"):
        order(work_as, patient_id, dose_mg=Decimal(400))
    assert len(rows()) == 1


def test_a_newer_order_ends_the_hold_and_says_so(work_as: WorkAs, patient_id: UUID) -> None:
    order(work_as, patient_id)
    with work_as(cast.NORA) as work:
        services.hold(work, patient_id=patient_id, reason=HoldReason.OTHER, note="pupils")
    already = "Already on hold since 03 Mar 09:00 by Nora Nurse"
    with pytest.raises(Clash, match=already), work_as(cast.NELL) as work:
        services.hold(work, patient_id=patient_id, reason=HoldReason.OTHER)

    order(work_as, patient_id)

    hold = db.session.scalars(sa.select(DosingHold)).one()
    second = db.session.scalars(sa.select(MedicationOrder).where(MedicationOrder.number == 2)).one()
    assert (hold.cleared_at, hold.cleared_by_order_id) == (cast.NOW, second.id)


def test_two_open_holds_meet_the_wall(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.NORA) as work:
        services.hold(work, patient_id=patient_id, reason=HoldReason.OTHER)
    kept = db.session.execute(sa.select(*DosingHold.__table__.columns)).mappings().one()
    with pytest.raises(Clash, match="already on hold"), work_as() as work:
        work.session.execute(sa.insert(DosingHold), dict(kept) | {"id": work.new_id()})


@pytest.mark.parametrize("member", [cast.FRANK, cast.CARL, cast.ADA, cast.INGRID])
def test_who_neither_gives_nor_orders_does_not_hold(
    work_as: WorkAs, patient_id: UUID, member: cast.Member
) -> None:
    with pytest.raises(Forbidden), work_as(member) as work:
        services.hold(work, patient_id=patient_id, reason=HoldReason.OTHER)


def test_a_stopped_order_covers_nothing_from_today(work_as: WorkAs, patient_id: UUID) -> None:
    order(work_as, patient_id)
    with work_as(cast.PIA) as work:
        services.stop_order(work, patient_id=patient_id, order_number=1, reason="wishes to stop")

    assert rows() == [(1, FIRST_DAY, FIRST_DAY, OrderStatus.STOPPED)]
    with work_as(cast.PIA) as work:
        episode = programs.open_episode(work, patient_id=patient_id)
        assert queries.active_medication_on(work, day=FIRST_DAY) == {}
        with pytest.raises(Clash, match="already ended"):
            services.stop_order(work, patient_id=patient_id, order_number=1, reason="again")
        with pytest.raises(NotFound):
            services.stop_order(work, patient_id=patient_id, order_number=9, reason="none")
    assert episode is not None
    assert episode.medication is MedicationState.NONE


def test_discharge_ends_every_order_of_the_episode(work_as: WorkAs) -> None:
    with work_as(cast.FRANK) as work:
        patient_id = a_patient(work)
        episode_id = an_admission(work, patient_id=patient_id)
    order(work_as, patient_id)
    order(work_as, patient_id, starts_on=TOMORROW)

    with work_as(cast.FRANK, now=cast.NOW + timedelta(hours=1)) as work:
        moved(
            work,
            episode_id=episode_id,
            to_state=CareState.DISCHARGED,
            discharge_reason=DischargeReason.COMPLETED,
        )

    assert rows() == [
        (1, FIRST_DAY, FIRST_DAY, OrderStatus.STOPPED),
        (2, TOMORROW, TOMORROW, OrderStatus.STOPPED),
    ]


def report(
    work_as: WorkAs, patient_id: UUID, medication: Medication = Medication.METHADONE
) -> UUID:
    with work_as() as work:
        row = ReportedMedication(
            id=work.new_id(),
            site_id=work.site.id,
            patient_id=patient_id,
            medication=medication,
            text=f"{medication.label} as another system lists it",
            code="0",
            status="active",
            dose_ug=40_000,
            source_system="urn:test",
            source_id=str(work.new_id()),
            recorded_at=work.now,
            recorded_by_name="import",
        )
        work.session.add(row)
        work.session.flush()
        return row.id


def test_a_report_starts_nothing_until_a_prescriber_s_order_confirms_it(
    work_as: WorkAs, patient_id: UUID
) -> None:
    reported_id = report(work_as, patient_id)
    with work_as(cast.NORA) as work:
        assert queries.queue(work, day=FIRST_DAY).rows == ()

    order(work_as, patient_id, reported_id=reported_id)

    with work_as(cast.PIA) as work:
        (listed,) = queries.reported_of(work, patient_id=patient_id)
        assert listed.confirmed_by_order == 1
        assert len(queries.queue(work, day=FIRST_DAY).rows) == 1
    with pytest.raises(Clash, match="already been confirmed"):
        order(work_as, patient_id, reported_id=reported_id)


def test_a_report_is_confirmed_by_an_order_of_its_own_medication_and_patient(
    work_as: WorkAs, patient_id: UUID
) -> None:
    other = report(work_as, patient_id, Medication.BUPRENORPHINE)
    with pytest.raises(Refused, match="The report speaks of buprenorphine"):
        order(work_as, patient_id, reported_id=other)
    with work_as(cast.FRANK) as work:
        somebody = in_treatment(work)
    with pytest.raises(NotFound):
        order(work_as, patient_id, reported_id=report(work_as, somebody))


def test_methadone_beside_reported_naltrexone_is_marked_and_asked_about(
    work_as: WorkAs, patient_id: UUID
) -> None:
    report(work_as, patient_id, Medication.NALTREXONE)
    with pytest.raises(Refused, match="Another system lists naltrexone as active"):
        order(work_as, patient_id)

    order(work_as, patient_id, confirmed_reasons=("reported_conflict",))

    with work_as(cast.PIA) as work:
        conflict = queries.chart(work, patient_id=patient_id).conflict
    assert conflict is not None
    assert conflict.startswith("Methadone and naltrexone are both listed as active.")


def test_naltrexone_waits_for_methadone_to_be_stopped(work_as: WorkAs, patient_id: UUID) -> None:
    order(work_as, patient_id)
    with pytest.raises(Refused, match="stop it first"):
        order(
            work_as,
            patient_id,
            medication=Medication.NALTREXONE,
            form=Form.TABLET,
            dose_mg=Decimal(50),
            confirmed_reasons=("naltrexone_start",),
        )


def test_a_site_s_number_replaces_the_default_from_its_date_on(
    work_as: WorkAs, patient_id: UUID
) -> None:

    with work_as(cast.ADA) as work:
        sites.choose_setting(
            work,
            setting="orders.first_day_max_mg",
            value="30",
            starts_on=FIRST_DAY,
            source="state rule",
        )
    with pytest.raises(Refused, match="at most 30 mg"):
        order(work_as, patient_id, rationale="")
