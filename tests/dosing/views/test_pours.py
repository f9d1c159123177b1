"""The pump at the window, with a machine at the other end that misbehaves."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from clinic.core.errors import Clash, Refused
from clinic.data.db import db
from clinic.dosing import services
from clinic.dosing.facts.pours import PourStatus
from clinic.dosing.models import Dose, PumpPour
from clinic.dosing.services import pours
from clinic.hardware import drivers
from clinic.hardware import services as hardware
from clinic.stock.facts import StockMovementKind
from clinic.stock.models import StockBottle, StockMovement
from tests import cast, rows
from tests.conftest import SignIn, WorkAs
from tests.dosing.builders import ready_to_dose
from tests.hardware.machines import PumpMachine, on_socket


@pytest.fixture(autouse=True)
def _an_impatient_line(monkeypatch: pytest.MonkeyPatch) -> None:
    impatient = partial(drivers.pump_at, answer_seconds=0.2, pour_seconds=0.3)
    monkeypatch.setattr("clinic.dosing.views.pours.pump_at", impatient)


def ready(work_as: WorkAs, address: str) -> UUID:
    with work_as(cast.ADA) as work:
        hardware.add_pump(work, name="Pump 1", window=1, address=address)
    return ready_to_dose(work_as)


def press_pour(nurse: FlaskClient, patient_id: UUID, *, key: str = "k1") -> TestResponse:
    return nurse.post(
        f"/dosing/{patient_id}/pour",
        data={"idempotency_key": key, "order_number": 1, "portion": 1},
    )


def the_pour() -> PumpPour:
    db.session.rollback()
    return db.session.scalars(sa.select(PumpPour)).one()


def balance() -> int:
    db.session.rollback()
    return db.session.scalars(sa.select(StockBottle.balance)).one()


def give(work_as: WorkAs, patient_id: UUID) -> None:
    with work_as(cast.NORA) as work:
        services.give_dose(work, patient_id=patient_id, order_number=1, window=1)


def test_what_the_pump_poured_is_what_is_given_and_what_leaves_the_bottle(
    work_as: WorkAs, sign_in: SignIn
) -> None:
    machine = PumpMachine(off_by_ul=-12)
    with on_socket(machine) as address:
        patient_id = ready(work_as, address)
        nurse = sign_in(cast.NORA)
        assert "Pour 4 mL" in nurse.get(f"/dosing/{patient_id}").text
        assert press_pour(nurse, patient_id).status_code == 303
        assert "3.988 mL (39.88 mg)" in nurse.get(f"/dosing/{patient_id}").text
    give(work_as, patient_id)

    dose = db.session.scalars(sa.select(Dose)).one()
    assert (dose.volume_ul, dose.dose_ug) == (3988, 39880)
    assert balance() == 1_000_000 - 3988
    assert (the_pour().status, the_pour().dose_id) == (PourStatus.GIVEN, dose.id)


def test_pressed_twice_it_pours_once(work_as: WorkAs, sign_in: SignIn) -> None:
    machine = PumpMachine()
    with on_socket(machine) as address:
        patient_id = ready(work_as, address)
        nurse = sign_in(cast.NORA)
        press_pour(nurse, patient_id)
        assert press_pour(nurse, patient_id).status_code == 303
        assert press_pour(nurse, patient_id, key="another tab").status_code == 409
    assert machine.pours == 1


def test_an_answer_lost_after_pouring_is_recovered_and_not_poured_again(
    work_as: WorkAs, sign_in: SignIn
) -> None:
    machine = PumpMachine(fault="lost_answer")
    with on_socket(machine) as address:
        patient_id = ready(work_as, address)
        press_pour(sign_in(cast.NORA), patient_id)
    assert (the_pour().status, the_pour().actual_ul) == (PourStatus.POURED, 4000)
    assert machine.pours == 1


def test_a_line_cut_while_pouring_stops_the_dose_until_the_pump_is_asked(
    work_as: WorkAs, sign_in: SignIn
) -> None:
    machine = PumpMachine(fault="hangs_up")
    with on_socket(machine) as address:
        patient_id = ready(work_as, address)
        nurse = sign_in(cast.NORA)
        press_pour(nurse, patient_id)
        pour = the_pour()
        assert pour.status is PourStatus.UNKNOWN
        assert "nobody knows what came out" in nurse.get(f"/dosing/{patient_id}").text
        with pytest.raises(Refused, match="Nobody knows yet"):
            give(work_as, patient_id)
        assert press_pour(nurse, patient_id, key="k2").status_code == 409

        nurse.post(f"/dosing/pours/{pour.id}/ask")
    assert (the_pour().status, the_pour().actual_ul) == (PourStatus.POURED, 4000)
    give(work_as, patient_id)
    assert machine.pours == 1


def test_a_pump_that_refuses_or_is_away_leaves_the_hand(work_as: WorkAs, sign_in: SignIn) -> None:
    machine = PumpMachine(fault="refuses")
    with on_socket(machine) as address:
        patient_id = ready(work_as, address)
        nurse = sign_in(cast.NORA)
        press_pour(nurse, patient_id)
    assert the_pour().status is PourStatus.FAILED
    press_pour(nurse, patient_id, key="k2")
    assert {pour.status for pour in db.session.scalars(sa.select(PumpPour))} == {PourStatus.FAILED}
    give(work_as, patient_id)
    assert balance() == 1_000_000 - 4000


def test_what_the_pump_cannot_tell_two_people_measure(work_as: WorkAs, sign_in: SignIn) -> None:
    machine = PumpMachine(fault="silent")
    with on_socket(machine) as address:
        patient_id = ready(work_as, address)
        nurse = sign_in(cast.NORA)
        press_pour(nurse, patient_id)
        pour = the_pour()
        nurse.post(f"/dosing/pours/{pour.id}/ask")
    assert "knows nothing" in the_pour().reason

    typed = {
        "idempotency_key": "m1",
        "measured_ml": "3.99",
        "reason": "pump lost power",
        "witness": "nell",
        "witness_password": "wrong",
    }
    assert nurse.post(f"/dosing/pours/{pour.id}/measured", data=typed).status_code == 422
    typed["witness_password"] = cast.PASSWORD
    assert nurse.post(f"/dosing/pours/{pour.id}/measured", data=typed).status_code == 303
    assert (the_pour().status, the_pour().actual_ul) == (PourStatus.POURED, 3990)


def test_too_much_in_the_cup_is_wasted_before_a_witness_and_poured_anew(
    work_as: WorkAs, sign_in: SignIn
) -> None:
    machine = PumpMachine(off_by_ul=300)
    with on_socket(machine) as address:
        patient_id = ready(work_as, address)
        nurse = sign_in(cast.NORA)
        press_pour(nurse, patient_id)
        with pytest.raises(Refused, match="more than 1 percent off"):
            give(work_as, patient_id)
        nurse.post(
            f"/dosing/pours/{the_pour().id}/waste",
            data={
                "idempotency_key": "w1",
                "reason": "over-poured",
                "witness": "nell",
                "witness_password": cast.PASSWORD,
            },
        )
        machine.off_by_ul = 0
        press_pour(nurse, patient_id, key="k2")
    give(work_as, patient_id)

    assert balance() == 1_000_000 - 4300 - 4000
    kinds = db.session.scalars(sa.select(StockMovement.kind).order_by(StockMovement.sequence))
    assert list(kinds)[-2:] == [StockMovementKind.WASTE, StockMovementKind.DOSE]


def test_nobody_wastes_alone(work_as: WorkAs) -> None:
    patient_id = ready(work_as, "socket://127.0.0.1:1")
    with work_as(cast.NORA) as work:
        asked = pours.ask_pour(work, patient_id=patient_id, window=1, order_number=1, portion=1)
        pours.record_poured(work, pour_id=asked.id, actual_ul=4000)
    with pytest.raises(Refused, match="second person"), work_as(cast.NORA) as work:
        pours.waste_pour(work, pour_id=asked.id, reason="left over", witness_id=cast.NORA.id)


def test_a_program_that_died_after_asking_leaves_a_pour_somebody_settles(
    work_as: WorkAs, sign_in: SignIn
) -> None:
    machine = PumpMachine()
    with on_socket(machine) as address:
        patient_id = ready(work_as, address)
        with work_as(cast.NORA) as work:
            asked = pours.ask_pour(work, patient_id=patient_id, window=1, order_number=1, portion=1)
        with drivers.pump_at(address) as pump:
            pump.dispense(asked.volume_ul, asked.id)  # and then the program died
        nurse = sign_in(cast.NORA)
        assert "requested" in nurse.get("/dosing/pours").text.lower()
        nurse.post(f"/dosing/pours/{asked.id}/ask")
    give(work_as, patient_id)
    assert (machine.pours, the_pour().status) == (1, PourStatus.GIVEN)


@pytest.mark.parametrize(
    ("changes", "wall"),
    [
        ({"status": "given", "dose_id": None, "actual_ul": 1}, "given_names_its_dose"),
        ({"status": "poured", "actual_ul": None}, "volume_known"),
        ({"status": "wasted", "actual_ul": 1, "witnessed_by": None}, "wasted_by_two"),
        ({"status": "poured", "actual_ul": -1}, "actual_not_negative"),
    ],
)
def test_walls_around_a_pour(work_as: WorkAs, changes: dict[str, object], wall: str) -> None:
    patient_id = ready(work_as, "socket://127.0.0.1:1")
    with work_as(cast.NORA) as work:
        asked = pours.ask_pour(work, patient_id=patient_id, window=1, order_number=1, portion=1)
    with pytest.raises(sa.exc.IntegrityError, match=wall), work_as(cast.NORA) as work:
        work.session.execute(sa.update(PumpPour).where(PumpPour.id == asked.id).values(changes))


def test_the_database_itself_refuses_a_second_open_pour(work_as: WorkAs) -> None:
    patient_id = ready(work_as, "socket://127.0.0.1:1")
    with work_as(cast.NORA) as work:
        asked = pours.ask_pour(work, patient_id=patient_id, window=1, order_number=1, portion=1)
        first = work.session.get_one(PumpPour, asked.id)
        kept = {
            name: getattr(first, name)
            for name in (
                "site_id",
                "patient_id",
                "service_date",
                "order_id",
                "bottle_id",
                "pump_id",
            )
        }
    with pytest.raises(Clash, match=r"not settled|not said"), work_as(cast.NORA) as work:
        rows.insert(work.session, "pump_pour", **kept, portion=1, status="poured", actual_ul=1)
