"""Orders, bottles and patients in treatment, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.data.db import db
from clinic.data.work import Work
from clinic.dosing import services
from clinic.dosing.models import MedicationOrder
from clinic.stock.facts import Form, Medication, at_window
from tests import cast
from tests.conftest import WorkAs
from tests.patients.builders import a_patient
from tests.programs.builders import an_admission
from tests.stock.builders import in_hand

FIRST_DAY = date(2026, 3, 3)
"""The service date of ``cast.NOW`` at the north site."""


def in_treatment(work: Work, **changes: Any) -> UUID:
    """A patient admitted to the opioid treatment program; the patient's id."""
    patient_id = a_patient(work, **changes)
    an_admission(work, patient_id=patient_id)
    return patient_id


def an_order(work: Work, *, patient_id: UUID, **changes: Any) -> int:
    """A methadone order from today on, 40 mg unless changed; its number."""
    values: dict[str, Any] = {
        "medication": Medication.METHADONE,
        "form": Form.ORAL_CONCENTRATE,
        "dose_mg": Decimal(40),
        "starts_on": work.service_date,
        "rationale": "Dose verified with the former clinic.",
    }
    order_id = services.place_order(work, patient_id=patient_id, **(values | changes))
    number = work.session.scalar(
        sa.select(MedicationOrder.number).where(MedicationOrder.id == order_id)
    )
    assert number is not None
    return number


def a_bottle(
    work: Work, *, window: int = 1, lot: str = "LOT-1", volume_ml: Decimal = Decimal(1000)
) -> UUID:
    """Methadone 10 mg/mL open at a window: a litre at window 1 unless changed."""
    return in_hand(work, lot=lot, amount=volume_ml, spot=at_window(window))


def ready_to_dose(work_as: WorkAs, **order: Any) -> UUID:
    """A patient with an order that runs and a bottle open at window 1."""
    with work_as(cast.FRANK) as work:
        patient_id = in_treatment(work)
    with work_as(cast.PIA) as work:
        an_order(work, patient_id=patient_id, **order)
    with work_as(cast.NORA) as work:
        a_bottle(work)
    return patient_id


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every statement the database is asked while the block runs."""
    asked: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
