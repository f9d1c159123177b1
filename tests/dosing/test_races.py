"""Never two: fifty people, one dose; two patients, one bottle; one form, many retries."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.data.db import db
from clinic.dosing.facts import LongActingProduct
from clinic.dosing.models import Dose, Injection, MedicationOrder
from clinic.dosing.queries import orders_of
from clinic.stock.facts import Form, Medication, StockMovementKind
from clinic.stock.models import StockBottle, StockMovement
from tests import cast
from tests.conftest import Clinic, WorkAs
from tests.dosing.builders import a_bottle, an_order, in_treatment, ready_to_dose
from tests.dosing.racing import Attempt, Way, race, tear_down_the_wall
from tests.stock.builders import in_hand

FIFTY = 50

pytestmark = pytest.mark.timeout(300)  # each race starts three interpreters


def order_of(patient_id: UUID) -> UUID:
    found = db.session.scalar(
        sa.select(MedicationOrder.id).where(MedicationOrder.patient_id == patient_id)
    )
    assert found is not None
    db.session.rollback()
    return found


def doses() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Dose)) or 0


def drawn() -> list[int]:
    return list(
        db.session.scalars(
            sa.select(-StockMovement.quantity).where(StockMovement.kind == StockMovementKind.DOSE)
        )
    )


def balance_ul() -> int:
    return db.session.scalars(
        sa.select(StockBottle.balance).where(StockBottle.closed_at.is_(None))
    ).one()


def test_fifty_attempts_from_several_processes_give_one_dose(
    clinic: Clinic, work_as: WorkAs
) -> None:
    patient_id = ready_to_dose(work_as)
    order_id = order_of(patient_id)

    outcomes = race(
        clinic.app, [Attempt(patient_id, order_id, nurse=number % 2) for number in range(FIFTY)]
    )

    given = [line for line in outcomes if line.startswith("given")]
    refused = [line for line in outcomes if not line.startswith("given")]
    giver = db.session.scalars(sa.select(Dose.recorded_by_name)).one()
    assert len(given) == 1
    assert refused == [
        f"Clash: Already dosed today: 40 mg given at 09:00 by {giver} under order 1."
    ] * (FIFTY - 1)
    assert (doses(), drawn(), balance_ul()) == (1, [-4000], 996_000)


@pytest.mark.parametrize(
    ("way", "wall_stands", "expected_doses"),
    [
        (Way.SERVICE, False, 1),
        (Way.AROUND_THE_RULE, True, 1),
        (Way.AROUND_THE_RULE, False, FIFTY),
    ],
    ids=["the rule alone holds", "the wall alone holds", "without both it fails"],
)
def test_rule_and_wall_each_hold_alone_and_nothing_holds_without_them(
    clinic: Clinic, work_as: WorkAs, way: Way, *, wall_stands: bool, expected_doses: int
) -> None:
    patient_id = ready_to_dose(work_as)
    order_id = order_of(patient_id)
    if not wall_stands:
        tear_down_the_wall()

    outcomes = race(clinic.app, [Attempt(patient_id, order_id, way=way) for _ in range(FIFTY)])

    assert doses() == expected_doses
    assert sum(line.startswith("given") for line in outcomes) == expected_doses
    if way is Way.AROUND_THE_RULE and wall_stands:
        assert Counter(outcomes)[
            "Clash: A dose for this patient and service date is already recorded."
        ] == (FIFTY - 1)


def test_two_nurses_and_one_dose_left_in_the_bottle(clinic: Clinic, work_as: WorkAs) -> None:
    with work_as(cast.FRANK) as work:
        patients = [in_treatment(work) for _ in range(10)]
    with work_as(cast.PIA) as work:
        for patient_id in patients:
            an_order(work, patient_id=patient_id)
    with work_as(cast.NORA) as work:
        a_bottle(work, volume_ml=Decimal(4))

    outcomes = race(
        clinic.app,
        [
            Attempt(patient_id, order_of(patient_id), nurse=number % 2)
            for number, patient_id in enumerate(patients)
        ],
    )

    assert sum(line.startswith("given") for line in outcomes) == 1
    assert all(
        "bottle hold" in line or "bottle does not hold" in line
        for line in outcomes
        if not line.startswith("given")
    )
    assert (doses(), drawn(), balance_ul()) == (1, [-4000], 0)


def test_retries_of_one_form_get_one_answer(clinic: Clinic, work_as: WorkAs) -> None:
    patient_id = ready_to_dose(work_as)
    order_id = order_of(patient_id)

    outcomes = race(
        clinic.app, [Attempt(patient_id, order_id, key="one form") for _ in range(FIFTY)]
    )

    dose_id = db.session.scalars(sa.select(Dose.id)).one()
    assert outcomes == [f"given {dose_id}"] * FIFTY
    assert (drawn(), balance_ul()) == ([-4000], 996_000)


def test_twenty_patients_at_once_are_each_dosed_once(clinic: Clinic, work_as: WorkAs) -> None:
    with work_as(cast.FRANK) as work:
        patients = [in_treatment(work) for _ in range(20)]
    with work_as(cast.PIA) as work:
        for patient_id in patients:
            an_order(work, patient_id=patient_id)
    with work_as(cast.NORA) as work:
        a_bottle(work)

    outcomes = race(
        clinic.app,
        [
            Attempt(patient_id, order_of(patient_id), nurse=number % 2)
            for number in range(5)
            for patient_id in patients
        ],
    )

    assert Counter(line.split()[0] for line in outcomes) == {"given": 20, "Clash:": 80}
    assert doses() == 20
    assert balance_ul() == 1_000_000 - 20 * 4000
    sequences = db.session.scalars(
        sa.select(StockMovement.sequence).order_by(StockMovement.sequence)
    ).all()
    assert list(sequences) == list(range(1, 22))


def test_prescribers_who_order_at_once_leave_one_order_in_force(
    clinic: Clinic, work_as: WorkAs
) -> None:
    with work_as(cast.FRANK) as work:
        patient_id = in_treatment(work)

    attempts = [Attempt(patient_id, patient_id, nurse=n % 2, way=Way.ORDER) for n in range(6)]
    outcomes = race(clinic.app, attempts)

    with work_as() as work:
        orders = orders_of(work, patient_id=patient_id)
        in_force = [one.number for one in orders if one.covers(work.service_date)]
    assert sorted(outcomes) == [f"given {number}" for number in range(1, 7)]
    assert in_force == [6]
    assert [one.number for one in orders] == [6, 5, 4, 3, 2, 1]


def test_an_injection_recorded_by_many_is_given_once(clinic: Clinic, work_as: WorkAs) -> None:
    with work_as(cast.FRANK) as work:
        patient_id = in_treatment(work)
    with work_as(cast.PIA) as work:
        an_order(
            work,
            patient_id=patient_id,
            medication=Medication.BUPRENORPHINE,
            form=Form.INJECTION,
            dose_mg=Decimal(24),
            ends_on=work.service_date + timedelta(days=7),
            product=LongActingProduct.BRIXADI_WEEKLY,
            confirmed_reasons=("buprenorphine_start",),
        )
    with work_as(cast.NORA) as work:
        in_hand(work, code="buprenorphine_weekly_24", lot="BX-1", amount=Decimal(3))

    attempts = [Attempt(patient_id, patient_id, nurse=n % 2, way=Way.INJECTION) for n in range(6)]
    outcomes = race(clinic.app, attempts)

    assert Counter(line.split()[0] for line in outcomes) == {"given": 1, "Clash:": 5}
    assert (doses(), drawn(), balance_ul()) == (1, [-1], 2)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Injection)) == 1
