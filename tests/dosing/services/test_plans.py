"""Plans become orders, all or none; holds end when the order that answers them begins."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import Clash, Forbidden, Refused
from clinic.data.db import db
from clinic.dosing import queries, services
from clinic.dosing.facts import (
    HoldReason,
    OrderPlanTerms,
    OrderProposal,
    OrderStatus,
    PlanKind,
    QtcMethod,
)
from clinic.dosing.models import DosingHold, MedicationOrder, OrderEnd, OrderPlan, OrderPlanStep
from clinic.stock.facts import Form, Medication
from tests import cast
from tests.conftest import WorkAs
from tests.dosing.builders import FIRST_DAY, an_order, in_treatment
from tests.programs.builders import an_admission

UP = OrderPlanTerms(
    kind=PlanKind.TITRATION,
    medication=Medication.METHADONE,
    form=Form.ORAL_CONCENTRATE,
    first_mg=Decimal(30),
    last_mg=Decimal(50),
    step_mg=Decimal(10),
    every_days=4,
    starts_on=FIRST_DAY,
)
ASKED = ("dose_jump",)
"""30 to 40 mg is a third more: asked about, ticked in front of the table."""


@pytest.fixture
def patient_id(work_as: WorkAs) -> UUID:
    with work_as(cast.FRANK) as work:
        return in_treatment(work)


def accept(
    work_as: WorkAs, patient_id: UUID, terms: OrderPlanTerms = UP, *, by: cast.Member = cast.PIA
) -> None:
    with work_as(by) as work:
        services.accept_plan(work, patient_id=patient_id, terms=terms, confirmed=ASKED)


def orders() -> list[tuple[int, int, date, date | None, OrderStatus]]:
    found = db.session.scalars(sa.select(MedicationOrder).order_by(MedicationOrder.number))
    return [(o.number, o.dose_ug, o.starts_on, o.ends_on, o.status) for o in found]


def day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


def test_every_step_is_an_order_and_the_plan_keeps_its_reasons(
    work_as: WorkAs, patient_id: UUID
) -> None:
    accept(work_as, patient_id)
    assert orders() == [
        (1, 30_000, day(0), day(4), OrderStatus.ACTIVE),
        (2, 40_000, day(4), day(8), OrderStatus.ACTIVE),
        (3, 50_000, day(8), None, OrderStatus.ACTIVE),
    ]
    plan = db.session.scalars(sa.select(OrderPlan)).one()
    assert plan.decision["confirmed"] == ["dose_jump"]
    with work_as(cast.PIA) as work:
        (shown,) = queries.plans_of(work, patient_id=patient_id)
    assert [step.number for step in shown.steps] == [1, 2, 3]


def test_a_plan_with_a_question_left_open_writes_nothing(work_as: WorkAs, patient_id: UUID) -> None:
    with pytest.raises(Refused, match="type the dose again"), work_as(cast.PIA) as work:
        services.accept_plan(work, patient_id=patient_id, terms=UP)
    too_much = replace(UP, first_mg=Decimal(60), last_mg=Decimal(80))
    with pytest.raises(Refused, match="at most 50 mg"):
        accept(work_as, patient_id, too_much)
    assert orders() == []


@pytest.mark.parametrize("member", [cast.NORA, cast.CARL, cast.PHIL])
def test_only_prescribers_plan(work_as: WorkAs, patient_id: UUID, member: cast.Member) -> None:
    with pytest.raises(Forbidden):
        accept(work_as, patient_id, by=member)


def test_a_new_order_takes_the_place_of_the_steps_to_come_and_says_so(
    work_as: WorkAs, patient_id: UUID
) -> None:
    accept(work_as, patient_id)
    with work_as(cast.PIA) as work:
        an_order(work, patient_id=patient_id, dose_mg=Decimal(30), starts_on=day(2))

    assert [(number, ends, status.value) for number, _, _, ends, status in orders()] == [
        (1, day(2), "superseded"),
        (2, day(4), "superseded"),
        (3, day(8), "superseded"),
        (4, None, "active"),
    ]
    last = db.session.scalars(sa.select(MedicationOrder).where(MedicationOrder.number == 4)).one()
    said = [one["message"] for one in last.decision["reasons"] if one["code"] == "replaces_planned"]
    assert said == ["Takes the place of order 2 from 07 Mar (40 mg), order 3 from 11 Mar (50 mg)."]
    ends = db.session.scalars(sa.select(OrderEnd)).all()
    assert {end.replaced_by_id for end in ends} == {last.id}
    assert len(ends) == 3


def test_an_order_at_another_site_stops_the_whole_plan(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.FRANK, site=cast.SOUTH) as work:
        an_admission(work, patient_id=patient_id)
    with work_as(cast.PIA, site=cast.SOUTH) as work:
        an_order(work, patient_id=patient_id, starts_on=day(6))
    with pytest.raises(Refused, match="Harbor South, order 1 from 09 Mar 2026"):
        accept(work_as, patient_id)
    assert len(orders()) == 1


def test_the_wall_keeps_one_step_to_an_order(work_as: WorkAs, patient_id: UUID) -> None:
    accept(work_as, patient_id)
    kept = db.session.execute(sa.select(OrderPlanStep.__table__)).mappings().first()
    assert kept is not None
    with pytest.raises(Clash), work_as() as work:
        work.session.execute(
            sa.insert(OrderPlanStep), dict(kept) | {"id": work.new_id(), "number": 9}
        )
    with pytest.raises(Clash, match="cannot be changed"), work_as() as work:
        work.session.execute(sa.update(OrderPlan).values(reason="other"))


def test_a_hold_lasts_until_the_order_that_answers_it_begins(
    work_as: WorkAs, patient_id: UUID
) -> None:
    with work_as(cast.PIA) as work:
        an_order(work, patient_id=patient_id)
    with work_as(cast.NORA) as work:
        services.hold(work, patient_id=patient_id, reason=HoldReason.OTHER)
    with work_as(cast.PIA) as work:
        an_order(work, patient_id=patient_id, starts_on=day(2))

    def held(days: int) -> bool:
        with work_as(cast.NORA, now=cast.NOW + timedelta(days=days)) as work:
            facts = queries.facts_for_dose(work, patient_id=patient_id, window=1).facts
            return facts.hold is not None

    assert [held(0), held(1), held(2)] == [True, True, False]
    with work_as(cast.PIA) as work:
        services.stop_order(work, patient_id=patient_id, order_number=2, reason="not yet")
    assert held(2)
    assert db.session.scalars(sa.select(DosingHold)).one().cleared_at is None


def test_an_ecg_on_file_answers_the_heart_s_question(work_as: WorkAs, patient_id: UUID) -> None:
    def asked() -> set[str]:
        with work_as(cast.PIA) as work:
            proposal = OrderProposal(
                Medication.METHADONE, Form.ORAL_CONCENTRATE, Decimal(40), starts_on=FIRST_DAY
            )
            decision = queries.decide_order(work, patient_id=patient_id, proposal=proposal)
            return {reason.code for reason in decision.reasons}

    assert asked() == set()
    for minutes, (qtc_ms, code) in enumerate(((460, "qtc_caution"), (501, "qtc_review"))):
        with work_as(cast.NORA, now=cast.NOW + timedelta(minutes=minutes)) as work:
            services.record_ecg(
                work,
                patient_id=patient_id,
                measured_on=FIRST_DAY,
                qtc_ms=qtc_ms,
                method=QtcMethod.BAZETT,
                read_by="Dr. Reader",
            )
        assert asked() == {code}
