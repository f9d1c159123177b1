"""The dispensing log of a day: doses, bottles taken home, corrections, and who has signed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from clinic.core.decision import Decision, Reason
from clinic.core.service_dates import SiteClock
from clinic.core.units import mg, ml
from clinic.data.work import Work
from clinic.dosing.facts import (
    BottleEventKind,
    DoseOrigin,
    LogCorrected,
    LogLine,
    LogSigned,
    PatientCard,
)
from clinic.dosing.models import Dose, DoseVoid, LogCorrection, LogSignature, TakeHomeEvent
from clinic.dosing.queries.take_homes import TakenHome, take_homes_dispensed
from clinic.patients.models import Patient
from clinic.staff.models import UserAccount
from clinic.stock.facts import StockMovementKind
from clinic.stock.models import StockBottle, StockMovement

SIGN_SOURCE = "21 CFR 1304.24(b): the day's log carries every dispenser's initials"


def log(work: Work, *, day: date) -> list[LogLine]:
    """Everything dispensed at this site on a clinic day, drunk here or taken home, in order.

    Voided doses and corrections stand beside their lines; nothing is ever replaced.
    Source: 21 CFR 1304.24(a).
    """
    corrected = _corrections(work, day)
    lines = _with_units(work, [*_doses(work, day), *_taken_home(work, day)])
    lines.sort(key=lambda line: (line.dispensed_at, str(line.dose_id)))
    return [replace(line, corrections=tuple(corrected.get(line.dose_id, ()))) for line in lines]


def _doses(work: Work, day: date) -> list[LogLine]:
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
            Dose.origin != DoseOrigin.HISTORY,
        )
    )
    return [
        _line(work.site, dose, patient, lot=lot, void=void, witness=witness)
        for dose, patient, lot, void, witness in found
    ]


def _with_units(work: Work, lines: list[LogLine]) -> list[LogLine]:
    """The lines that are no liquid, with how many units of which strength left the stock."""
    solid = [line.dose_id for line in lines if line.volume_ml is None]
    if not solid:
        return lines
    rows = work.session.execute(
        sa.select(
            StockMovement.subject_id, StockBottle.strength_ug, sa.func.sum(StockMovement.quantity)
        )
        .join(StockBottle, StockBottle.id == StockMovement.bottle_id)
        .where(
            StockMovement.site_id == work.site.id,
            StockMovement.subject_id.in_(solid),
            StockMovement.kind.in_((StockMovementKind.DOSE, StockMovementKind.TAKE_HOME)),
        )
        .group_by(StockMovement.subject_id, StockBottle.strength_ug)
        .order_by(StockBottle.strength_ug.desc())
    )
    units: defaultdict[UUID, int] = defaultdict(int)
    strengths: defaultdict[UUID, list[str]] = defaultdict(list)
    for subject, strength_ug, count in rows:
        if subject is not None:
            units[subject] += int(count)
            strengths[subject].append(f"{mg(strength_ug)} mg")
    return [
        replace(
            line,
            units=units.get(line.dose_id, line.units),
            unit_strengths=", ".join(strengths.get(line.dose_id, ())),
        )
        for line in lines
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
        paper_initials=dose.decision.get("paper", {}).get("initials", ""),
    )


def _taken_home(work: Work, day: date) -> list[LogLine]:
    return [_bottle_line(bottle, day) for bottle in take_homes_dispensed(work, day=day)]


def _bottle_line(bottle: TakenHome, day: date) -> LogLine:
    strength = bottle.dose_mg / bottle.volume_ml if bottle.volume_ml else None
    return LogLine(
        dose_id=bottle.bottle_id,
        service_date=day,
        dispensed_at=bottle.dispensed_at,
        patient=bottle.patient,
        medication=bottle.medication,
        form=bottle.form,
        concentration_mg_per_ml=strength,
        dose_mg=bottle.dose_mg,
        volume_ml=bottle.volume_ml,
        portion=1,
        series=1,
        order_number=bottle.order_number,
        window=bottle.window,
        lot=bottle.code,
        dispensed_by=bottle.dispensed_by,
        void_reason=None,
        voided_at=None,
        voided_by=None,
        witnessed_by=None,
        units=bottle.units,
        take_on=bottle.take_on,
    )


def _corrections(work: Work, day: date) -> dict[UUID, list[LogCorrected]]:
    found: defaultdict[UUID, list[LogCorrected]] = defaultdict(list)
    for row in work.session.scalars(
        sa.select(LogCorrection)
        .where(LogCorrection.site_id == work.site.id, LogCorrection.log_day == day)
        .order_by(LogCorrection.occurred_at, LogCorrection.id)
    ):
        at = work.site.local(row.occurred_at)
        entry = LogCorrected(row.field, row.reads, row.reason, row.recorded_by_name, at)
        found[row.line_id].append(entry)
    return found


def dose(work: Work, *, dose_id: UUID, service_date: date) -> LogLine | None:
    """One line of the log; None when this site dispensed no such dose that day."""
    return next((line for line in log(work, day=service_date) if line.dose_id == dose_id), None)


def signatures(work: Work, *, day: date) -> list[LogSigned]:
    """Whoever dispensed on a day, and whether they have signed for every line of theirs."""
    lines: defaultdict[UUID, int] = defaultdict(int)
    names: dict[UUID, str] = {}
    for person, name, count in (*_dispensed(work, day), *_handed_out(work, day)):
        lines[person] += int(count)
        names[person] = name
    signed: dict[UUID | None, LogSignature] = {}
    for row in work.session.scalars(
        sa.select(LogSignature)
        .where(LogSignature.site_id == work.site.id, LogSignature.log_day == day)
        .order_by(LogSignature.lines)
    ):
        signed[row.recorded_by] = row
    return [
        _signed(work.site, person, names[person], lines[person], signed.get(person))
        for person in sorted(lines, key=lambda one: names[one])
    ]


def _signed(
    clock: SiteClock, person: UUID, name: str, lines: int, row: LogSignature | None
) -> LogSigned:
    return LogSigned(
        person_id=person,
        name=name,
        lines=lines,
        signed_lines=row.lines if row else 0,
        initials=row.initials if row else "",
        signed_at=clock.local(row.occurred_at) if row else None,
    )


def _dispensed(work: Work, day: date) -> list[tuple[UUID, str, int]]:
    rows = work.session.execute(
        sa.select(Dose.recorded_by, sa.func.max(Dose.recorded_by_name), sa.func.count())
        .where(
            Dose.site_id == work.site.id,
            Dose.service_date == day,
            Dose.origin != DoseOrigin.HISTORY,
            Dose.recorded_by.is_not(None),
        )
        .group_by(Dose.recorded_by)
    )
    return [(person, name, count) for person, name, count in rows if person is not None]


def _handed_out(work: Work, day: date) -> list[tuple[UUID, str, int]]:
    rows = work.session.execute(
        sa.select(
            TakeHomeEvent.recorded_by,
            sa.func.max(TakeHomeEvent.recorded_by_name),
            sa.func.count(),
        )
        .where(
            TakeHomeEvent.site_id == work.site.id,
            TakeHomeEvent.service_date == day,
            TakeHomeEvent.kind == BottleEventKind.HANDED_OUT,
            TakeHomeEvent.recorded_by.is_not(None),
        )
        .group_by(TakeHomeEvent.recorded_by)
    )
    return [(person, name, count) for person, name, count in rows if person is not None]


def log_check(work: Work, *, day: date) -> Decision:
    """What of the log keeps a day open: everybody who dispensed and has not signed for it."""
    return Decision.of(
        Reason(
            "unsigned_log",
            f"The log is not signed by {one.name}: {one.lines - one.signed_lines} of"
            f" {one.lines} lines.",
            SIGN_SOURCE,
        )
        for one in signatures(work, day=day)
        if not one.is_signed
    )
