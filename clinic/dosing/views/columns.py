"""Columns of the dose list and of the dispensing log."""

from __future__ import annotations

from clinic.core.units import plain
from clinic.dosing.facts import CORRECTABLE, DoseGiven, LogLine
from clinic.web.tables import Column


def _taken_back(dose: DoseGiven) -> str:
    if dose.voided is None:
        return ""
    return f"{dose.voided.reason.label}, {dose.voided.voided_by}"


def _correction(line: LogLine) -> str:
    said = [
        f"{CORRECTABLE[one.field].lower()} should read {one.reads}: {one.reason} ({one.by})"
        for one in line.corrections
    ]
    if line.void_reason is not None:
        said.insert(
            0,
            f"void: {line.void_reason.label.lower()} {line.voided_at:%H:%M},"
            f" {line.voided_by}, witness {line.witnessed_by}",
        )
    return "; ".join(said)


def _amount(line: LogLine) -> str:
    """Millilitres of a liquid, whole units of anything else."""
    if line.volume_ml is not None:
        return f"{plain(line.volume_ml)} mL"
    return "" if line.units is None else f"{line.units} units"


DOSE_COLUMNS: tuple[Column[DoseGiven], ...] = (
    Column("Date", lambda dose: dose.service_date.isoformat()),
    Column("Time", lambda dose: f"{dose.given_at:%H:%M}"),
    Column("Medication", lambda dose: dose.medication.label),
    Column("Dose mg", lambda dose: plain(dose.dose_mg), align="end"),
    Column("Portion", lambda dose: dose.portion, align="end"),
    Column("Order", lambda dose: dose.order_number, align="end"),
    Column("Given by", lambda dose: dose.given_by),
    Column("From", lambda dose: dose.origin.value),
    Column("Taken back", _taken_back),
)

LOG_COLUMNS: tuple[Column[LogLine], ...] = (
    Column("Time", lambda line: f"{line.dispensed_at:%H:%M}"),
    Column("Patient", lambda line: f"{line.patient.last_name}, {line.patient.first_name}"),
    Column("Identification", lambda line: line.patient.code),
    Column("Substance", lambda line: line.medication.label),
    Column(
        "Strength",
        lambda line: (
            f"{plain(line.concentration_mg_per_ml)} mg/mL"
            if line.concentration_mg_per_ml
            else line.unit_strengths
        ),
    ),
    Column("Dosage form", lambda line: line.form.label),
    Column("Dispensed mg", lambda line: plain(line.dose_mg), align="end"),
    Column("Dispensed", _amount, align="end"),
    Column("Consumed mg", lambda line: plain(line.consumed_mg), align="end"),
    Column("Taken home mg", lambda line: plain(line.taken_home_mg), align="end"),
    Column("Take on", lambda line: line.take_on.isoformat() if line.take_on else ""),
    Column("Order", lambda line: line.order_number, align="end"),
    Column("Window", lambda line: line.window, align="end"),
    Column("Lot or bottle", lambda line: line.lot),
    Column("Initials", lambda line: line.initials),
    Column("Dispensed by", lambda line: line.dispensed_by),
    Column("Correction", _correction),
)
"""Source: 21 CFR 1304.24(a)(1)-(9): substance, strength, form, date, patient, consumed, taken home,
initials."""
