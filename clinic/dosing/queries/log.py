"""The dispensing log of a day, and the bottles it came out of."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.core.service_dates import SiteClock
from clinic.core.units import mg, ml
from clinic.data.work import Work
from clinic.dosing.facts import DoseOrigin, LogLine, PatientCard
from clinic.dosing.models import Dose, DoseVoid
from clinic.patients.models import Patient
from clinic.staff.models import UserAccount
from clinic.stock.models import StockBottle

CLOSED_SHOWN = 20


def log(work: Work, *, day: date) -> list[LogLine]:
    """Every dose dispensed at this site on a clinic day, in order, with what was taken back.

    Source: 21 CFR 1304.24(a).
    """
    witness = aliased(UserAccount)
    found = work.session.execute(
        sa.select(Dose, Patient, StockBottle.lot, DoseVoid, witness.display_name)
        .join(Patient, Patient.id == Dose.patient_id)
        .outerjoin(StockBottle, StockBottle.id == Dose.bottle_id)
        .outerjoin(DoseVoid, (DoseVoid.site_id == Dose.site_id) & (DoseVoid.dose_id == Dose.id))
        .outerjoin(witness, witness.id == DoseVoid.witnessed_by)
        .where(
            Dose.site_id == work.site.id,
            Dose.service_date == day,
            Dose.origin == DoseOrigin.WINDOW,
        )
        .order_by(Dose.occurred_at, Dose.id)
    )
    return [
        _line(work.site, dose, patient, lot=lot, void=void, witness=witness)
        for dose, patient, lot, void, witness in found
    ]


def _line(
    clock: SiteClock,
    dose: Dose,
    patient: Patient,
    *,
    lot: str | None,
    void: DoseVoid | None,
    witness: str | None,
) -> LogLine:
    strength = dose.concentration_ug_per_ml
    return LogLine(
        dose_id=dose.id,
        service_date=dose.service_date,
        dispensed_at=clock.local(dose.occurred_at),
        patient=PatientCard(
            patient.id,
            patient.code,
            patient.given_names,
            patient.family_name,
            patient.preferred_name,
            patient.birth_date,
        ),
        medication=dose.medication,
        form=dose.form,
        concentration_mg_per_ml=None if strength is None else mg(strength),
        dose_mg=mg(dose.dose_ug),
        volume_ml=None if dose.volume_ul is None else ml(dose.volume_ul),
        portion=dose.portion,
        series=dose.series,
        order_number=dose.order_number,
        window=dose.window,
        lot=lot,
        dispensed_by=dose.recorded_by_name,
        void_reason=void.reason if void else None,
        voided_at=clock.local(void.occurred_at) if void else None,
        voided_by=void.recorded_by_name if void else None,
        witnessed_by=witness,
    )


def dose(work: Work, *, dose_id: UUID, service_date: date) -> LogLine | None:
    """One line of the log; None when this site dispensed no such dose that day."""
    return next((line for line in log(work, day=service_date) if line.dose_id == dose_id), None)
