"""What recording a dose costs, in terms of a trivial page for the same signed-in nurse.

Both run in turn in one process, so that a busy machine slows both: only the ratio is a result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from statistics import median
from time import process_time
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient

from clinic.data.work import Work, unit_of_work
from clinic.dosing import services
from clinic.dosing.facts import DoseOrigin
from clinic.dosing.models import Dose
from clinic.staff import services as staff
from clinic.stock.facts import Form, Medication
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
    """CPU of a POST that records a plain dose over CPU of a trivial signed-in page.

    Plain: a patient long in treatment, opened at the window before, with no check due.
    Shape: the two alternate, each dose for another patient; the ratio of their medians.
    Units: user and system time of this process.
    """
    patients = _patients(app, WARM_UP + requests)
    nurse = _signed_in(app)

    def dose(patient_id: UUID) -> None:
        form = {
            "order_number": "1",
            "portion": "1",
            "idempotency_key": patient_id.hex,
            "identity": "birth_date",
        }
        answer = nurse.post(f"/dosing/{patient_id}/dose", data=form)
        if answer.status_code != 303:
            raise RuntimeError(f"no dose was recorded: {answer.status_code}")

    def page(_next: UUID) -> None:
        answer = nurse.get("/account")
        if answer.status_code != 200:
            raise RuntimeError(f"no page was shown: {answer.status_code}")

    spent = []
    for patient_id in patients:
        _open_at_window(app, patient_id)
        spent.append((_spent(dose, patient_id), _spent(page, patient_id)))
    doses, pages = zip(*spent[WARM_UP:], strict=True)
    return Ratio("CPU of a dose / CPU of a signed-in page", median(doses) / median(pages), GOAL)


def _spent(act: Callable[[UUID], None], patient_id: UUID) -> float:
    begun = process_time()
    act(patient_id)
    return process_time() - begun


def _open_at_window(app: Flask, patient_id: UUID) -> None:
    with (
        app.app_context(),
        unit_of_work(actor=cast.NORA.actor, now=cast.NOW, site=cast.NORTH, reactions={}) as work,
    ):
        services.open_at_window(work, patient_id=patient_id, window=1)


def _patients(app: Flask, count: int) -> list[UUID]:
    """Patients long in treatment, each with an order, and a bottle for all of them."""
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
                work.session.add_all(_doses_before(work, patient_id))
        with unit_of_work(
            actor=cast.NORA.actor, now=cast.NOW, site=cast.NORTH, reactions=reactions
        ) as work:
            a_bottle(work, volume_ml=Decimal(10 * count))
    return patients


def _doses_before(work: Work, patient_id: UUID) -> list[Dose]:
    """Enough of two years of doses that the patient is past induction and missed none."""
    days = [work.service_date - timedelta(days=number) for number in (1, 8, 20, 40)]
    return [
        Dose(
            site_id=work.site.id,
            service_date=day,
            occurred_at=work.site.instant(day, time(9)),
            time_zone=work.site.time_zone,
            patient_id=patient_id,
            origin=DoseOrigin.HISTORY,
            medication=Medication.METHADONE,
            form=Form.ORAL_CONCENTRATE,
            dose_ug=40_000,
            decision={},
            **work.attribution,
        )
        for day in days
    ]


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
