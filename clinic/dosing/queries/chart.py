"""One patient's dosing over time: orders, holds, doses, and the strip of the last days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

from clinic.core.service_dates import ONE_DAY
from clinic.core.units import plain
from clinic.data.work import Work
from clinic.dosing.facts import (
    DayTick,
    DoseGiven,
    DosingChart,
    HoldRecord,
    OrderInForce,
    ReportedOrder,
)
from clinic.dosing.models import DosingHold
from clinic.dosing.queries import covered, rows
from clinic.dosing.queries.orders import orders_of, reported_of
from clinic.dosing.queries.tables import DOSE
from clinic.sites import queries as sites
from clinic.stock.facts import Form

LAST_DAYS = 14


def chart(work: Work, *, patient_id: UUID) -> DosingChart:
    """Everything dosing knows of the patient."""
    orders = orders_of(work, patient_id=patient_id)
    reported = reported_of(work, patient_id=patient_id)
    return DosingChart(
        orders=orders,
        holds=_holds(work, patient_id),
        doses=doses_of(work, patient_id=patient_id),
        reported=reported,
        last_days=last_days(work, patient_id=patient_id, day=work.service_date),
        conflict=_conflict(orders, reported, work.service_date),
    )


def doses_of(
    work: Work, *, patient_id: UUID, first: date = date.min, until: date = date.max
) -> list[DoseGiven]:
    """Dose rows of ``[first, until)`` by date, voided ones among them, whatever the site."""
    found = work.session.connection().execute(
        sa.select(*rows.DOSE_COLUMNS)
        .select_from(rows.DOSES_WITH_VOIDS)
        .where(
            DOSE.c.patient_id == patient_id,
            DOSE.c.service_date >= first,
            DOSE.c.service_date < until,
        )
        .order_by(DOSE.c.service_date, DOSE.c.portion, DOSE.c.series)
    )
    return [rows.dose_of(row, work.site) for row in found.mappings()]


def last_days(work: Work, *, patient_id: UUID, day: date, days: int = LAST_DAYS) -> list[DayTick]:
    """What happened on each of the ``days`` days that end with ``day``."""
    first, until = day - timedelta(days=days - 1), day + ONE_DAY
    closed = sites.closed_dates(work, first=first, until=until)
    orders = orders_of(work, patient_id=patient_id)
    elsewhere = covered.of_patient(work, patient_id=patient_id, first=first, until=until)
    given: dict[date, list[DoseGiven]] = {}
    for dose in doses_of(work, patient_id=patient_id, first=first, until=until):
        given.setdefault(dose.service_date, []).append(dose)
    ticks = []
    for offset in range(days):
        one = first + timedelta(days=offset)
        ordered = any(order.covers(one) and order.form is not Form.INJECTION for order in orders)
        label, kind = _tick(given.get(one, []), ordered=ordered, closed=one in closed)
        if one in elsewhere and kind != "ok":
            label, kind = elsewhere[one], "info"
        if one == day and label in {"missed", "closed"}:
            label, kind = "not yet given", "neutral"
        ticks.append(DayTick(one, label, kind))
    return ticks


def _tick(doses: list[DoseGiven], *, ordered: bool, closed: bool) -> tuple[str, str]:
    live = [dose for dose in doses if dose.voided is None]
    if live:
        total = plain(sum((dose.dose_mg for dose in live), start=live[0].dose_mg * 0))
        return f"given {total} mg", "ok"
    if doses:
        return "voided", "attention"
    if not ordered:
        return "no order", "neutral"
    return ("closed", "info") if closed else ("missed", "stop")


def _holds(work: Work, patient_id: UUID) -> list[HoldRecord]:
    found = work.session.scalars(
        sa.select(DosingHold)
        .where(DosingHold.site_id == work.site.id, DosingHold.patient_id == patient_id)
        .order_by(DosingHold.recorded_at.desc())
    )
    return [
        HoldRecord(row.reason, row.note, row.recorded_at, row.recorded_by_name, row.cleared_at)
        for row in found
    ]


def _conflict(
    orders: Sequence[OrderInForce], reported: Sequence[ReportedOrder], day: date
) -> str | None:
    """Whether an agonist and naltrexone stand side by side, here or in another system's record."""
    listed = {order.medication for order in orders if order.covers(day)}
    listed |= {one.medication for one in reported if one.is_active}
    agonists = sorted(one.label for one in listed if one.is_agonist)
    blockers = [one.label for one in listed if one.excludes_agonists]
    if not agonists or not blockers:
        return None
    return (
        f"{' and '.join(agonists)} and {blockers[0].lower()} are both listed as active."
        " They exclude each other: find out what the patient takes."
    )
