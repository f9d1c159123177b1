"""Pours of a patient, of a window, and those nobody has settled."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from clinic.core.decision import Decision, Reason
from clinic.core.errors import NotFound
from clinic.core.units import ml, plain
from clinic.data.work import Work
from clinic.dosing.facts.pours import Pour, PourStatus
from clinic.dosing.models import PumpPour
from clinic.hardware.models import Pump
from clinic.patients.models import Patient

POUR_SOURCE = "site policy: a day with a pour in doubt cannot close"
OPEN = tuple(status for status in PourStatus if status.is_open)


def standing(work: Work, *, patient_id: UUID) -> Pour | None:
    """The patient's pour of this clinic day that is not settled, if there is one."""
    found = _pours(
        work,
        PumpPour.patient_id == patient_id,
        PumpPour.service_date == work.service_date,
        PumpPour.status.in_(OPEN),
    )
    return found[0] if found else None


def unsettled(work: Work) -> list[Pour]:
    """Every pour of the site that nobody has settled, oldest first."""
    return _pours(work, PumpPour.status.in_(OPEN))


def pour_check(work: Work, *, day: date) -> Decision:
    """What of the pumps keeps a day open: every pour up to it that nobody has settled."""
    return Decision.of(
        Reason(
            "pour_in_doubt",
            f"A pour at window {one.window} is not settled:"
            f" {work.site.local(one.recorded_at):%d %b %H:%M}, {plain(ml(one.wanted_ul))} mL.",
            POUR_SOURCE,
        )
        for one in unsettled(work)
        if one.service_date <= day
    )


def pour(work: Work, *, pour_id: UUID) -> Pour:
    """One pour of this site.

    Raises: NotFound.
    """
    found = _pours(work, PumpPour.id == pour_id)
    if not found:
        raise NotFound("pour")
    return found[0]


def _pours(work: Work, *conditions: sa.ColumnElement[bool]) -> list[Pour]:
    rows = work.session.execute(
        sa.select(PumpPour, Pump.name, Pump.address, Patient.family_name, Patient.given_names)
        .join(Pump, Pump.id == PumpPour.pump_id)
        .join(Patient, Patient.id == PumpPour.patient_id)
        .where(PumpPour.site_id == work.site.id, *conditions)
        .order_by(PumpPour.recorded_at, PumpPour.id)
        .execution_options(populate_existing=True)
    )
    return [_pour(*row) for row in rows]


def _pour(row: PumpPour, pump: str, address: str, family: str, given: str) -> Pour:
    values: dict[str, Any] = {
        name: getattr(row, name)
        for name in (
            "id",
            "patient_id",
            "service_date",
            "portion",
            "window",
            "order_number",
            "bottle_id",
            "wanted_ul",
            "actual_ul",
            "concentration_ug_per_ml",
            "status",
            "reason",
            "recorded_at",
            "version",
        )
    }
    return Pour(
        **values,
        patient=f"{family}, {given}",
        pump=pump,
        address=address,
        recorded_by=row.recorded_by_name,
    )
