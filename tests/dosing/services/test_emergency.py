"""Closing at short notice: who gets bottles, who does not and why, and only once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.core.errors import Clash, Forbidden, Refused
from clinic.data.types import new_id
from clinic.dosing import services
from clinic.dosing.facts import CriteriaOutcome, HoldReason, TakeHomeCriterion
from clinic.dosing.models import Dose, MedicationOrder, TakeHomeBottle
from clinic.dosing.queries.take_homes import emergencies, emergency
from clinic.dosing.services import emergency as act
from clinic.patients.models import Patient
from clinic.sites import queries as sites
from clinic.stock.models import StockBottle
from tests import cast
from tests.conftest import WorkAs
from tests.dosing.builders import an_order, in_treatment
from tests.dosing.take_home_builders import a_bench, a_grant, all_handed_out, findings
from tests.dosing.take_home_builders import coming_on_tuesdays as on_tuesdays

STORM = [date(2026, 3, 4), date(2026, 3, 5)]
WHY = "Snow storm, the county closes the roads."
SIGNED: dict[str, Any] = {
    "reason": WHY,
    "witness_id": cast.NORA.id,
}


@pytest.fixture
def steady(work_as: WorkAs) -> UUID:
    """A patient who comes daily, and a bench with stock."""
    with work_as(cast.FRANK) as work:
        patient_id = in_treatment(work)
    with work_as(cast.PIA) as work:
        an_order(work, patient_id=patient_id)
    with work_as(cast.NORA) as work:
        a_bench(work)
    return patient_id


def test_everybody_who_may_gets_bottles_and_the_rest_are_named(
    work_as: WorkAs, steady: UUID
) -> None:
    with work_as(cast.FRANK) as work:
        held, unsafe, ends = (in_treatment(work) for _ in range(3))
    with work_as(cast.PIA) as work:
        for patient_id in (held, unsafe):
            an_order(work, patient_id=patient_id)
        an_order(work, patient_id=ends, ends_on=STORM[1])
        services.hold(work, patient_id=held, reason=HoldReason.IMPAIRMENT)
        a_grant(
            work,
            patient_id=unsafe,
            outcome=CriteriaOutcome.REFUSED,
            findings=findings(failed={TakeHomeCriterion.SAFE_TRANSPORT_AND_STORAGE}),
        )
    with work_as(cast.MEG) as work:
        plan = act.preview(work, days=STORM)
        assert {one.patient.patient_id for one in plan.covered} == {steady, ends}
        assert {one.patient.patient_id: [r.code for r in one.reasons] for one in plan.left_out} == {
            held: ["hold"],
            unsafe: ["safe_transport_and_storage"],
            ends: ["no_order"],
        }
        assert [quantity for _, quantity in plan.amounts] == [12000]
        done = act.declare(work, days=STORM, **SIGNED)

    assert (done.patients, done.bottles, done.left_out) == (2, 3, 3)
    with work_as() as work:
        record, bottles = emergency(work, emergency_id=done.emergency_id or new_id())
        assert record.days == tuple(STORM)
        assert (record.declared_by, record.witnessed_by) == (cast.MEG.name, cast.NORA.name)
        assert sorted((one.patient.patient_id, one.take_on) for one in bottles) == sorted(
            [(steady, STORM[0]), (steady, STORM[1]), (ends, STORM[0])]
        )
        closed = sites.closures(work, first=STORM[0], until=STORM[1] + timedelta(days=1))
        assert closed == dict.fromkeys(STORM, WHY)
        assert work.session.scalars(sa.select(StockBottle.balance)).one() == 988_000


def test_declared_again_it_serves_only_who_came_to_need_it_since(
    work_as: WorkAs, steady: UUID
) -> None:
    with work_as(cast.MEG) as work:
        first = act.declare(work, days=STORM, **SIGNED)
    with work_as(cast.MEG) as work:
        again = act.declare(work, days=STORM, **SIGNED)
    assert (again.emergency_id, again.bottles) == (first.emergency_id, 0)
    with work_as(cast.FRANK) as work:
        new = in_treatment(work)
    with work_as(cast.PIA) as work:
        an_order(work, patient_id=new)
    with work_as(cast.MEG) as work:
        third = act.declare(work, days=STORM, **SIGNED)
    with work_as() as work:
        assert (third.patients, third.bottles) == (1, 2)
        assert len(emergencies(work)) == 2
        whose = work.session.scalars(sa.select(TakeHomeBottle.patient_id)).all()
        assert sorted(whose) == sorted([steady, steady, new, new])


def test_who_has_bottles_at_home_gets_no_second_one(work_as: WorkAs) -> None:
    patient_id = on_tuesdays(work_as)
    all_handed_out(work_as, patient_id)
    with work_as(cast.MEG) as work:
        plan = act.preview(work, days=STORM)
        assert [one.patient.patient_id for one in plan.already] == [patient_id]
        assert act.declare(work, days=STORM, **SIGNED).bottles == 0


def test_it_takes_the_director_a_reason_a_second_person_and_days_ahead(
    work_as: WorkAs, steady: UUID
) -> None:
    del steady
    with pytest.raises(Forbidden), work_as(cast.PIA) as work:
        act.declare(work, days=STORM, **SIGNED)
    for wrong, sentence in (
        ({"reason": "snow"}, "Type the reason"),
        ({"witness_id": cast.MEG.id}, "second person"),
        ({"witness_id": cast.FRANK.id}, "nurse, pharmacist or prescriber"),
        ({"days": []}, "which days"),
        ({"days": [date(2026, 3, 2)]}, "past"),
        ({"days": [date(2026, 4, 1)]}, "at most the next 7 days"),
    ):
        with pytest.raises(Refused, match=sentence), work_as(cast.MEG) as work:
            act.declare(work, **({"days": STORM} | SIGNED | wrong))
    with work_as() as work:
        assert emergencies(work) == []


def test_a_bench_too_empty_closes_nothing(work_as: WorkAs) -> None:
    with work_as(cast.FRANK) as work:
        patient_id = in_treatment(work)
    with work_as(cast.PIA) as work:
        an_order(work, patient_id=patient_id)
    with pytest.raises(Clash, match="this takes 8 mL"), work_as(cast.MEG) as work:
        act.declare(work, days=STORM, **SIGNED)
    with work_as() as work:
        assert emergencies(work) == []
        assert sites.closures(work, first=STORM[0], until=date(2026, 4, 1)) == {}


def a_thousand_like(work_as: WorkAs, patient_id: UUID) -> None:
    """999 more patients under copies of one's order, each with a dose of yesterday."""
    with work_as() as work:
        person, order = (
            dict(work.session.execute(query).mappings().one())
            for query in (
                sa.select(Patient.__table__).where(Patient.id == patient_id),
                sa.select(MedicationOrder.__table__).where(
                    MedicationOrder.patient_id == patient_id
                ),
            )
        )
        ids = [new_id() for _ in range(999)]
        people = [person | {"id": one, "code": f"P-{n}"} for n, one in enumerate(ids)]
        orders = [order | {"id": new_id(), "patient_id": one} for one in ids]
        work.session.execute(sa.insert(Patient), people)
        work.session.execute(sa.insert(MedicationOrder), orders)


def test_a_thousand_patients_in_one_transaction(work_as: WorkAs, steady: UUID) -> None:
    a_thousand_like(work_as, steady)
    with work_as(cast.NORA) as work:
        a_bench(work, litres=8)
    statements = []

    def count(*_: object) -> None:
        statements.append(1)

    with work_as(cast.MEG) as work:
        engine = work.session.get_bind().engine
        sa.event.listen(engine, "before_cursor_execute", count)
        done = act.declare(work, days=STORM, **SIGNED)
        sa.event.remove(engine, "before_cursor_execute", count)

    assert (done.patients, done.bottles, done.left_out) == (1000, 2000, 0)
    assert len(statements) < 80  # a few for each product and day, none for each patient
    with work_as() as work:
        held = work.session.scalars(sa.select(sa.func.sum(StockBottle.balance))).one()
        assert held == 9_000_000 - 2000 * 4000
        assert work.session.scalar(sa.select(sa.func.count()).select_from(Dose)) == 0
