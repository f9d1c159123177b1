"""Sections about what patients were given, decided, and told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import sqlalchemy as sa

from clinic.core.units import plain
from clinic.data.work import Work
from clinic.dosing import queries as dosing
from clinic.dosing.facts import LogLine
from clinic.dosing.models import DowntimeLine, DowntimeSettlement, PumpPour, TakeHomeDecision
from clinic.inspection.facts import Period, Section
from clinic.patients.models import Patient
from clinic.sites import queries as sites


def log_lines(work: Work, period: Period) -> list[LogLine]:
    """The dispensing log of every day, in order."""
    days = (period.first + timedelta(days=n) for n in range(period.days))
    return [line for day in days for line in dosing.log(work, day=day)]


def summary(lines: Sequence[LogLine]) -> Section:
    """What left the stock to patients, by day and substance."""
    totals: dict[tuple[date, str], list[Decimal | int]] = defaultdict(lambda: [0, 0, 0, 0])
    for line in lines:
        total = totals[line.service_date, line.medication.label]
        total[0] += 1
        total[1] += line.consumed_mg
        total[2] += line.taken_home_mg
        total[3] += int(line.void_reason is not None)
    return Section(
        "summary",
        "Dispensing summary",
        "21 CFR 1304.24(b)",
        ("Day", "Substance", "Lines", "Consumed mg", "Taken home mg", "Voided"),
        [
            (day, substance, count, plain(Decimal(used)), plain(Decimal(home)), voided)
            for (day, substance), (count, used, home, voided) in sorted(totals.items())
        ],
    )


def patients(lines: Sequence[LogLine]) -> Section:
    """Which code in the log is which patient."""
    known = {line.patient.code: line.patient for line in lines}
    return Section(
        "patients",
        "Patients of the log by code",
        "21 CFR 1304.24(a)(6)",
        ("Code", "Name", "Born"),
        [
            (code, f"{one.last_name}, {one.first_name}", one.date_of_birth)
            for code, one in sorted(known.items())
        ],
    )


def log(lines: Sequence[LogLine]) -> Section:
    """The log itself, every field."""
    return Section(
        "log",
        "Dispensing log",
        "21 CFR 1304.24(a)",
        (
            "Day", "Time", "Patient", "Substance", "Strength mg/mL", "Form", "mg", "mL",
            "Consumed mg", "Home mg", "Take on", "Lot", "Initials", "Correction",
        ),
        [
            (
                line.service_date,
                f"{line.dispensed_at:%H:%M}",
                line.patient.code,
                line.medication.label,
                line.concentration_mg_per_ml and plain(line.concentration_mg_per_ml),
                line.form.label,
                plain(line.dose_mg),
                line.volume_ml,
                plain(line.consumed_mg),
                plain(line.taken_home_mg),
                line.take_on,
                line.lot,
                line.initials,
                f"void: {line.void_reason.label.lower()}, {line.voided_by},"
                f" witness {line.witnessed_by}"
                if line.void_reason
                else "; ".join(str(one.reason) for one in line.corrections),
            )
            for line in lines
        ],
    )  # fmt: skip


def decisions(work: Work, period: Period, *, limit: int) -> Section:
    """A sample of take-home decisions: the latest ones."""
    found = work.session.execute(
        sa.select(TakeHomeDecision, Patient.code)
        .join(Patient, Patient.id == TakeHomeDecision.patient_id)
        .where(
            TakeHomeDecision.site_id == work.site.id,
            TakeHomeDecision.recorded_at < work.site.day_start(period.until),
        )
        .order_by(TakeHomeDecision.recorded_at.desc())
        .limit(limit)
    )
    return Section(
        "take_home_decisions",
        "Take-home decisions, the latest",
        "42 CFR 8.12(i)(2)",
        ("Decided", "Patient", "Outcome", "Not met", "Reasons", "By"),
        [
            (
                work.site.service_date(one.recorded_at),
                code,
                one.outcome.value.replace("_", " ").lower(),
                ", ".join(_not_met(one)) or "none",
                one.rationale,
                one.recorded_by_name,
            )
            for one, code in found
        ],
        empty="No take-home decision is on record.",
    )


_CRITERIA = (
    "no_condition_raising_risk",
    "regular_attendance",
    "no_serious_behavior_problem",
    "no_recent_diversion",
    "safe_transport_and_storage",
    "other_practitioner_criterion",
)


def _not_met(decision: TakeHomeDecision) -> list[str]:
    return [name.replace("_", " ") for name in _CRITERIA if not getattr(decision, name)]


def closures(work: Work, period: Period) -> Section:
    """Days the site did not open."""
    named = sites.closures(work, first=period.first, until=period.until)
    return Section(
        "closures",
        "Closed days",
        "42 CFR 8.12(i)(1)",
        ("Day", "Why"),
        list(named.items()),
    )


def paper_doses(work: Work, period: Period) -> Section:
    """Doses entered from paper after an outage, and how conflicts were settled."""
    found = work.session.execute(
        sa.select(DowntimeLine, DowntimeSettlement, Patient.code)
        .join(Patient, Patient.id == DowntimeLine.patient_id)
        .outerjoin(DowntimeSettlement, DowntimeSettlement.line_id == DowntimeLine.id)
        .where(
            DowntimeLine.site_id == work.site.id,
            DowntimeLine.service_date >= period.first,
            DowntimeLine.service_date < period.until,
        )
        .order_by(DowntimeLine.occurred_at)
    )
    return Section(
        "paper_doses",
        "Doses entered from paper",
        "21 CFR 1304.24(b): lost data are reconstructed and documented",
        ("Given", "Sheet", "Line", "Patient", "mg", "Initials", "Outcome", "Reason", "Entered by"),
        [
            (
                f"{work.site.local(one.occurred_at):%d %b %Y %H:%M}",
                one.serial,
                one.line,
                code,
                plain(Decimal(one.dose_ug) / 1000),
                one.initials,
                *_how_it_stands(one, settled),
                one.recorded_by_name,
            )
            for one, settled, code in found
        ],
    )


def _how_it_stands(line: DowntimeLine, settled: DowntimeSettlement | None) -> tuple[str, str]:
    if settled is None:
        return line.outcome.label, line.reason
    return settled.outcome.label, f"{line.reason} {settled.recorded_by_name}: {settled.note}"


def pump_pours(work: Work, period: Period) -> Section:
    """Pours that did not simply become a dose."""
    found = work.session.execute(
        sa.select(PumpPour, Patient.code)
        .join(Patient, Patient.id == PumpPour.patient_id)
        .where(
            PumpPour.site_id == work.site.id,
            PumpPour.service_date >= period.first,
            PumpPour.service_date < period.until,
            PumpPour.status != "given",
        )
        .order_by(PumpPour.recorded_at)
    )
    return Section(
        "pump_pours",
        "Pours that were not given",
        "21 CFR 1304.21",
        ("Asked", "Patient", "Asked mL", "Came out mL", "State", "Reason", "By"),
        [
            (
                f"{work.site.local(one.recorded_at):%d %b %Y %H:%M}",
                code,
                plain(Decimal(one.wanted_ul) / 1000),
                None if one.actual_ul is None else plain(Decimal(one.actual_ul) / 1000),
                one.status.label,
                one.reason,
                one.recorded_by_name,
            )
            for one, code in found
        ],
    )
