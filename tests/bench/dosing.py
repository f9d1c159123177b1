"""What recording a dose costs, in terms of a trivial page for the same signed-in nurse.

Both run in turn in one process, so that a busy machine slows both: only the ratio is a result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from time import process_time
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient

from clinic.data.work import unit_of_work
from clinic.staff import services as staff
from tests import cast
from tests.dosing.builders import a_bottle, an_order, in_treatment

GOAL = 2.0
WARM_UP = 20
REQUESTS = 250


@dataclass(frozen=True, slots=True)
class Ratio:
    """One measured ratio and the most it should be."""

    name: str
    value: float
    goal: float


def dose_over_page(app: Flask, *, requests: int = REQUESTS) -> Ratio:
    """CPU of a POST that records a dose over CPU of a trivial signed-in page.

    Shape: the two alternate, each dose for another patient; the ratio of their medians.
    Units: user and system time of this process.
    """
    patients = _patients(app, WARM_UP + requests)
    nurse = _signed_in(app)
    turn = iter(patients)

    def dose() -> None:
        patient_id = next(turn)
        form = {
            "order_number": "1",
            "portion": "1",
            "idempotency_key": patient_id.hex,
            "identity": "birth_date",
            "looks_well": "y",
        }
        answer = nurse.post(f"/dosing/{patient_id}/dose", data=form)
        if answer.status_code != 303:
            raise RuntimeError(f"no dose was recorded: {answer.status_code}")

    def page() -> None:
        answer = nurse.get("/account")
        if answer.status_code != 200:
            raise RuntimeError(f"no page was shown: {answer.status_code}")

    for _ in range(WARM_UP):
        dose()
        page()
    spent = [(_spent(dose), _spent(page)) for _ in range(requests)]
    doses, pages = zip(*spent, strict=True)
    return Ratio("CPU of a dose / CPU of a signed-in page", median(doses) / median(pages), GOAL)


def _spent(act: Callable[[], None]) -> float:
    begun = process_time()
    act()
    return process_time() - begun


def _patients(app: Flask, count: int) -> list[UUID]:
    """Patients in treatment, each with an order, and a bottle for all of them."""
    with app.app_context():
        reactions = app.extensions["reactions"]
        with unit_of_work(
            actor=cast.FRANK.actor, now=cast.NOW, site=cast.NORTH, reactions=reactions
        ) as work:
            patients = [in_treatment(work) for _ in range(count)]
        with unit_of_work(
            actor=cast.PIA.actor, now=cast.NOW, site=cast.NORTH, reactions=reactions
        ) as work:
            for patient_id in patients:
                an_order(work, patient_id=patient_id)
        with unit_of_work(
            actor=cast.NORA.actor, now=cast.NOW, site=cast.NORTH, reactions=reactions
        ) as work:
            a_bottle(work, volume_ml=Decimal(10 * count))
    return patients


def _signed_in(app: Flask) -> FlaskClient:
    with (
        app.app_context(),
        unit_of_work(actor=cast.NORA.actor, now=cast.NOW, site=cast.NORTH, reactions={}) as work,
    ):
        ticket = staff.sign_in(work, user_id=cast.NORA.id)
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = str(ticket)
        session["_fresh"] = True
    return client
